"""Sums of meanings, and analogies by the way that pairs of terms show, beside no arithmetic."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from rest_framework import serializers

from embeddings import operations
from embeddings.lab import analogy
from embeddings.lab.given import GivenSerializer
from embeddings.lab.lines import Curated, PairsField, SumField, Weighted
from embeddings.lab.operation import (
    Asked,
    Found,
    HitSerializer,
    NumberField,
    Operation,
    PlacedHitSerializer,
    Result,
)
from embeddings.lab.ranked import SCORED, SHOWN, by_cosine, is_added, nearest_to_any, stacked
from embeddings.lab.workspace import Hit, Workspace
from embeddings.operations import Impossible
from embeddings.vectors import Matrix
from terms.models import Relation

LEARNED = ("offset", "map")
METHODS = [
    ("sum", gettext_lazy("the weighted sum")),
    ("3cosadd", gettext_lazy("the sum of cosines (3CosAdd)")),
    ("3cosmul", gettext_lazy("the product of cosines (3CosMul)")),
    ("offset", gettext_lazy("the mean way of pairs (offset)")),
    ("map", gettext_lazy("a map learned from 100 pairs (ridge)")),
]
ROW = 20  # of the drawing


@dataclass(frozen=True)
class Ranked:
    """`score`: by the method. `alone`: the place in the control's list; None for what is new."""

    hit: Hit
    score: float
    alone: int | None


@dataclass(frozen=True)
class Answer(Result):
    """`alone` is the control: the terms nearest to what is added, each by itself, and for a learned
    way to what it starts from. `pairs`: how many it was learned from."""

    method: str
    of: list[Weighted]
    pairs: int
    ranked: list[Ranked]
    alone: list[Hit]
    analogies: list[dict[str, Any]]

    @property
    def is_learned(self) -> bool:
        return self.method in LEARNED

    @property
    def new(self) -> set[int]:
        """Terms that the control does not find."""
        return {each.hit.term.pk for each in self.ranked if each.alone is None}

    @property
    def lost(self) -> set[int]:
        """Terms that only the control finds."""
        return {hit.term.pk for hit in self.alone} - {each.hit.term.pk for each in self.ranked}

    @property
    def drawn(self) -> list[dict[str, Any]]:
        """Of each place of the answer its height, and that of its place in the control."""
        return [
            {
                "place": place,
                "to": ROW * place,
                "was": each.alone,
                "from": each.alone and ROW * each.alone,
            }
            for place, each in enumerate(self.ranked, 1)
        ]

    @property
    def height(self) -> int:
        return ROW * (max(len(self.ranked), len(self.alone)) + 1)

    @property
    def worth(self) -> list[dict[str, Any]]:
        """`analogies`, with words for the kinds."""
        return [{**each, "label": Relation.Kind(each["kind"]).label} for each in self.analogies]


