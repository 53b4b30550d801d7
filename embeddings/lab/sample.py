"""Points drawn around a meaning, and the terms that they fall on."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from embeddings import operations
from embeddings.lab.given import Given, GivenField, GivenSerializer
from embeddings.lab.operation import (
    Asked,
    Found,
    HitSerializer,
    Operation,
    PlacedHitSerializer,
    Result,
)
from embeddings.lab.workspace import Hit, Workspace
from embeddings.operations import Impossible
from embeddings.vectors import Matrix, Vector, unit

MOST = 50
SHOWN = 10
CLOSEST = 3  # of each point; another term than home is among them
MOST_SEED = 2**31 - 1
EDGE = 200  # of the drawing: from its middle to the widest ring
DIRECTIONS = ("glossary", "even")


@dataclass(frozen=True)
class Point:
    """`angle`: degrees from the centre. `way`: its direction in the drawing, a unit vector.

    `stays`: whether no term is nearer to it than home. `hit`: the nearest other one.
    """

    angle: float
    way: tuple[float, float]
    stays: bool
    hit: Hit


@dataclass(frozen=True)
class Met:
    """A term that so many points are next to, the nearest of them at `angle` degrees."""

    hit: Hit
    points: int
    angle: float


@dataclass(frozen=True)
class Sampled(Result):
    """`home`: the term nearest to the centre, which is the term that was given where one was.

    `near`, the control: its plain neighbours. `otherwise`, another: how many points stay at home
    where as many are drawn in directions of the other kind; None while there is no backdrop.
    """

    given: Given
    radius: int
    seed: int
    directions: str
    home: Hit
    points: list[Point]
    near: list[Hit]
    otherwise: int | None

    @property
    def staying(self) -> int:
        return sum(point.stays for point in self.points)

    @cached_property
    def met(self) -> list[Met]:
        """The terms that points are next to, those of most points first."""
        on: dict[int, list[Point]] = {}
        for point in self.points:
            on.setdefault(point.hit.term.pk, []).append(point)
        met = [
            Met(these[0].hit, len(these), min(point.angle for point in these))
            for these in on.values()
        ]
        return sorted(met, key=lambda each: (-each.points, each.angle))

    @property
    def beyond(self) -> set[int]:
        """Those that are not among the neighbours."""
        return {each.hit.term.pk for each in self.met} - {hit.term.pk for hit in self.near}

    @property
    def next_seed(self) -> int:
        return (self.seed + 1) % (MOST_SEED + 1)

    @property
    def drawing(self) -> dict[str, Any]:
        """Rings of equal angles and the points on them, each with its term's place in `met`."""
        places = {each.hit.term.pk: place for place, each in enumerate(self.met, 1)}
        return {
            "rings": [
                {"r": f"{EDGE * third / 3:.1f}", "angle": round(self.radius * third / 3)}
                for third in (1, 2, 3)
            ],
            "points": [
                drawn(point, self.radius, places[point.hit.term.pk]) for point in self.points
            ],
        }


def drawn(point: Point, radius: int, place: int) -> dict[str, Any]:
    """Where a point stands in the drawing; as texts, which no language writes in its own way."""
    x, y = (f"{EDGE * point.angle / radius * part:.1f}" for part in point.way)
    return {"x": x, "y": y, "place": place, "stays": point.stays}


def ways(points: Matrix, centre: Vector) -> Matrix:
    """(n, 2): the direction of each point from the centre, as unit vectors, seen along the two axes
    in which these directions differ most; zero for a point that is the centre."""
    sideways = operations.rest(points - np.outer(points @ centre, centre))
    two = np.vstack([sideways, np.zeros_like(centre)])  # one point has no second axis
    _left, _lengths, axes = np.linalg.svd(two, full_matrices=False)
    return unit(sideways @ axes[:2].T)


