"""Two meanings beside each other: how near they are, against all pairs, and whom both have near."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from numpy.typing import NDArray
from rest_framework import serializers

from embeddings.lab.backdrop import Sample
from embeddings.lab.given import Given, GivenField, GivenSerializer, terms_of
from embeddings.lab.operation import Asked, Found, HitSerializer, Operation, Result
from embeddings.lab.workspace import Hit, Workspace
from embeddings.operations import Scores

MOST = 50
DRAWN_PAIRS = 500  # whose neighbours are compared for the control
BARS = 50
FROM = -0.2  # the cosine where the drawing begins; it ends at 1
WIDTH, HEIGHT = 600, 120
AGAINST = ("random", "related")


@dataclass(frozen=True)
class Spread:
    """Where the cosines of many pairs lie: the quantiles at 5, 50 and 95%, and the share, in per
    cent, that is less near than the two that were asked for."""

    of: str
    low: float
    middle: float
    high: float
    below: float


@dataclass(frozen=True)
class Shared:
    """A term near both, and its cosine to each."""

    one: Hit
    other: Hit


@dataclass(frozen=True)
class Company:
    """How many of the neighbours two have in common: these, two at random, two that are related."""

    k: int
    shared: int
    random: float | None
    related: float | None


@dataclass(frozen=True)
class Pair(Result):
    """`spreads` and `bars` are the control, empty while there is no sample."""

    one: Given
    other: Given
    cosine: float
    spreads: list[Spread]
    bars: list[dict[str, int]]
    both: list[Shared]
    only_one: list[Hit]
    only_other: list[Hit]
    company: Company

    @property
    def percentile(self) -> float | None:
        """The share, in per cent, of all pairs that are less near; None without a sample."""
        return self.spreads[0].below if self.spreads else None

    @property
    def related(self) -> Spread | None:
        return self.spreads[1] if len(self.spreads) > 1 else None

    @property
    def curve(self) -> str:
        """The points of the line along the related pairs' bars."""
        return " ".join(f"{bar['x'] + WIDTH // BARS // 2},{bar['related']}" for bar in self.bars)

    @property
    def here(self) -> int:
        """Where the cosine lies in the drawing."""
        return left(self.cosine)

    @property
    def url(self) -> str:
        """Of the two entries side by side; "" where one is no term, or both are the same."""
        one, other = self.one.term, self.other.term
        if not one or not other or one == other:
            return ""
        return reverse("compare", args=[one.language, one.slug, other.slug])


class CompareAsked(Asked):
    one = GivenField(help_text="A term, a sense, a text or a vector.")
    other = GivenField(help_text="What it is compared to.")
    k = serializers.IntegerField(
        min_value=1, max_value=MOST, default=10, help_text="How many neighbours of each."
    )


class SpreadSerializer(serializers.Serializer[Any]):
    of = serializers.ChoiceField(AGAINST, help_text="All pairs, or those that editors related.")
    low = serializers.FloatField(help_text="5% of the cosines are below.")
    middle = serializers.FloatField(help_text="The median.")
    high = serializers.FloatField(help_text="95% are below.")
    below = serializers.FloatField(help_text="Per cent that are less near than these two.")


class SharedSerializer(serializers.Serializer[Any]):
    one = HitSerializer()
    other = HitSerializer()


class CompanySerializer(serializers.Serializer[Any]):
    """Of the k nearest of each, how many are near both; and of how many one would expect it."""

    k = serializers.IntegerField()
    shared = serializers.IntegerField()
    random = serializers.FloatField(allow_null=True, help_text="The control: two at random.")
    related = serializers.FloatField(allow_null=True, help_text="Two that editors related.")


class CompareFound(Found):
    one = GivenSerializer()
    other = GivenSerializer()
    cosine = serializers.FloatField()
    percentile = serializers.FloatField(
        allow_null=True, help_text="Per cent of all pairs that are less near."
    )
    spreads = SpreadSerializer(many=True, help_text="The control: cosines of other pairs.")
    both = SharedSerializer(many=True, help_text="Near both, with the cosine to each.")
    only_one = HitSerializer(many=True)
    only_other = HitSerializer(many=True)
    company = CompanySerializer()


class Compare(Operation):
    title = _("Compare")
    lead = _("How near two meanings are, against all other pairs, and what both have near them.")
    defined_by = "embedding-space"
    examples = [
        {"one": "tokenizer", "other": "token"},
        {"one": "lemma", "other": "vector database"},
        {"one": "a list of words and what they mean", "other": "glossary"},
    ]
    Asked = CompareAsked
    Found = CompareFound

    def answer(self, workspace: Workspace, **asked: Any) -> Pair:
        one, other, k = asked["one"], asked["other"], asked["k"]
        cosine = round(float(np.clip(one.vector @ other.vector, -1, 1)), 4)
        points = np.stack([one.vector, other.vector])
        near_one, near_other = workspace.near_each(points, k, without=terms_of(one, other))
        both = shared(near_one, near_other)
        common = {each.one.term.pk for each in both}
        sample = workspace.backdrop.sample if workspace.backdrop else None
        return Pair(
            one,
            other,
            cosine,
            spreads(sample, cosine) if sample else [],
            bars(sample) if sample else [],
            both,
            [hit for hit in near_one if hit.term.pk not in common],
            [hit for hit in near_other if hit.term.pk not in common],
            expected(workspace.figures("company"), k, len(both)),
            vectors={"one": one.vector, "other": other.vector},
        )


