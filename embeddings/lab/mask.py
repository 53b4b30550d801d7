"""A space of fewer dimensions, and what it leaves of the neighbours."""

import re
from dataclasses import dataclass
from typing import Any

import numpy as np
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from embeddings.lab.given import Given, GivenField, GivenSerializer, terms_of
from embeddings.lab.kept import ORDERS, WIDTH, drawing, ordered
from embeddings.lab.operation import Asked, Found, HitSerializer, Operation, Result
from embeddings.lab.workspace import Hit, Workspace
from embeddings.operations import Impossible, masked, rest
from embeddings.vectors import Matrix, Vector

POOL = 500  # the nearest terms by all dimensions, among which the mask ranks
SHOWN = 10
DRAWS = 20
MOST = 4_000  # dimensions that an index takes
RANGE = re.compile(r"(\d{1,4})(?:\s*[-–]\s*(\d{1,4}))?")


@dataclass(frozen=True)
class Masked(Result):
    """`hits`: by the dimensions that are `kept`. `whole`, the control: by all of them.

    `by_chance`: how many of the first ten stay on the average where as many raw dimensions are
    drawn at random. `among`: how many terms were ranked. `figures`: of lab/kept.py.
    """

    given: Given
    dimensions: int
    order: str
    k: int
    kept: int
    hits: list[Hit]
    whole: list[Hit]
    by_chance: float
    among: int
    figures: dict[str, Any]

    @property
    def came(self) -> set[int]:
        """Terms that are among the first ten by the mask alone."""
        return {hit.term.pk for hit in self.hits} - {hit.term.pk for hit in self.whole}

    @property
    def went(self) -> set[int]:
        return {hit.term.pk for hit in self.whole} - {hit.term.pk for hit in self.hits}

    @property
    def overlap(self) -> int:
        return len(self.whole) - len(self.went)

    @property
    def is_all(self) -> bool:
        """Whether the glossary has no terms beside those that were ranked."""
        return self.among < POOL

    @property
    def drawing(self) -> dict[str, Any]:
        here = f"{WIDTH * self.k / self.dimensions:.1f}"
        return drawing(self.figures["rows"], self.dimensions) | {"here": here}

    @property
    def table(self) -> list[dict[str, Any]]:
        """The measured shares by k, and at k those of each order."""
        rows = self.figures.get("rows", [])
        return [
            {"k": k, "orders": [row for row in rows if row["k"] == k]}
            for k in dict.fromkeys(row["k"] for row in rows)
        ]


class MaskAsked(Asked):
    of = GivenField(help_text="A term, a sense, a text or a vector.")
    k = serializers.IntegerField(
        min_value=1, max_value=MOST, default=128, help_text="How many dimensions are kept."
    )
    order = serializers.ChoiceField(
        ORDERS,
        default=ORDERS[0],
        help_text="Which come first: principal axes; raw dimensions, the most variant first; or"
        " raw dimensions as they come.",
    )
    without = serializers.CharField(
        max_length=200,
        allow_blank=True,
        default="",
        help_text="Places in that order, from 0, that are left out as well, such as `0-63, 200`.",
    )

    def validate_without(self, text: str) -> frozenset[int]:
        return places(text, self.context["workspace"].space.dimensions)


def places(text: str, dimensions: int) -> frozenset[int]:
    """What a list such as `0-2, 7` names. Raises ValidationError for what is no place.

    >>> sorted(places("0-2, 7", 384))
    [0, 1, 2, 7]
    """
    found: set[int] = set()
    for part in filter(None, (part.strip() for part in text.split(","))):
        match = RANGE.fullmatch(part)
        if match is None:
            message = gettext("“%(part)s” is neither a number nor a range such as 0-63.")
            raise serializers.ValidationError(message % {"part": part[:24]})
        first, last = int(match[1]), int(match[2] or match[1])
        if not first <= last < dimensions:
            message = gettext("Dimensions are numbered from 0 to %(last)d; a range begins below.")
            raise serializers.ValidationError(message % {"last": dimensions - 1})
        found.update(range(first, last + 1))
    return frozenset(found)


