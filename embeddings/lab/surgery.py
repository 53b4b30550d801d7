"""A meaning moved along a direction, or robbed of it, and what that does to its neighbours."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from embeddings import operations
from embeddings.lab.direction import SEED, SHOWN, WIDTH, apart
from embeddings.lab.erasure import Erasure, erased
from embeddings.lab.given import Given, GivenField, GivenSerializer, terms_of
from embeddings.lab.groups import Group, GroupField
from embeddings.lab.operation import Asked, Found, HitSerializer, NumberField, Operation, Result
from embeddings.lab.workspace import Hit, Workspace
from embeddings.models import Direction
from embeddings.operations import Impossible
from embeddings.vectors import Matrix, Vector

MOST = 0.5
AMOUNTS = [round(step / 10, 1) for step in range(-5, 6)]
HEIGHT = 120  # of the drawing


@dataclass(frozen=True)
class Along:
    """What was asked for: a direction, the groups that it leads between, and its name if kept."""

    way: Vector
    toward: Group
    away: Group
    name: str = ""


@dataclass(frozen=True)
class Shares:
    """Of the nearest terms the share that is of each group; `control`: by a random direction."""

    amount: float
    toward: float
    away: float
    control: float

    @property
    def x(self) -> float:
        return round(WIDTH * (self.amount + MOST) / (2 * MOST), 1)

    @property
    def y(self) -> float:
        return round(HEIGHT * (1 - self.toward), 1)

    @property
    def y_control(self) -> float:
        return round(HEIGHT * (1 - self.control), 1)


@dataclass(frozen=True)
class Cut(Result):
    """`before`, `after`: the nearest terms. `control`: after the same along a random direction.

    `none`, `here`: the groups' shares of them before and after. `curve`: of each amount, and
    `erasure`: what dampening does to the whole; each where it was asked for.
    """

    given: Given
    along: Along
    how: str
    before: list[Hit]
    after: list[Hit]
    control: list[Hit]
    none: Shares
    here: Shares
    curve: list[Shares]
    erasure: Erasure | None

    @property
    def moved(self) -> set[int]:
        """Terms that are near now and were not."""
        return {hit.term.pk for hit in self.after} - {hit.term.pk for hit in self.before}

    @property
    def moved_by_chance(self) -> set[int]:
        return {hit.term.pk for hit in self.control} - {hit.term.pk for hit in self.before}

    @property
    def is_chance(self) -> bool:
        """Whether the random direction brings as much of the group that one moves toward."""
        if self.here.amount < 0:
            return self.here.away <= self.none.away
        return self.here.toward <= self.here.control

    @property
    def lines(self) -> dict[str, str]:
        """The points of the curve and of its control."""
        return {
            "toward": " ".join(f"{point.x},{point.y}" for point in self.curve),
            "control": " ".join(f"{point.x},{point.y_control}" for point in self.curve),
        }


class SurgeryAsked(Asked):
    of = GivenField(help_text="What is operated on.")
    direction = serializers.CharField(
        default="", allow_blank=True, help_text="One that is kept (/lab/directions), or two groups:"
    )
    toward = GroupField(required=False, help_text="The group where the direction grows.")
    away = GroupField(required=False, help_text="The group where it begins.")
    how = serializers.ChoiceField(
        ["shift", "dampen"], default="shift", help_text="Move along it, or take it away."
    )
    amount = NumberField(
        min_value=-MOST, max_value=MOST, default=MOST, help_text="How far to move: −0.5 … 0.5."
    )

    def validate(self, asked: dict[str, Any]) -> dict[str, Any]:
        """`along` for what was asked of directions."""
        return asked | {"along": self._along(asked)}

    def _along(self, asked: dict[str, Any]) -> Along:
        if asked["direction"]:
            return kept(self.context["workspace"], asked["direction"])
        for side in ("toward", "away"):
            if asked.get(side) is None:
                message = _now("Name the members of the group, or a topic.")
                raise serializers.ValidationError({side: message})
        apart(asked["toward"], asked["away"])
        way = operations.direction(asked["toward"].vectors, asked["away"].vectors)
        return Along(way, asked["toward"], asked["away"])


def kept(workspace: Workspace, slug: str) -> Along:
    """What this space has learned of a direction. Raises ValidationError where it has not."""
    found = Direction.objects.learned_in(workspace.space, workspace.language)
    learned = found.filter(direction__slug=slug).first()
    if learned is None:
        message = _now("There is no direction “%(name)s” that this space has learned.")
        raise serializers.ValidationError({"direction": message % {"name": slug}})
    toward, away = learned.direction.groups(workspace)
    vector = np.asarray(learned.vector, dtype=np.float32)
    return Along(vector, toward, away, learned.direction.name)


class SharesSerializer(serializers.Serializer[Any]):
    """Shares of the nearest terms."""

    amount = serializers.FloatField()
    toward = serializers.FloatField(help_text="That are of the group where the direction grows.")
    away = serializers.FloatField(help_text="That are of the other one.")
    control = serializers.FloatField(help_text="Of the first group, along a random direction.")


class ErasureSerializer(serializers.Serializer[Any]):
    """What dampening does: linear information goes, and only that."""

    probe = serializers.FloatField(help_text="How often a linear probe tells the groups apart.")
    probe_after = serializers.FloatField()
    guess = serializers.FloatField(help_text="The larger group's share: what a guess has.")
    related = serializers.FloatField(
        allow_null=True, help_text="nDCG@10 of curated relations over a sample of all senses."
    )
    related_after = serializers.FloatField(allow_null=True)


class SurgeryFound(Found):
    of = GivenSerializer(source="given")
    direction = serializers.CharField(source="along.name")
    how = serializers.CharField()
    amount = serializers.FloatField(source="here.amount")
    before = HitSerializer(many=True)
    results = HitSerializer(many=True, source="after")
    control = HitSerializer(many=True, help_text="After the same along a random direction.")
    shares_before = SharesSerializer(source="none")
    shares = SharesSerializer(source="here")
    curve = SharesSerializer(many=True, help_text="Of each amount; empty where it is dampened.")
    erasure = ErasureSerializer(allow_null=True, help_text="Only where it is dampened.")


class Surgery(Operation):
    title = _("Surgery")
    lead = _("Move a meaning along a direction, or take the direction out of it.")
    defined_by = "latent-space-surgery"
    examples = [
        {
            "of": "hallucination",
            "toward": "topic:language-and-terminology",
            "away": "topic:training",
        },
        {"of": "anisotropy", "toward": "topic:evaluation", "away": "topic:embeddings-and-search"},
        {
            "of": "tokenizer",
            "toward": "topic:generative-models",
            "away": "topic:embeddings-and-search",
            "how": "dampen",
        },
    ]
    Asked = SurgeryAsked
    Found = SurgeryFound

    def answer(self, workspace: Workspace, **asked: Any) -> Cut:
        given, along, how = asked["of"], asked["along"], asked["how"]
        amounts = [asked["amount"], *AMOUNTS] if how == "shift" else [0.0]
        ours, random = (
            moved(given.vector, way, how, amounts) for way in (along.way, chance(along.way))
        )
        points = np.concatenate([given.vector[None], ours, random])
        before, *found = workspace.near_each(points, SHOWN, terms_of(given))
        afters, controls = found[: len(ours)], found[len(ours) :]
        told = [shares(along, *each) for each in zip(amounts, afters, controls, strict=True)]
        return Cut(
            given,
            along,
            how,
            before,
            afters[0],
            controls[0],
            shares(along, 0.0, before, before),
            told[0],
            told[1:],
            erased(workspace, along.toward, along.away) if how == "dampen" else None,
            vectors={"of": given.vector, "result": ours[0], "direction": along.way},
        )


def chance(way: Vector) -> Vector:
    """(d,): a direction that means nothing, always the same one."""
    drawn = np.random.default_rng(SEED).standard_normal(len(way))
    return operations.directed(drawn, "")


def moved(vector: Vector, way: Vector, how: str, amounts: list[float]) -> Matrix:
    """(n, d): shifted by each amount, or dampened (n is 1). Impossible where nothing is left."""
    if how == "shift":
        return np.concatenate([operations.shifted(vector[None], way, each) for each in amounts])
    left = operations.dampened(vector[None], way)
    if not left.any():
        raise Impossible(_now("It lies along the direction itself: nothing of it would be left."))
    return left


def shares(along: Along, amount: float, hits: list[Hit], control: list[Hit]) -> Shares:
    return Shares(
        amount,
        share(hits, along.toward),
        share(hits, along.away),
        share(control, along.toward),
    )


def share(hits: list[Hit], group: Group) -> float:
    """Of the hits, what is a member of the group."""
    senses = group.senses
    return round(sum(hit.sense.pk in senses for hit in hits) / max(len(hits), 1), 4)
