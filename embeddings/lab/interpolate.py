"""The way from one meaning to another, and the terms that are met on it."""

from dataclasses import dataclass
from itertools import groupby
from typing import Any

import numpy as np
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from embeddings import operations
from embeddings.lab.backdrop import Sample
from embeddings.lab.given import Given, GivenField, GivenSerializer, terms_of
from embeddings.lab.operation import (
    Asked,
    Found,
    HitSerializer,
    NumberField,
    Operation,
    PlacedHitSerializer,
    Result,
)
from embeddings.lab.workspace import Hit, Workspace
from embeddings.operations import Impossible
from embeddings.vectors import Matrix, unit

MOST_STEPS = 21
SHOWN = 10
WIDTH = 600  # of the drawing
CHAINS = 2_000  # of curated relations, on which the midpoint is measured


@dataclass(frozen=True)
class Step:
    """A point of the way, `share` of it behind, and the term nearest to it."""

    share: float
    hit: Hit


@dataclass(frozen=True)
class Way(Result):
    """`hits` are near the point at `share`; `from_one`, `from_other`, the control, near the end."""

    one: Given
    other: Given
    cosine: float
    share: float
    steps: list[Step]
    hits: list[Hit]
    from_one: list[Hit]
    from_other: list[Hit]
    bridges: dict[str, Any] | None

    @property
    def met(self) -> list[list[Step]]:
        """The steps, those in a row together that meet the same term."""
        runs = groupby(self.steps, key=lambda step: step.hit.term.pk)
        return [list(run) for _term, run in runs]

    @property
    def drawn(self) -> list[dict[str, float]]:
        """Where each run of `met` lies on a line of WIDTH, and how high its number stands."""
        return [
            {
                "left": round(WIDTH * run[0].share, 1),
                "right": round(WIDTH * run[-1].share, 1),
                "middle": round(WIDTH * (run[0].share + run[-1].share) / 2, 1),
                "height": 30 if place % 2 else 12,
            }
            for place, run in enumerate(self.met)
        ]

    @property
    def here(self) -> float:
        return round(WIDTH * self.share, 1)

    @property
    def found_by_neither(self) -> set[int]:
        """Terms near the point that are near neither of the ends."""
        ends = {hit.term.pk for hit in [*self.from_one, *self.from_other]}
        return {hit.term.pk for hit in self.hits} - ends


class InterpolateAsked(Asked):
    one = GivenField(help_text="Where the way begins.")
    other = GivenField(help_text="Where it ends.")
    share = NumberField(min_value=0, max_value=1, default=0.5, help_text="How far to go: 0 … 1.")
    steps = serializers.IntegerField(
        min_value=3, max_value=MOST_STEPS, default=11, help_text="Points on the way."
    )
    way = serializers.ChoiceField(
        ["spherical", "linear"],
        default="spherical",
        help_text="Even steps of the angle, or of the chord.",
    )


class WayPointSerializer(PlacedHitSerializer):
    share = serializers.FloatField()


class BridgesSerializer(serializers.Serializer[Any]):
    """How often the term that links two others is among the ten nearest."""

    chains = serializers.IntegerField(help_text="Chains of curated relations that were tried.")
    midpoint = serializers.FloatField(help_text="To the midpoint of the two.")
    end = serializers.FloatField(help_text="To one of them, the better one on the whole.")


class InterpolateFound(Found):
    one = GivenSerializer()
    other = GivenSerializer()
    cosine = serializers.FloatField(help_text="Of the two ends.")
    steps = WayPointSerializer(many=True)
    results = HitSerializer(many=True, source="hits", help_text="Near the point at `share`.")
    from_one = HitSerializer(many=True, help_text="The control: near the one end.")
    from_other = HitSerializer(many=True)
    bridges = BridgesSerializer(allow_null=True, help_text="Measured on this glossary.")


class Interpolate(Operation):
    title = _("Interpolate")
    lead = _("Go from one meaning to another, and see which terms lie on the way.")
    examples = [
        {"one": "recall", "other": "precision"},
        {"one": "tokenizer", "other": "vector database"},
        {"one": "a picture made by a machine", "other": "glossary", "share": "0.6"},
    ]
    Asked = InterpolateAsked
    Found = InterpolateFound

    def answer(self, workspace: Workspace, **asked: Any) -> Way:
        one, other = asked["one"], asked["other"]
        shares = np.linspace(0, 1, asked["steps"])
        points = operations.interpolate(
            one.vector,
            other.vector,
            [*shares, asked["share"], 0, 1],
            spherical=asked["way"] == "spherical",
        )
        found = workspace.near_each(points, SHOWN, without=terms_of(one, other))
        if not all(found):
            raise Impossible(_("There is nothing else in the glossary to meet on the way."))
        *along, hits, from_one, from_other = found
        return Way(
            one,
            other,
            round(float(one.vector @ other.vector), 4),
            asked["share"],
            [Step(round(float(at), 4), near[0]) for at, near in zip(shares, along, strict=True)],
            hits,
            from_one,
            from_other,
            workspace.figures("bridge") or None,
            vectors={"steps": points[: len(shares)], "share": points[-3]},
        )


def bridges(sample: Sample) -> dict[str, Any]:
    """How often the middle term of a chain of curated relations, A – B – C with A and C unrelated,
    is among the ten nearest to the midpoint of A and C, and how often to one end alone."""
    chains = chains_of(sample.relations, CHAINS)
    if not len(chains):
        return {}
    one, other = sample.vectors[chains[:, 0]], sample.vectors[chains[:, 2]]
    asked = {"midpoint": unit(one + other), "one": one, "other": other}
    rates = {
        name: float((ranks(points, sample.vectors, chains) <= SHOWN).mean())
        for name, points in asked.items()
    }
    return {
        "chains": len(chains),
        "midpoint": round(rates["midpoint"], 4),
        "end": round(max(rates["one"], rates["other"]), 4),
    }


def chains_of(relations: Any, most: int) -> Any:
    """(m, 3) rows A, B, C: A – B and B – C are related, A and C not; at random beyond `most`."""
    around: dict[int, set[int]] = {}
    for one, other in relations.tolist():
        around.setdefault(one, set()).add(other)
        around.setdefault(other, set()).add(one)
    found = [
        (one, middle, other)
        for middle, ends in sorted(around.items())
        for one in sorted(ends)
        for other in sorted(ends - around[one])
        if one < other
    ]
    chosen = np.random.default_rng(0).permutation(len(found))[:most]
    return np.array(found, dtype=np.int64).reshape(-1, 3)[chosen]


def ranks(points: Matrix, vectors: Matrix, chains: Any) -> Any:
    """(m,): the place of each chain's middle among all vectors near its point, without its ends."""
    cosines = points @ vectors.T
    rows = np.arange(len(chains))
    wanted = cosines[rows, chains[:, 1]]
    for end in (0, 2):
        cosines[rows, chains[:, end]] = -1
    return (cosines > wanted[:, None]).sum(axis=1) + 1