class SampleAsked(Asked):
    of = GivenField(help_text="The centre: a term, a sense, a text or a vector.")
    radius = serializers.IntegerField(
        min_value=1,
        max_value=90,
        default=45,
        help_text="In degrees: 90 is where nothing is shared.",
    )
    count = serializers.IntegerField(
        min_value=1, max_value=MOST, default=30, help_text="How many points."
    )
    directions = serializers.ChoiceField(
        DIRECTIONS,
        default=DIRECTIONS[0],
        help_text="Those in which this glossary's entries vary, or all of them alike.",
    )
    seed = serializers.IntegerField(
        min_value=0, max_value=MOST_SEED, default=1, help_text="The same one, the same points."
    )


class PointSerializer(PlacedHitSerializer):
    """The nearest term but the centre's."""

    angle = serializers.FloatField(help_text="Degrees from the centre.")
    stays = serializers.BooleanField(help_text="Whether the centre's own term is nearer.")


class MetSerializer(PlacedHitSerializer):
    points = serializers.IntegerField(help_text="How many are next to it.")
    angle = serializers.FloatField(help_text="Of the nearest of them, in degrees.")


class SampleFound(Found):
    of = GivenSerializer(source="given")
    home = HitSerializer(help_text="The term nearest to the centre.")
    points = PointSerializer(many=True)
    results = MetSerializer(many=True, source="met")
    control = HitSerializer(many=True, source="near", help_text="The neighbours of the centre.")
    staying = serializers.IntegerField(help_text="Points that no term is nearer to than home.")
    staying_otherwise = serializers.IntegerField(
        source="otherwise",
        allow_null=True,
        help_text="The same with directions of the other kind.",
    )


class Sample(Operation):
    title = _("Sample")
    lead = _("Draw points around a meaning, and see which terms they fall on.")
    examples = [
        {"of": "masked language model"},
        {"of": "uncertainty", "radius": "60"},
        {"of": "embedding", "directions": "even"},
    ]
    Asked = SampleAsked
    Found = SampleFound

    def answer(self, workspace: Workspace, **asked: Any) -> Sampled:
        given = asked["of"]
        points, otherwise = drawn_around(workspace, given.vector, asked)
        near = workspace.near(given.vector, SHOWN + 1)
        if len(near) < 2:
            raise Impossible(_("There is nothing else in the glossary to fall on."))
        home = near[0]
        found = workspace.near_each(np.concatenate([points, otherwise]), CLOSEST)
        stays = [hits[0].term.pk == home.term.pk for hits in found]
        others = [
            next((hit for hit in hits if hit.term.pk != home.term.pk), home) for hits in found
        ]
        return Sampled(
            given,
            asked["radius"],
            asked["seed"],
            asked["directions"],
            home,
            placed(points, given.vector, stays, others),
            near[1:],
            sum(stays[len(points) :]) if len(otherwise) else None,
            vectors={"points": points},
        )


def placed(points: Matrix, centre: Vector, stays: list[bool], others: list[Hit]) -> list[Point]:
    angles = np.degrees(np.arccos(np.clip(points @ centre, -1, 1)))
    directions = ways(points, centre).tolist()
    return [
        Point(round(float(angle), 1), (x, y), stay, hit)
        for angle, (x, y), stay, hit in zip(angles, directions, stays, others, strict=False)
    ]


def drawn_around(
    workspace: Workspace, centre: Vector, asked: dict[str, Any]
) -> tuple[Matrix, Matrix]:
    """(n, d) points in directions of the kind that was asked for, and as many of the other kind.

    The latter are none, and the former Impossible, where the glossary's are not measured yet.
    """
    given = centre, np.radians(asked["radius"]), asked["count"], asked["seed"]
    even = operations.around(*given)
    if workspace.backdrop is not None:
        varied = operations.around(*given, workspace.backdrop.sample.vectors)
        return (even, varied) if asked["directions"] == "even" else (varied, even)
    if asked["directions"] != "even":
        raise Impossible(_("How this glossary varies is not measured yet; try again in a minute."))
    return even, even[:0]