def shared(near_one: list[Hit], near_other: list[Hit]) -> list[Shared]:
    """Those near both, the nearest to the two together first."""
    others = {hit.term.pk: hit for hit in near_other}
    both = [Shared(hit, others[hit.term.pk]) for hit in near_one if hit.term.pk in others]
    return sorted(both, key=lambda each: -(each.one.cosine + each.other.cosine))


def expected(figures: dict[str, Any], k: int, count: int) -> Company:
    """Beside what was measured for that k, which may be fewer than all (`company`)."""
    usual = {of: figures[of][k - 1] if of in figures else None for of in AGAINST}
    return Company(k, count, **usual)


def spreads(sample: Sample, cosine: float) -> list[Spread]:
    """Of all pairs, and of those that are related where there are any."""
    many = {"random": sample.cosines, "related": related_cosines(sample)}
    return [spread(of, cosines, cosine) for of, cosines in many.items() if len(cosines)]


def related_cosines(sample: Sample) -> Scores:
    """(m,) ascending."""
    one, other = (sample.vectors[sample.relations[:, end]] for end in (0, 1))
    return np.sort(np.einsum("nd,nd->n", one, other))


def spread(of: str, cosines: Scores, cosine: float) -> Spread:
    low, middle, high = (round(float(at), 4) for at in np.quantile(cosines, [0.05, 0.5, 0.95]))
    below = np.searchsorted(cosines, cosine) * 1000 // len(cosines) / 10  # 100 only where all are
    return Spread(of, low, middle, high, float(below))


def left(cosine: float) -> int:
    """Where a cosine lies in the drawing.

    >>> left(-0.2), left(0.4), left(1), left(-0.7)
    (0, 300, 600, 0)
    """
    return round(WIDTH * min(1, max(0, (cosine - FROM) / (1 - FROM))))


def bars(sample: Sample) -> list[dict[str, int]]:
    """The histograms of all pairs and of related ones, each as high as the drawing allows."""
    edges = np.linspace(FROM, 1, BARS + 1)
    heights = [tall(cosines, edges) for cosines in (sample.cosines, related_cosines(sample))]
    return [
        {"x": left(edge), "all": whole, "top": HEIGHT - whole, "related": HEIGHT - part}
        for edge, whole, part in zip(edges[:-1], *heights, strict=True)
    ]


def tall(cosines: Scores, edges: NDArray[np.float64]) -> list[int]:
    counts, _edges = np.histogram(cosines, edges)
    heights: list[int] = np.rint(HEIGHT * counts / max(1, counts.max())).astype(int).tolist()
    return heights


def company(sample: Sample) -> dict[str, Any]:
    """For each k up to MOST, how many of the k nearest two senses share on the average."""
    dice, count = np.random.default_rng(0), len(sample.senses)
    drawn = {
        "random": dice.integers(count, size=(DRAWN_PAIRS, 2)),
        "related": dice.permutation(sample.relations)[:DRAWN_PAIRS],
    }
    return {
        of: usually_shared(sample, pairs[sample.terms[pairs[:, 0]] != sample.terms[pairs[:, 1]]])
        for of, pairs in drawn.items()
        if len(pairs)
    }


def usually_shared(sample: Sample, pairs: NDArray[np.int64]) -> list[float]:
    """By k − 1. A neighbour that is among the first i of one and j of the other counts from
    max(i, j) on."""
    from_when = np.zeros(MOST + 1)
    for one, other in pairs:
        places = [places_near(sample, row, (one, other)) for row in (one, other)]
        for term in places[0].keys() & places[1].keys():
            from_when[max(places[0][term], places[1][term])] += 1
    return (from_when[1:].cumsum() / max(1, len(pairs))).round(3).tolist()


def places_near(sample: Sample, row: int, without: tuple[int, ...]) -> dict[int, int]:
    """The MOST terms nearest to a row of the sample, and the place of each, from 1."""
    order = np.argsort(-(sample.vectors @ sample.vectors[row]))
    named = {int(sample.terms[each]) for each in without}
    terms = dict.fromkeys(int(sample.terms[each]) for each in order[: 4 * MOST])
    near = [term for term in terms if term not in named]
    return {term: place for place, term in enumerate(near[:MOST], 1)}