class ShareSerializer(serializers.Serializer[Any]):
    k = serializers.IntegerField()
    order = serializers.ChoiceField(ORDERS)
    examples = serializers.FloatField(
        allow_null=True, help_text="Of the mean reciprocal rank of the entry an example is of."
    )
    related = serializers.FloatField(allow_null=True, help_text="Of the nDCG@10 of relations.")


class MaskFound(Found):
    of = GivenSerializer(source="given")
    dimensions = serializers.IntegerField(help_text="Of the space.")
    kept = serializers.IntegerField(help_text="Of them, after what is left out.")
    results = HitSerializer(many=True, source="hits", help_text="Near by what is kept.")
    control = HitSerializer(many=True, source="whole", help_text="Near by all dimensions.")
    overlap = serializers.IntegerField(help_text="How many are among the first ten of both.")
    by_chance = serializers.FloatField(
        help_text="The same where as many raw dimensions are drawn at random."
    )
    among = serializers.IntegerField(help_text="Terms that were ranked.")
    shares = ShareSerializer(
        many=True,
        source="figures.rows",
        default=[],
        help_text="Measured on this glossary: the share of what all dimensions find.",
    )


class Mask(Operation):
    title = _("Mask")
    lead = _("Leave out dimensions of the space, and see which neighbours stay.")
    examples = [
        {"of": "information retrieval", "k": "64"},
        {"of": "masked language model", "k": "32", "order": "first"},
        {"of": "uncertainty", "k": "384", "without": "0-7"},
    ]
    Asked = MaskAsked
    Found = MaskFound

    def answer(self, workspace: Workspace, **asked: Any) -> Masked:
        given, dimensions = asked["of"], workspace.space.dimensions
        hits = workspace.near(given.vector, POOL, without=terms_of(given))
        vectors = workspace.entries(hit.sense.pk for hit in hits)
        axes = kept_axes(workspace, asked)
        cosines = cosines_by(axes, given.vector, vectors)
        order = np.argsort(-cosines, kind="stable")[:SHOWN]
        return Masked(
            given,
            dimensions,
            asked["order"],
            min(asked["k"], dimensions),
            len(axes),
            [Hit(hits[row].term, hits[row].sense, round(float(cosines[row]), 4)) for row in order],
            hits[:SHOWN],
            staying_by_chance(given.vector, vectors, len(axes)),
            len(hits),
            workspace.figures("mask"),
            vectors={"of": masked(given.vector[None], axes)[0]},
        )


def kept_axes(workspace: Workspace, asked: dict[str, Any]) -> Matrix:
    """(kept, d). Raises Impossible where the mask leaves none, or before axes are measured."""
    if asked["order"] == "first":
        axes = np.eye(workspace.space.dimensions, dtype=np.float32)
    elif workspace.backdrop is None:
        raise Impossible(_("The axes of this space are not measured yet; try again in a minute."))
    else:
        axes = ordered(workspace.backdrop.sample, asked["order"])
    rows = [row for row in range(min(asked["k"], len(axes))) if row not in asked["without"]]
    return axes[rows]


def cosines_by(axes: Matrix, vector: Vector, vectors: Matrix) -> Any:
    """(n,): by what is left of the vectors. Raises Impossible where nothing is of the first."""
    left = masked(vector[None], axes)
    if not left.any():
        raise Impossible(_("The mask leaves nothing of what was given."))
    return masked(vectors, axes) @ left[0]


def staying_by_chance(vector: Vector, vectors: Matrix, count: int) -> float:
    """How many of the first ten vectors stay so by `count` raw dimensions drawn at random: a mean
    of DRAWS."""
    dice, staying = np.random.default_rng(0), []
    for _draw in range(DRAWS):
        drawn = dice.permutation(len(vector))[:count]
        order = np.argsort(-(rest(vectors[:, drawn]) @ rest(vector[None, drawn])[0]))
        staying.append(int((order[:SHOWN] < SHOWN).sum()))
    return round(float(np.mean(staying)), 1)
