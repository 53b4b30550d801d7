"""The nearest terms, on request chosen so that they say different things."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from embeddings.lab.given import Given, GivenField, GivenSerializer, terms_of
from embeddings.lab.operation import (
    Asked,
    Found,
    NumberField,
    Operation,
    PlacedHitSerializer,
    Result,
)
from embeddings.lab.workspace import Hit, Workspace
from embeddings.operations import Scores, diverse, spoken_of
from embeddings.vectors import Matrix, gap

POOL = 60  # candidates that the second view and maximal marginal relevance choose from
MOST = 50


@dataclass(frozen=True)
class Neighbour:
    """`score`: by two views of a term, else the cosine. `above`: the cosine less the background."""

    hit: Hit
    score: float
    above: float | None

    @property
    def percent(self) -> int:
        """`above`, of 1."""
        return max(0, round(100 * (self.above or 0)))


@dataclass(frozen=True)
class Near(Result):
    """The neighbours, and what they are read against.

    `background`: the mean cosine of the question to a sample of all senses; None while there is no
    sample. `gap`: how far the first score stands above the next ten. `alike`: the mean cosine
    between two of the neighbours, and `alike_plain` without maximal marginal relevance.
    """

    given: Given
    neighbours: list[Neighbour]
    background: float | None
    gap: float
    alike: float
    alike_plain: float


class NeighboursAsked(Asked):
    of = GivenField(help_text="A term, a sense, a text or a vector.")
    k = serializers.IntegerField(
        min_value=1, max_value=MOST, default=12, help_text="How many neighbours."
    )
    balance = NumberField(
        min_value=0.5,
        max_value=1,
        default=1,
        help_text="Lambda of maximal marginal relevance: 1 is nearness alone, less more variety.",
    )


class NeighbourSerializer(PlacedHitSerializer):
    score = serializers.FloatField(help_text="By two views where the question is a term.")
    above_background = serializers.FloatField(source="above", allow_null=True)


class NeighboursFound(Found):
    of = GivenSerializer(source="given")
    results = NeighbourSerializer(many=True, source="neighbours")
    background = serializers.FloatField(
        allow_null=True, help_text="The mean cosine to a sample of all senses."
    )
    gap = serializers.FloatField(help_text="Of the first score to the mean of the next ten.")
    alike = serializers.FloatField(help_text="The mean cosine between two of the neighbours.")
    alike_plain = serializers.FloatField(help_text="The same where nearness alone chooses.")


class Neighbours(Operation):
    title = _("Neighbours")
    lead = _("What lies nearest to a term, to words of your own, or to a vector.")
    defined_by = "embedding-space"
    examples = [
        {"of": "latent space"},
        {"of": "turning words into numbers", "k": "8"},
        {"of": "fine-tuning", "balance": "0.8"},
    ]
    Asked = NeighboursAsked
    Found = NeighboursFound

    def answer(self, workspace: Workspace, **asked: Any) -> Near:
        given, k = asked["of"], asked["k"]
        hits = workspace.near(given.vector, max(POOL, k), without=terms_of(given))
        vectors = workspace.entries(hit.sense.pk for hit in hits)
        scores = two_views(workspace, given, hits)
        plain = np.argsort(-scores, kind="stable")[:k].tolist()
        chosen = plain if asked["balance"] == 1 else diverse(scores, vectors, k, asked["balance"])
        backdrop = workspace.backdrop
        background = float(backdrop.sample.mean @ given.vector) if backdrop else None
        return Near(
            given,
            [neighbour(hits[row], float(scores[row]), background) for row in chosen],
            background,
            gap(scores[plain]) if len(plain) > 1 else 0.0,
            alike(vectors[chosen]),
            alike(vectors[plain]),
            vectors={"of": given.vector, "results": vectors[chosen]},
        )


def neighbour(hit: Hit, score: float, background: float | None) -> Neighbour:
    above = None if background is None else round(hit.cosine - background, 4)
    return Neighbour(hit, round(score, 4), above)


def two_views(workspace: Workspace, given: Given, hits: list[Hit]) -> Scores:
    """(n,): the cosine of the entries and, for a sense, that of definition and name, as related.py
    has it."""
    cosines = np.array([hit.cosine for hit in hits], dtype=np.float32)
    if given.sense is None or not hits:
        return cosines
    entry, name = (workspace.space.relatedness[view] for view in ("entry", "definition_name"))
    mine, theirs = (
        [workspace.entries(senses, view) for view in ("definition", "name")]
        for senses in ([given.sense.pk], [hit.sense.pk for hit in hits])
    )
    told = spoken_of(*mine, *theirs)[0]
    return np.asarray((entry * cosines + name * told) / (entry + name))


def alike(vectors: Matrix) -> float:
    """The mean cosine between two different rows; 0 for fewer than two.

    >>> alike(np.array([[1, 0], [0, 1], [1, 0]], dtype=np.float32))
    0.3333
    """
    count = len(vectors)
    if count < 2:
        return 0.0
    return round(float((vectors @ vectors.T).sum() - count) / (count * (count - 1)), 4)
