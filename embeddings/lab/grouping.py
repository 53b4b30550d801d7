"""What is grouped in the lab, how, and how well the groups and their names fit."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from embeddings import clusters
from embeddings.cartography import CHARACTERS
from embeddings.clusters import NO_CLUSTER, Labels, Words
from embeddings.lab.given import Given
from embeddings.lab.workspace import Workspace
from embeddings.models import Backdrop, Layout
from embeddings.vectors import Matrix
from terms.models import Sense, Topic

# What of a definition's Markdown is no word of it: a link's target, a formula.
NO_WORDS = re.compile(r"\]\([^)]*\)|\$[^$]*\$")


@dataclass(frozen=True)
class Ground:
    """What is grouped, a row for each sense, and where the map has its term."""

    senses: NDArray[np.int64]
    vectors: Matrix
    words: Words
    before: Labels
    plane: NDArray[np.float32]


@dataclass(frozen=True)
class Fit:
    """Of a cluster, and of what is outside it: the share of senses that have one of the words of
    its name, and the mean cosine of one of its senses to another."""

    named: float
    named_outside: float
    cosine: float
    cosine_outside: float


def ground_of(workspace: Workspace, backdrop: Backdrop, layout: Layout | None) -> Ground:
    """The sample, without what is no longer public."""
    sample, language = backdrop.sample, workspace.language
    public = Sense.objects.published().filter(term__language=language)
    shown = set(public.filter(pk__in=sample.senses.tolist()).values_list("pk", flat=True))
    rows = np.flatnonzero([sense in shown for sense in sample.senses.tolist()])
    places = places_of(layout, sample.terms[rows].tolist())
    words = words_of(backdrop.pk, backdrop.created_at, language)
    return Ground(
        sample.senses[rows],
        sample.vectors[rows],
        Words(words.counts[rows], words.words),
        places[:, 2].astype(np.intp),
        places[:, :2],
    )


def places_of(layout: Layout | None, terms: list[int]) -> NDArray[np.float32]:
    """(n, 3): x, y and cluster on the map; NaN and NO_CLUSTER for what is not on it."""
    points = layout.points.filter(term__in=terms) if layout else None
    known = {
        term: place
        for term, *place in (points.values_list("term", "x", "y", "cluster") if points else ())
    }
    nowhere = [np.nan, np.nan, NO_CLUSTER]
    places = [known.get(term, nowhere) for term in terms]
    return np.asarray(places, dtype=np.float32).reshape(len(terms), 3)


@lru_cache(maxsize=2)
def words_of(backdrop: int, _created_at: datetime, language: str) -> Words:
    """What stands in each text of the sample, read once a process, as the sample itself is."""
    sample = Backdrop.objects.only("created_at").get(pk=backdrop).sample
    senses = Sense.objects.published().filter(pk__in=sample.senses.tolist())
    rows = senses.values_list("pk", "term__name", "definition")
    texts = {pk: (name, NO_WORDS.sub(" ", definition)) for pk, name, definition in rows}
    told = [texts.get(sense, ("", "")) for sense in sample.senses.tolist()]
    return clusters.read_words(
        [name for name, _definition in told],
        [f"{name}\n{definition[:CHARACTERS]}" for name, definition in told],
        english=language[:2] == "en",
    )


def filtered(ground: Ground, *, topic: Topic | None, near: Given | None, **asked: Any) -> Ground:
    """Only what is in the topic, and of that only what is nearest."""
    rows = np.arange(len(ground.senses))
    if topic:
        within = Sense.objects.filter(topics__in=Topic.objects.with_descendants(topic.slug))
        inside = set(within.values_list("pk", flat=True))
        rows = np.flatnonzero([sense in inside for sense in ground.senses.tolist()])
    if near:
        cosines = ground.vectors[rows] @ near.vector
        rows = np.sort(rows[np.argsort(-cosines, kind="stable")[: asked["among"]]])
    return Ground(
        ground.senses[rows],
        ground.vectors[rows],
        Words(ground.words.counts[rows], ground.words.words),
        ground.before[rows],
        ground.plane[rows],
    )


def grouped(ground: Ground, k: int) -> tuple[Labels, bool]:
    """Clusters, the largest first, and whether they go on from the k clusters of the map."""
    goes_on = np.array_equal(np.unique(ground.before[ground.before != NO_CLUSTER]), np.arange(k))
    if goes_on:
        start = clusters.means(ground.vectors, ground.before, k)
        labels, _fit = clusters.kmeans(ground.vectors, start)
    else:
        labels = clusters.afresh(ground.vectors, k)
    return by_size(labels), goes_on


def by_size(labels: Labels) -> Labels:
    """The same clusters numbered from 0 without a gap, the largest first.

    >>> by_size(np.array([7, 2, 2, 0, 2, 0])).tolist()
    [2, 0, 0, 1, 0, 1]
    """
    _numbers, dense, sizes = np.unique(labels, return_inverse=True, return_counts=True)
    return np.argsort(np.argsort(-sizes, kind="stable"))[dense]


def named(ground: Ground, labels: Labels, k: int) -> tuple[list[Fit], list[list[str]]]:
    """How well each cluster and its name fit, and the names."""
    names = clusters.named(ground.words, labels, k)
    return fits_of(ground, labels, names), names


def fits_of(ground: Ground, labels: Labels, names: Sequence[Sequence[str]]) -> list[Fit]:
    """How well each name, and each cluster, fits."""
    columns = {word: column for column, word in enumerate(ground.words.words)}
    inside, outside = cohesion(ground.vectors, labels, len(names))
    counts, fits = ground.words.counts.tocsc(), []
    for cluster, words in enumerate(names):
        members = labels == cluster
        has = (counts[:, [columns[word] for word in words]].sum(axis=1) > 0).A1
        shares = has[members].mean(), has[~members].mean() if not members.all() else 0
        cosines = inside[cluster], outside[cluster]
        fits.append(Fit(*(round(float(each), 4) for each in (*shares, *cosines))))
    return fits


def mean_fit(fits: list[Fit], labels: Labels) -> Fit:
    """Of all clusters together, each as often as it has senses."""
    rows = [[fit.named, fit.named_outside, fit.cosine, fit.cosine_outside] for fit in fits]
    return Fit(*np.average(rows, axis=0, weights=np.bincount(labels)).round(4).tolist())


def cohesion(vectors: Matrix, labels: Labels, k: int) -> tuple[list[float], list[float]]:
    """Of each cluster the mean cosine of two of its unit vectors, and of one of them and another.

    >>> rows = np.array([[1, 0], [1, 0], [0, 1]], dtype=np.float32)
    >>> cohesion(rows, np.array([0, 0, 1]), 2)
    ([1.0, 1.0], [0.0, 0.0])
    """
    whole, inside, outside = vectors.sum(axis=0), [], []
    for cluster in range(k):
        members = labels == cluster
        size, total = int(members.sum()), vectors[members].sum(axis=0)
        pairs = size * (size - 1)
        inside.append(float(total @ total - size) / pairs if pairs else 1.0)
        others = size * (len(vectors) - size)
        outside.append(float(total @ (whole - total)) / others if others else 0.0)
    return inside, outside
