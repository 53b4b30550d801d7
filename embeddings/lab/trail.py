"""From one meaning to another by steps that are each near: a trail in the neighbour graph."""

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from embeddings import trails
from embeddings.clusters import EMPTY_WORDS
from embeddings.lab import graph
from embeddings.lab.given import Given, GivenField, GivenSerializer
from embeddings.lab.graph import Links
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
from terms.contrast import WORD, stems_of
from terms.models import Relation, Sense
from terms.models.relation import LABELS, seen_from

WIDTH = 600  # of the drawing
ROOM = 34  # that a cosine takes in it
WORDS = 4  # that two definitions share, of which so many are told
NEAREST = 20  # senses near a text, of which the first in the graph is where its trail begins


@dataclass(frozen=True)
class Step:
    """To `hit`, whose cosine is that to the stop before, and what else joins the two.

    `relation`: the curated one as read from the stop before; "" without one.
    """

    hit: Hit
    relation: str
    words: list[str]
    topics: list[str]

    @property
    def cost(self) -> float:
        return (1 - self.hit.cosine) ** 2


@dataclass(frozen=True)
class Way(Result):
    """The steps from `start`, none where there is no way; `cosine` of the ends is the control.

    `is_soon`: whether the graph is still to be made. `figures`: of trails between senses at random.
    """

    one: Given
    other: Given
    cosine: float
    start: Hit | None
    steps: list[Step]
    figures: dict[str, Any] | None
    is_soon: bool = False

    @property
    def cost(self) -> float:
        return round(sum(step.cost for step in self.steps), 4)

    @property
    def weakest(self) -> float | None:
        return min((step.hit.cosine for step in self.steps), default=None)

    @property
    def drawn(self) -> list[dict[str, Any]]:
        """Each step on a line of WIDTH, the longer the less near; `cosine` where it has room."""
        whole = sum(1 - step.hit.cosine for step in self.steps) or 1
        lines, left = [], 0.0
        for place, step in enumerate(self.steps):
            right = left + WIDTH * (1 - step.hit.cosine) / whole
            lines.append(
                {
                    "left": round(left),
                    "right": round(right),
                    "middle": round((left + right) / 2),
                    "height": 12 if place % 2 else 30,
                    "cosine": step.hit.cosine if right - left >= ROOM else None,
                    "is_weakest": step.hit.cosine == self.weakest,
                }
            )
            left = right
        return lines


class TrailAsked(Asked):
    one = GivenField(help_text="Where the trail begins; a text begins at its nearest sense.")
    other = GivenField(help_text="Where it ends.")


class TrailStepSerializer(PlacedHitSerializer):
    cosine = serializers.FloatField(source="hit.cosine", help_text="To the stop before.")
    relation = serializers.CharField(help_text="The curated one, read from the stop before; or “”.")
    words = serializers.ListField(
        child=serializers.CharField(), help_text="Words that both definitions have."
    )
    topics = serializers.ListField(child=serializers.CharField(), help_text="That both are in.")


class TrailsSerializer(serializers.Serializer[Any]):
    """Trails between senses at random, and what they are to be read against."""

    pairs = serializers.IntegerField()
    connected = serializers.FloatField(help_text="Share of pairs with a trail.")
    steps = serializers.FloatField(help_text="Median.")
    weakest = serializers.FloatField(help_text="Cosine of the weakest step, median.")
    direct = serializers.FloatField(help_text="The control: cosine of the ends, median.")
    curated = serializers.FloatField(help_text="Share of steps that are curated relations.")
    curated_edges = serializers.FloatField(help_text="The control: share of all neighbours.")


class TrailFound(Found):
    one = GivenSerializer()
    other = GivenSerializer()
    cosine = serializers.FloatField(help_text="The control: of the two ends.")
    is_soon = serializers.BooleanField(help_text="Whether the graph is still to be made.")
    start = HitSerializer(allow_null=True)
    results = TrailStepSerializer(
        many=True, source="steps", help_text="Empty where there is no way."
    )
    weakest = serializers.FloatField(allow_null=True, help_text="Cosine of the weakest step.")
    cost = serializers.FloatField(help_text="The sum of (1 − cosine)².")
    figures = TrailsSerializer(allow_null=True, help_text="Measured on this glossary.")


