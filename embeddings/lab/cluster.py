"""The groups that meanings fall into, what names them, and how well each name fits."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from numpy.typing import NDArray
from rest_framework import serializers

from embeddings import clusters, drawing
from embeddings.clusters import Labels
from embeddings.lab.backdrop import SAMPLE
from embeddings.lab.given import Given, GivenField, GivenSerializer
from embeddings.lab.grouping import Fit, Ground, filtered, ground_of, grouped, mean_fit, named
from embeddings.lab.operation import Asked, Found, Operation, Result
from embeddings.lab.workspace import Workspace
from embeddings.layout import sample
from embeddings.models import Layout
from embeddings.operations import Impossible
from terms.api.serializers import TermReferenceSerializer
from terms.models import Sense, Topic

FEWEST, MOST = 2, 40
LEAST = 2  # senses for each cluster, or there is nothing to group
CENTRAL = 6  # terms told of each cluster
DRAWN = 1_500
SIZE = 1_000  # the side of the drawing
NEAREST = 100


@dataclass(frozen=True)
class Group:
    """`number` from 1, the largest first; `share`: its size in per cent of that one's.

    `central`: the senses nearest to its middle.
    """

    number: int
    words: list[str]
    size: int
    share: int
    fit: Fit
    central: list[Sense]

    @property
    def name(self) -> str:
        return _now(", ").join(self.words)

    @property
    def mark(self) -> int:
        return drawing.mark_of(self.number - 1)

    @property
    def sample(self) -> str:
        return drawing.path(self.number - 1, [(0, 0)])

    @property
    def is_named_well(self) -> bool:
        return self.fit.named >= 0.5 and self.fit.named >= 2 * self.fit.named_outside


@dataclass(frozen=True)
class Drawing:
    """On the map: the marks of each group, and where its number stands."""

    paths: list[str]
    names: list[dict[str, Any]]
    shown: int


@dataclass(frozen=True)
class Groups(Result):
    """`fit` of all groups, and of groups by `chance`, as large and named alike: the control.

    `of` senses, `sampled` from `total`. `goes_on`: whether they began as those of the map.
    """

    k: int
    of: int
    sampled: int
    total: int
    topic: Topic | None
    near: Given | None
    groups: list[Group]
    fit: Fit
    chance: Fit
    goes_on: bool
    drawing: Drawing | None

    @property
    def marks(self) -> list[tuple[Group, str]]:
        """Each group with its marks on the map."""
        return list(zip(self.groups, self.drawing.paths if self.drawing else (), strict=False))

    @property
    def is_better(self) -> bool:
        """Whether names tell these groups apart better than they tell groups by chance."""
        ours, theirs = (each.named - each.named_outside for each in (self.fit, self.chance))
        return ours > theirs


class TopicField(serializers.SlugRelatedField[Topic]):
    """A topic by its slug; "" is every one."""

    def __init__(self, **settings: Any) -> None:
        super().__init__("slug", queryset=Topic.objects.published(), **settings)

    def run_validation(self, data: Any = serializers.empty) -> Any:
        slug = data.replace("\x00", "").strip() if isinstance(data, str) else data
        return None if slug == "" else super().run_validation(slug)


class NearField(GivenField):
    """An input that may be left out."""

    def run_validation(self, data: Any = serializers.empty) -> Any:
        is_blank = isinstance(data, str) and not data.strip()
        return None if is_blank else super().run_validation(data)


class ClusterAsked(Asked):
    k = serializers.IntegerField(
        min_value=FEWEST,
        max_value=MOST,
        default=None,
        allow_null=True,
        help_text="How many clusters; as many as suit the number of senses unless told.",
    )
    topic = TopicField(default=None, allow_null=True, help_text="Only senses in it, or below.")
    near = NearField(default=None, allow_null=True, help_text="Only what is nearest to it …")
    among = serializers.IntegerField(
        min_value=10, max_value=SAMPLE, default=NEAREST, help_text="… so many senses."
    )


class CentralSerializer(serializers.Serializer[Sense]):
    term = TermReferenceSerializer()
    sense = serializers.CharField(source="key")


class FitSerializer(serializers.Serializer[Fit]):
    named = serializers.FloatField(help_text="Share of its senses with a word of the name.")
    named_outside = serializers.FloatField(help_text="The control: share of the others.")
    cosine = serializers.FloatField(help_text="Mean, of two of its senses.")
    cosine_outside = serializers.FloatField(help_text="Of one of them and one of the others.")


class GroupSerializer(serializers.Serializer[Group]):
    words = serializers.ListField(child=serializers.CharField())
    size = serializers.IntegerField(help_text="Senses.")
    fit = FitSerializer()
    central = CentralSerializer(many=True, help_text="Those nearest to its middle.")


class ClusterFound(Found):
    k = serializers.IntegerField()
    of = serializers.IntegerField(help_text="Senses that were grouped.")
    sampled = serializers.IntegerField(help_text="The sample that they are from.")
    total = serializers.IntegerField(help_text="Senses that the sample is of.")
    topic = serializers.CharField(source="topic.slug", default=None, allow_null=True)
    near = GivenSerializer(allow_null=True)
    results = GroupSerializer(many=True, source="groups")
    fit = FitSerializer(help_text="Of all clusters, by the senses in them.")
    chance = FitSerializer(help_text="The control: of groups by chance, as large and named alike.")
    goes_on = serializers.BooleanField(help_text="Whether they began as the clusters of the map.")


class Cluster(Operation):
    title = _("Cluster")
    lead = _("See which groups the meanings fall into, and how well words can name them.")
    defined_by = "latent-space"
    asks_nothing = True
    examples = [
        {"near": "latent space", "k": "5"},
        {"near": "words and their meanings", "k": "6", "among": "60"},
    ]
    Asked = ClusterAsked
    Found = ClusterFound

    @property
    def topics(self) -> Any:
        """Those that the form offers."""
        return Topic.objects.published()

    def answer(self, workspace: Workspace, **asked: Any) -> Groups:
        backdrop = workspace.backdrop
        if backdrop is None:
            raise Impossible(_("Nothing is measured yet; try again in a minute."))
        layout = Layout.objects.serving(workspace.language)
        ground = filtered(ground_of(workspace, backdrop, layout), **asked)
        k = asked["k"] or clusters.suitable_count(len(ground.senses))
        if len(ground.senses) < LEAST * k:
            message = _("%(count)d senses are too few for %(k)d clusters.")
            raise Impossible(message % {"count": len(ground.senses), "k": k})
        labels, goes_on = grouped(ground, k)
        k = int(labels.max()) + 1
        fits, names = named(ground, labels, k)
        by_chance = np.random.default_rng(0).permutation(labels)
        return Groups(
            k,
            len(ground.senses),
            len(backdrop.sample.senses),
            backdrop.total,
            asked["topic"],
            asked["near"],
            groups_of(ground, labels, fits, names),
            mean_fit(fits, labels),
            mean_fit(named(ground, by_chance, k)[0], by_chance),
            goes_on,
            drawn(layout, ground, labels, k) if layout else None,
            vectors={"middles": clusters.means(ground.vectors, labels, k)},
        )


def groups_of(
    ground: Ground, labels: Labels, fits: list[Fit], names: list[list[str]]
) -> list[Group]:
    nearest = [central(ground, np.flatnonzero(labels == n)) for n in range(len(names))]
    wanted = [sense for senses in nearest for sense in senses]
    senses = Sense.objects.published().select_related("term").in_bulk(wanted)
    sizes = np.bincount(labels).tolist()
    return [
        Group(
            number,
            words,
            size,
            round(100 * size / sizes[0]),
            fit,
            one_of_each([senses[sense] for sense in told if sense in senses]),
        )
        for number, (words, size, fit, told) in enumerate(
            zip(names, sizes, fits, nearest, strict=True), 1
        )
    ]


def one_of_each(senses: list[Sense]) -> list[Sense]:
    """The first CENTRAL of the senses, of each term the first."""
    terms: dict[int, Sense] = {}
    for sense in senses:
        terms.setdefault(sense.term_id, sense)
    return list(terms.values())[:CENTRAL]


def central(ground: Ground, members: NDArray[np.intp]) -> list[int]:
    """The ids of the members nearest to their middle."""
    vectors = ground.vectors[members]
    order = np.argsort(-(vectors @ vectors.mean(axis=0)), kind="stable")
    return [int(sense) for sense in ground.senses[members[order[: 2 * CENTRAL]]]]


def drawn(layout: Layout, ground: Ground, labels: Labels, k: int) -> Drawing | None:
    """The clusters where the map has their terms; None where it has none of one of them."""
    known = np.flatnonzero(~np.isnan(ground.plane[:, 0]))
    if len(set(labels[known].tolist())) < k:
        return None
    middles = [clusters.place_of(ground.plane[known][labels[known] == each]) for each in range(k)]
    known = known[sample(len(known), DRAWN)]
    places = [layout.scaled(x, y, SIZE) for x, y in ground.plane[known].tolist()]
    marks: list[list[tuple[int, int]]] = [[] for _cluster in range(k)]
    for place, cluster in zip(places, labels[known].tolist(), strict=True):
        marks[cluster].append(place)
    return Drawing(
        [drawing.path(cluster, found) for cluster, found in enumerate(marks)],
        drawing.written(
            [""] * k, [layout.scaled(x, y, SIZE) for x, y in np.array(middles).tolist()], SIZE
        ),
        len(known),
    )
