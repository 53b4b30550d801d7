"""An answer in several steps inside the space: the question moved by what it finds, hop by hop."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from django.utils.translation import gettext_lazy as _
from numpy.typing import NDArray
from rest_framework import serializers

from embeddings.lab import feedback
from embeddings.lab.backdrop import FEWEST, RIDGE, Sample
from embeddings.lab.finding import Rows, drawn, mean, reciprocal_ranks
from embeddings.lab.given import Given, GivenField, GivenSerializer, terms_of
from embeddings.lab.operation import Asked, Found, HitSerializer, Operation, Result
from embeddings.lab.workspace import Hit, Workspace
from embeddings.measures import DEPTH, interval
from embeddings.models import Tuning
from embeddings.operations import Impossible, guided, linear_map
from embeddings.vectors import Matrix, Vector, gap, unit

HOPS = 4
CLOSER, PULL = 3, 0.4  # blind feedback: so many of the nearest pull, together by so much
MIX = 0.5  # of the way that the learned linear step leads: docs/lab.md
ASKED = 600  # questions at the most, on which the verdict rests
LAST_TUNING = 10**9 - 1


@dataclass(frozen=True)
class Hop:
    """`moved`: the angle, in degrees, from the question before. `entered`: terms that are new."""

    number: int
    moved: float
    hits: list[Hit]
    gap: float
    entered: set[int]


@dataclass(frozen=True)
class Reasoning(Result):
    """Hop 0 is the plain answer, the control. `rests`: it stopped, as the last hop gained nothing.

    `verdict`: what such hops were worth on this glossary's own examples (`verdict` below), or of
    the state fed back (lab/feedback.py) on the terms that its tuning held out.
    """

    given: Given
    how: str
    hops: list[Hop]
    rests: bool
    verdict: dict[str, Any]

    @property
    def lines(self) -> list[str]:
        """Of each term that is there more than once the points of its ranks, for a drawing."""
        places: dict[int, list[tuple[int, int]]] = {}
        for hop in self.hops:
            for rank, hit in enumerate(hop.hits):
                places.setdefault(hit.term.pk, []).append((hop.number, rank))
        return [
            " ".join(f"{x * 100},{y * 20}" for x, y in found)
            for found in places.values()
            if len(found) > 1
        ]

    @property
    def width(self) -> int:
        """Of the drawing."""
        return 100 * len(self.hops) - 80

    @property
    def measured(self) -> dict[str, Any] | None:
        """The verdict on this way of reasoning."""
        found: dict[str, Any] | None = self.verdict.get("ways", {}).get(self.how)
        return found


class ReasonAsked(Asked):
    question = GivenField(help_text="A question in words, a term, a sense or a vector.")
    how = serializers.ChoiceField(
        ["blind", "linear", "feedback"],
        default="blind",
        help_text="Moved by its own nearest entries, by a linear map learned from examples, or by"
        " what the model made of its words, read once more with them (one hop, of words only).",
    )
    hops = serializers.IntegerField(
        min_value=1, max_value=HOPS, default=2, help_text="How often it is moved, at the most."
    )
    tuned = serializers.IntegerField(
        min_value=1,
        max_value=LAST_TUNING,
        default=None,
        help_text="With feedback: the number of its tuning; the newest if left out.",
    )


class HopSerializer(serializers.Serializer[Any]):
    number = serializers.IntegerField(help_text="0 is the plain answer.")
    moved = serializers.FloatField(help_text="Degrees from the hop before.")
    gap = serializers.FloatField(help_text="Of the first cosine to the mean of the next ten.")
    results = HitSerializer(many=True, source="hits")


class ReasonFound(Found):
    question = GivenSerializer(source="given")
    hops = HopSerializer(many=True)
    rests = serializers.BooleanField(help_text="Whether the last hop changed nothing.")
    verdict = serializers.DictField(
        help_text="Measured on this glossary's examples, or by the tuning on terms that it held"
        " out; empty until it is."
    )


class Reason(Operation):
    title = _("Reason in hops")
    lead = _("Let a question move itself toward what it finds, and see whether that helps.")
    defined_by = "latent-reasoning"
    examples = [
        {"question": "how a program decides which word comes next"},
        {"question": "numbers that say how alike two texts are", "how": "linear"},
    ]
    Asked = ReasonAsked
    Found = ReasonFound

    def answer(self, workspace: Workspace, **asked: Any) -> Reasoning:
        given, how = asked["question"], asked["how"]
        if how == "feedback":
            return fed_back(workspace, given, feedback.chosen(workspace.space, asked["tuned"]))
        hops, points = [first(workspace, given)], [given.vector]
        while len(hops) <= asked["hops"]:
            points.append(moved(workspace, how, points[-1], hops[-1].hits))
            hops.append(next_hop(workspace, given, points, hops[-1]))
            if not hops[-1].entered:
                break
        rests = not hops[-1].entered
        verdict = workspace.figures("reason")
        return Reasoning(given, how, hops, rests, verdict, vectors={"hops": np.stack(points)})


def fed_back(workspace: Workspace, given: Given, tuning: Tuning) -> Reasoning:
    """The plain answer, and the one hop that the tuning's graph has."""
    points = [given.vector, feedback.read_again(given, tuning)]
    plain = first(workspace, given)
    hop = next_hop(workspace, given, points, plain)
    found, vectors = feedback.verdict(tuning), {"hops": np.stack(points)}
    return Reasoning(given, "feedback", [plain, hop], not hop.entered, found, vectors=vectors)