class Trail(Operation):
    title = _("Trail")
    lead = _("Go from one meaning to another by small steps, from neighbour to neighbour.")
    defined_by = "latent-reasoning"
    examples = [
        {"one": "tokenizer", "other": "vector database"},
        {"one": "lemma", "other": "gradient descent"},
        {"one": "how surprised a model is", "other": "thesaurus"},
    ]
    Asked = TrailAsked
    Found = TrailFound

    def answer(self, workspace: Workspace, **asked: Any) -> Way:
        one, other = asked["one"], asked["other"]
        cosine = round(float(one.vector @ other.vector), 4)
        made = graph.of(workspace.space, workspace.language)
        if made is None:
            return Way(one, other, cosine, None, [], None, is_soon=True)
        links = made.links
        start, end = row_of(workspace, links, one), row_of(workspace, links, other)
        if start == end:
            raise Impossible(_("Both are at the same sense: there is no way to go."))
        stops = stops_between(workspace, links, start, end)
        if not stops:
            return Way(one, other, cosine, None, [], made.figures)
        (first, _row), rows = stops[0], [row for _sense, row in stops]
        begun = round(float(one.vector @ workspace.entries([first.pk])[0]), 4)
        cosines = [links.cosine(*step) for step in pairwise(rows)]
        steps = steps_of(workspace.language, [sense for sense, _row in stops], cosines)
        return Way(one, other, cosine, Hit(first.term, first, begun), steps, made.figures)


def row_of(workspace: Workspace, links: Links, given: Given) -> int:
    """Where in the graph a trail begins. Raises Impossible where nothing near is in it."""
    senses = [given.sense.pk] if given.sense else []
    if given.sense is None or links.row(given.sense.pk) is None:
        senses = [hit.sense.pk for hit in workspace.near(given.vector, NEAREST)]
    for sense in senses:
        if (row := links.row(sense)) is not None:
            return row
    raise Impossible(_("What lies near is too new to have neighbours; try again in a while."))


def stops_between(
    workspace: Workspace, links: Links, start: int, end: int
) -> list[tuple[Sense, int]]:
    """The senses on the cheapest trail, and their rows; empty without one.

    Where one of them is no longer public, a trail is looked for among those that are.
    """
    way = trails.trail(links.graph, start, end)
    stops = shown(workspace, links, way)
    if way and not stops:
        among = links.only(graph.public(links, workspace.language))
        stops = shown(workspace, links, trails.trail(among.graph, start, end))
    return stops


def shown(workspace: Workspace, links: Links, way: list[int] | None) -> list[tuple[Sense, int]]:
    """The stops of a way all of whose senses are public; else none."""
    rows = {int(links.senses[row]): row for row in way or ()}
    senses = Sense.objects.published().filter(term__language=workspace.language)
    found = senses.select_related("term").prefetch_related("topics").in_bulk(rows)
    if len(found) < len(rows):
        return []
    return [(found[sense], row) for sense, row in rows.items()]


def steps_of(language: str, senses: list[Sense], cosines: list[float]) -> list[Step]:
    """What joins each sense to the one before."""
    related = relations_of({sense.term_id for sense in senses})
    texts = [WORD.findall(f"{sense.term.name} {sense.definition_line}".lower()) for sense in senses]
    stems = stems_of(language, {word for text in texts for word in text})
    topics = [{topic.name for topic in sense.topics.all()} for sense in senses]
    return [
        Step(
            Hit(sense.term, sense, round(cosine, 4)),
            related.get((senses[place].term_id, sense.term_id), ""),
            shared(texts[place + 1], texts[place], stems),
            sorted(topics[place] & topics[place + 1]),
        )
        for place, (sense, cosine) in enumerate(zip(senses[1:], cosines, strict=True))
    ]


def shared(text: list[str], before: list[str], stems: Any) -> list[str]:
    """The first words of a text, but empty ones, whose stem another has too, each stem once.

    >>> stems = {"the": "", "one": "one", "maps": "map", "map": "map"}
    >>> shared(["the", "one", "map", "maps"], ["the", "one", "maps"], stems)
    ['map']
    """
    there = {stems[word] for word in before} - {""}
    found: dict[str, str] = {}
    for word in text:
        if stems[word] in there and word not in EMPTY_WORDS:
            found.setdefault(stems[word], word)
    return list(found.values())[:WORDS]


def relations_of(terms: set[int]) -> dict[tuple[int, int], str]:
    """The curated relation of each two of these terms, as it is read from the first of a pair."""
    rows = Relation.objects.filter(Q(from_term__in=terms) & Q(to_term__in=terms))
    found: dict[tuple[int, int], str] = {}
    for relation in rows:
        for one in (relation.from_term_id, relation.to_term_id):
            kind, other = seen_from(one, relation)
            found.setdefault((one, other), str(LABELS[kind]))
    return found