class ArithmeticAsked(Asked):
    of = SumField(
        initial="", help_text="What is added and taken away, with weights: a - b + 0.5 c."
    )
    method = serializers.ChoiceField(
        METHODS,
        default="sum",
        help_text="3CosAdd and 3CosMul look at the signs alone; offset and map learn from `pairs`.",
    )
    pairs = PairsField(
        default=list,
        initial="",
        help_text="For offset and map: “a > b”, one a line, or relation:<kind>.",
    )
    amount = NumberField(
        min_value=0,
        max_value=1.5,
        default=1,
        help_text="How much of the learned way is gone: 0 is the control.",
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """A way is learned from pairs, and those of a kind that goes both ways have no mean one."""
        method, pairs = attrs["method"], attrs["pairs"]
        if method in LEARNED and not pairs:
            raise serializers.ValidationError({"pairs": _("Give a pair, “a > b”, or several.")})
        both_ways = isinstance(pairs, Curated) and analogy.goes_both_ways(pairs.kind)
        if method == "offset" and both_ways:
            message = _("“%(kind)s” goes both ways: its mean way is none. A map can learn it.")
            raise serializers.ValidationError({"pairs": message % {"kind": pairs.kind}})
        return attrs


class WeightedSerializer(serializers.Serializer[Any]):
    weight = serializers.FloatField()
    given = GivenSerializer()


class RankedSerializer(PlacedHitSerializer):
    score = serializers.FloatField(help_text="By the method; the higher, the better.")
    alone = serializers.IntegerField(
        allow_null=True, help_text="The place among `alone`; null where it is not there."
    )


class AnalogySerializer(serializers.Serializer[Any]):
    """How often the other term of a pair that was held out is among the ten nearest."""

    kind = serializers.CharField(help_text="Of relation.")
    pairs = serializers.IntegerField(help_text="Held out, one at a time.")
    alone = serializers.FloatField(help_text="The control: near the one term alone.")
    one_pair = serializers.FloatField()
    offset = serializers.FloatField(
        required=False, help_text="The mean way of the others, where the kind goes one way."
    )
    map = serializers.FloatField(required=False, help_text="From 100 pairs on.")


class ArithmeticFound(Found):
    method = serializers.CharField()
    of = WeightedSerializer(many=True)
    pairs = serializers.IntegerField(help_text="That the way was learned from.")
    results = RankedSerializer(many=True, source="ranked")
    alone = HitSerializer(many=True, help_text="The control: near what is added, alone.")
    analogies = AnalogySerializer(many=True, help_text="Measured on this glossary.")


class Arithmetic(Operation):
    title = gettext_lazy("Arithmetic")
    lead = gettext_lazy("Add meanings, take one away from another, or go the way that pairs show.")
    methods = METHODS
    examples = [
        {"of": "dimensionality reduction + distributional hypothesis"},
        {"of": "semantic search + Euclidean distance", "method": "3cosmul"},
        {"of": "latent diffusion - latent space"},
        {"of": "autoencoder", "method": "offset", "pairs": "relation:broader"},
        {"of": "word embedding", "method": "map", "pairs": "relation:related"},
    ]
    Asked = ArithmeticAsked
    Found = ArithmeticFound

    def answer(self, workspace: Workspace, **asked: Any) -> Answer:
        of, method, pairs = asked["of"], asked["method"], asked["pairs"]
        start = operations.combined(stacked(of), weights(of, method))
        point, learned_from = start, 0
        if method in LEARNED:
            examples = examples_of(workspace, of, pairs)
            learned_from = len(examples[0])
            point = analogy.moved(start, *examples, method, asked["amount"])
        without = list(terms_among(of, pairs))
        added = start[None] if method in LEARNED else stacked(each for each in of if is_added(each))
        alone = nearest_to_any(workspace.near_each(added, SHOWN, without))
        scored = SCORED.get(method, by_cosine)(workspace, point, of, without)
        if not scored:
            raise Impossible(_("There is nothing else in the glossary."))
        places = {hit.term.pk: place for place, hit in enumerate(alone, 1)}
        return Answer(
            method,
            of,
            learned_from,
            [Ranked(hit, score, places.get(hit.term.pk)) for hit, score in scored],
            alone,
            workspace.figures("analogy").get("kinds", []),
            vectors={"point": point, "start": start},
        )


def weights(of: list[Weighted], method: str) -> list[float]:
    """Those given; 3CosAdd and 3CosMul know none but 1 and −1."""
    signs_alone = method in SCORED
    return [float(np.sign(each.weight)) if signs_alone else each.weight for each in of]


def terms_among(of: list[Weighted], pairs: Any) -> set[int]:
    """The ids of the terms that were written, which are no answer."""
    written = [each.given for each in of]
    if not isinstance(pairs, Curated):
        written += [given for pair in pairs for given in (pair.one, pair.other)]
    return {given.term.pk for given in written if given.term}


def examples_of(workspace: Workspace, of: list[Weighted], pairs: Any) -> tuple[Matrix, Matrix]:
    """(n, d) twice: both ends of the pairs. Those of `of` itself are not learned from."""
    if isinstance(pairs, Curated):
        return analogy.curated(workspace, pairs.kind, terms_among(of, []))
    ends = [[each.one.vector for each in pairs], [each.other.vector for each in pairs]]
    dimensions = workspace.space.dimensions
    ones, others = (np.array(end, dtype=np.float32).reshape(-1, dimensions) for end in ends)
    return ones, others