def first(workspace: Workspace, given: Given) -> Hop:
    hits = workspace.near(given.vector, DEPTH, without=terms_of(given))
    if not hits:
        raise Impossible(_("There is nothing else in the glossary to reason about."))
    return Hop(0, 0.0, hits, gap_of(hits), set())


def next_hop(workspace: Workspace, given: Given, points: list[Vector], before: Hop) -> Hop:
    hits = workspace.near(points[-1], DEPTH, without=terms_of(given))
    cosine = float(np.clip(points[-1] @ points[-2], -1, 1))
    entered = {hit.term.pk for hit in hits} - {hit.term.pk for hit in before.hits}
    degrees = round(float(np.degrees(np.arccos(cosine))), 1)
    return Hop(before.number + 1, degrees, hits, gap_of(hits), entered)


def gap_of(hits: list[Hit]) -> float:
    return round(gap(np.array([hit.cosine for hit in hits])), 4)


def moved(workspace: Workspace, how: str, asked: Vector, hits: list[Hit]) -> Vector:
    if how == "linear":
        stored = workspace.backdrop.step if workspace.backdrop else None
        if stored is None:
            raise Impossible(_("No linear step has been learned here: it takes ten examples."))
        step = np.frombuffer(stored, np.float16).reshape(len(asked), -1).astype(np.float32)
        return stepped(asked[None], step)[0]
    return drawn_on(asked, workspace.entries(hit.sense.pk for hit in hits[:CLOSER]))


def drawn_on(asked: Vector, nearest: Matrix) -> Vector:
    """(d,): blind relevance feedback, the question pulled by the middle of what it found.

    Rocchio 1971, without a reader who marks.
    """
    return guided(asked, nearest, nearest[:0], pull=PULL / len(nearest), push=0)


def stepped(asked: Matrix, step: Matrix) -> Matrix:
    """(n, d): each a share of the way to where a linear map takes it."""
    return unit((1 - MIX) * asked + MIX * asked @ step)


def learned(sample: Sample, rows: Rows) -> Matrix:
    return linear_map(sample.examples[rows], sample.vectors[rows], RIDGE)


def verdict(sample: Sample) -> dict[str, Any]:
    """Whether hops help: the mean reciprocal rank of the entry that an example is of, after each.

    Of the difference to the plain answer a 95% interval by paired bootstrap (Efron 1979). The
    linear step of one half of the examples is learned from the other.
    """
    rows = drawn(np.flatnonzero(sample.examples.any(axis=1)), ASKED)
    if len(rows) < FEWEST:
        return {}
    halves = [(rows[::2], learned(sample, rows[1::2])), (rows[1::2], learned(sample, rows[::2]))]
    order = np.concatenate([half for half, _step in halves])
    points = dict.fromkeys(("blind", "linear"), sample.examples[order])
    plain = reciprocal_ranks(points["blind"], sample.vectors, order)
    ways: dict[str, list[dict[str, float]]] = {name: [] for name in points}
    for _hop in range(2):
        points["blind"] = np.stack([blindly(sample, point) for point in points["blind"]])
        sides = np.split(points["linear"], [len(halves[0][0])])
        points["linear"] = np.concatenate(
            [stepped(side, step) for side, (_half, step) in zip(sides, halves, strict=True)]
        )
        for name, hops in ways.items():
            ranks = reciprocal_ranks(points[name], sample.vectors, order)
            hops.append(compared(plain, ranks))
    return {"questions": len(order), "plain": mean(plain), "ways": ways}


def blindly(sample: Sample, asked: Vector) -> Vector:
    nearest = np.argpartition(-(sample.vectors @ asked), CLOSER)[:CLOSER]
    return drawn_on(asked, sample.vectors[nearest])


def compared(plain: NDArray[np.float64], other: NDArray[np.float64]) -> dict[str, float]:
    """`mrr` of the other, and the interval of its difference, `low` to `high`."""
    low, high = interval(other - plain)
    return {"mrr": mean(other), "low": round(low, 4), "high": round(high, 4)}
