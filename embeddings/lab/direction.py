"""The direction that leads from one group of terms to another, and how well it tells them apart."""

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from embeddings import operations
from embeddings.lab.given import Given, GivenSerializer
from embeddings.lab.groups import Group, GroupField
from embeddings.lab.operation import Asked, Found, HitSerializer, Operation, Result
from embeddings.lab.workspace import Hit, Workspace
from embeddings.operations import Impossible

SHOWN = 10
SEED = 0
FEW = 5  # members of a side, under which its figures say little
WEAK = 0.8  # held-out AUC
WIDTH = 600  # of the drawing
NAMED = 5  # of what two groups share


@dataclass(frozen=True)
class Figures:
    """`auc`: held out. `chance`, `chance_95`: what groups by chance have, mean and 95th percentile.

    `stability`: the mean cosine to directions of members drawn anew. `fewest`: of the smaller side.
    """

    auc: float
    chance: float
    chance_95: float
    stability: float
    fewest: int

    @property
    def is_few(self) -> bool:
        return self.fewest < FEW

    @property
    def is_weak(self) -> bool:
        return self.auc < WEAK

    @property
    def is_chance(self) -> bool:
        return self.auc <= self.chance_95


def apart(toward: Group, away: Group) -> None:
    """Raises Impossible for groups of fewer than two members, and for what is in both."""
    if min(len(toward.members), len(away.members)) < 2:
        raise Impossible(
            _now("Each group takes two members or more: one is held out to see what the rest know.")
        )
    shared = toward.shared_with(away)
    if not shared:
        return
    names = ", ".join(shared[:NAMED]) + (" …" if len(shared) > NAMED else "")
    if len(shared) == min(len(toward.members), len(away.members)):
        raise Impossible(_now("One group lies within the other: %(names)s.") % {"names": names})
    raise Impossible(_now("In both groups: %(names)s.") % {"names": names})


def measured(toward: Group, away: Group) -> Figures:
    """Raises Impossible where there is no direction between the two."""
    apart(toward, away)
    sides = toward.vectors, away.vectors
    chance = operations.chance_auc(*sides, SEED)
    return Figures(
        auc=round(operations.held_out_auc(*sides, SEED), 4),
        chance=round(float(chance.mean()), 4),
        chance_95=round(float(np.quantile(chance, 0.95)), 4),
        stability=round(operations.stability(*sides, SEED), 4),
        fewest=min(map(len, sides)),
    )


def learned(toward: Group, away: Group) -> dict[str, Any]:
    """`vector` (d,) and `figures`. Raises Impossible as above."""
    figures = asdict(measured(toward, away))
    return {"vector": operations.direction(toward.vectors, away.vectors), "figures": figures}


@dataclass(frozen=True)
class Placed:
    """A member, and how far it lies along the direction that the others teach."""

    given: Given
    at: float


@dataclass(frozen=True)
class Side:
    """One of the two groups: its members, the farthest toward the first group first.

    `astray`: members nearer to the middle of the other one. `hits`: the terms of neither group that
    lie farthest its way.
    """

    group: Group
    placed: list[Placed]
    hits: list[Hit]
    astray: int

    @property
    def mean(self) -> float:
        return float(np.mean([member.at for member in self.placed]))


@dataclass(frozen=True)
class Told(Result):
    """A direction from `away` to `toward`. `middle`: half the way between the two groups."""

    toward: Side
    away: Side
    middle: float
    figures: Figures

    @property
    def sides(self) -> list[Side]:
        return [self.toward, self.away]

    @property
    def drawn(self) -> dict[str, Any]:
        """Where each member lies on a line of WIDTH, and where the middle is."""
        every = [member.at for side in self.sides for member in side.placed]
        low, room = min(every), max(max(every) - min(every), operations.EDGE)

        def x(at: float) -> float:
            return round(WIDTH * (at - low) / room, 1)

        rows = [[x(member.at) for member in side.placed] for side in self.sides]
        return {"toward": rows[0], "away": rows[1], "middle": x(self.middle)}


class DirectionAsked(Asked):
    toward = GroupField(help_text="The group where it grows: terms, or topic:<slug>.")
    away = GroupField(help_text="The group where it begins.")


class FiguresSerializer(serializers.Serializer[Any]):
    """How well a direction tells its groups apart."""

    auc = serializers.FloatField(
        help_text="Of members that were held out: how often one of the first lies farther along it."
    )
    chance = serializers.FloatField(help_text="The control: the mean AUC of groups by chance.")
    chance_95 = serializers.FloatField(help_text="What 95 of 100 such groups do not exceed.")
    stability = serializers.FloatField(
        help_text="The mean cosine to directions of members drawn anew (bootstrap)."
    )
    fewest = serializers.IntegerField(help_text="Members of the smaller group.")


class MemberSerializer(serializers.Serializer[Any]):
    of = GivenSerializer(source="given")
    at = serializers.FloatField(help_text="Along the direction that the others teach.")


class SideSerializer(serializers.Serializer[Any]):
    asked = serializers.CharField(source="group.asked")
    members = MemberSerializer(many=True, source="placed")
    astray = serializers.IntegerField(help_text="Members that lie on the other side.")
    results = HitSerializer(
        many=True, source="hits", help_text="Terms of neither group that lie farthest its way."
    )


class DirectionFound(Found):
    toward = SideSerializer()
    away = SideSerializer()
    figures = FiguresSerializer()


class DirectionOf(Operation):
    title = _("Direction")
    lead = _("Learn what tells two groups of terms apart, and see what lies at either end of it.")
    defined_by = "latent-space-surgery"
    examples = [
        {"toward": "topic:language-and-terminology", "away": "topic:training"},
        {"toward": "topic:generative-models", "away": "topic:embeddings-and-search"},
        {"toward": "topic:evaluation", "away": "topic:language-and-terminology"},
    ]
    Asked = DirectionAsked
    Found = DirectionFound

    def answer(self, workspace: Workspace, **asked: Any) -> Told:
        toward, away = asked["toward"], asked["away"]
        figures = measured(toward, away)
        way = operations.direction(toward.vectors, away.vectors)
        ends = workspace.near_each(np.stack([way, -way]), SHOWN, toward.terms | away.terms)
        scores = operations.held_out(toward.vectors, away.vectors, SEED)
        middle = float(scores[0].mean() + scores[1].mean()) / 2
        astray = int((scores[0] <= middle).sum()), int((scores[1] > middle).sum())
        one, other = (
            Side(group, placed(group, along), hits, wrong)
            for group, along, hits, wrong in zip((toward, away), scores, ends, astray, strict=True)
        )
        return Told(one, other, round(middle, 4), figures, vectors={"direction": way})


def placed(group: Group, along: operations.Scores) -> list[Placed]:
    """The members in the order of their places, the farthest first."""
    order = np.argsort(-along, kind="stable")
    return [Placed(group.members[row], round(float(along[row]), 4)) for row in order]
