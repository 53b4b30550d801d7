"""Clusters of a space and the words that name them. Pure functions, without Django.

scikit-learn is imported where it is used: the web process has k-means of its own for the lab.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import sqrt
from typing import Any

import numpy as np
from numpy.typing import NDArray

from embeddings.layout import SAMPLE, SEED, Plane, sample
from embeddings.vectors import Matrix
from terms.text import MARKS

Labels = NDArray[np.intp]

FEWEST, MOST = 4, 40
LOYALTY = 0.25  # the number of clusters stays until it is wrong by this share
WORDS, NAME = 4, 2
NO_CLUSTER = -1
ROUNDS = 50  # of k-means, in which it comes to rest or nearly so
TRIES = 3  # beginnings of k-means, of which the one that fits best is kept
BEGINNERS = 1_000  # vectors, at the most, among which it looks for places to begin
CANDIDATES = 40  # words of a cluster, among which those for its name are looked for
# Words of English about nothing, and words of definitions that tell no subject from another.
_EMPTY = """
a about above across after again against all almost alone along already also although always am
among an and another any anyone anything are around as at away back be became because become
becomes been before behind being below beside besides between beyond both but by can cannot
could did do does doing done down due during each either else enough especially etc even ever
every everyone everything few first for former from further get gets give gives go goes had
hardly has have having he hence her here hers him his how however i if in instead into is it its
itself just last least less many may me might mine more most mostly much must my neither never
next no nobody none nor not nothing now of off often on once one only onto or other others
otherwise our out over own per perhaps put quite rather said same say says see seem seems
several shall she should since so some someone something sometimes still such take takes than
that the their them then there therefore these they this those though through throughout thus to
together too toward towards two under until up upon us very via was we well were what whatever
when whenever where whereas whether which while who whole whom whose why will with within
without would yes yet you your
called common different example examples form general given kind known like make makes means new
number refers set sort term terms thing things type use used uses using usually various way word
words
"""
EMPTY_WORDS = frozenset(_EMPTY.split())

WORD = re.compile(rf"\b[^\W\d_][\w{MARKS}-]*[\w{MARKS}]")


@dataclass(frozen=True)
class Words:
    """Which words and pairs of words stand in which text.

    `counts`: (n, w) sparse, 1 for what stands in a text, NAME more for what stands in its name.
    """

    counts: Any
    words: NDArray[np.object_]


def suitable_count(terms: int, before: int = 0) -> int:
    """How many clusters so many terms have; `before` is kept where it is about right.

    >>> suitable_count(12), suitable_count(281), suitable_count(281, before=10)
    (4, 12, 10)
    """
    count = min(max(round(sqrt(terms / 2)), FEWEST), MOST)
    return before if abs(count - before) <= LOYALTY * before else count


def clustered(vectors: Matrix, before: Labels) -> Labels:
    """The cluster of each unit vector (n,), from 0: k-means, from the clusters before if any.

    `before` holds NO_CLUSTER for what had none. The clusters of a sample are those of all.
    """
    from sklearn.cluster import KMeans

    former = int(before.max(initial=NO_CLUSTER)) + 1
    count = suitable_count(len(vectors), before=former)
    chosen = sample(len(vectors), SAMPLE)
    warm = count == former
    start = means(vectors, before, count) if warm else "k-means++"
    kmeans = KMeans(count, init=start, n_init=1 if warm else 3, random_state=SEED)
    kmeans.fit(vectors[chosen])
    return np.asarray(kmeans.predict(vectors), dtype=np.intp)


def afresh(vectors: Matrix, count: int) -> Labels:
    """The cluster of each unit vector (n,), without a map to go on from; the same each time."""
    beginners = vectors[sample(len(vectors), BEGINNERS)]
    found = [kmeans(vectors, far_apart(beginners, count, seed)) for seed in range(TRIES)]
    return max(found, key=lambda each: each[1])[0]


def kmeans(vectors: Matrix, start: Matrix) -> tuple[Labels, float]:
    """From the middles `start` (k, d): the cluster of each unit vector (n,), and how well all fit,
    the mean product of vector and middle.

    Lloyd 1982, Least squares quantization in PCM, until nothing changes or for ROUNDS.
    """
    middles, labels = start, _nearest(vectors, start)
    for _ in range(ROUNDS):
        middles = means(vectors, labels, len(start))
        before, labels = labels, _nearest(vectors, middles)
        if np.array_equal(before, labels):
            break
    return labels, float(np.einsum("nd,nd->n", vectors, middles[labels]).mean())


def _nearest(vectors: Matrix, middles: Matrix) -> Labels:
    nearness = vectors @ middles.T - (middles**2).sum(axis=1) / 2
    return np.asarray(nearness.argmax(axis=1), dtype=np.intp)


def far_apart(vectors: Matrix, count: int, seed: int) -> Matrix:
    """(count, d): of the unit vectors some that lie far from each other, to begin k-means with.

    Each next one is drawn with a chance that grows with the square of its distance to those before
    (Arthur and Vassilvitskii 2007, k-means++).
    """
    dice = np.random.default_rng(seed)
    chosen = [int(dice.integers(len(vectors)))]
    distances = np.full(len(vectors), np.inf)
    for _ in range(1, count):
        distances = np.minimum(distances, np.maximum(1 - vectors @ vectors[chosen[-1]], 1e-6))
        chosen.append(int(dice.choice(len(vectors), p=distances / distances.sum())))
    return vectors[chosen]


def means(vectors: Matrix, labels: Labels, count: int) -> Matrix:
    """(count, d): the middle of each cluster's members, or of all where it has none left."""
    return np.stack(
        [
            vectors[chosen if chosen.any() else ...].mean(axis=0)
            for chosen in (labels == cluster for cluster in range(count))
        ]
    )


def by_place(labels: Labels, plane: Plane) -> Labels:
    """The same clusters numbered around the middle of the map, so that next ones lie together."""
    count = labels.max() + 1
    middles = np.stack([place_of(plane[labels == cluster]) for cluster in range(count)])
    x, y = (middles - plane.mean(axis=0)).T
    return np.argsort(np.argsort(np.arctan2(y, x)))[labels]


def place_of(members: Plane) -> NDArray[np.float32]:
    """The member that lies nearest to the median of all: (2,), in the thick of them."""
    distances = np.linalg.norm(members - np.median(members, axis=0), axis=1)
    return np.asarray(members[distances.argmin()])


def read_words(names: Sequence[str], texts: Sequence[str], *, english: bool) -> Words:
    """What stands in each text, whose beginning is its name; of English no empty words."""
    from scipy.sparse import csr_matrix

    empty = EMPTY_WORDS if english else frozenset()
    places: dict[str, int] = {}
    columns: list[int] = []
    counts: list[int] = []
    ends = [0]
    for name, text in zip(names, texts, strict=True):
        found = dict.fromkeys(_parts(text, empty), 1)
        found |= {word: 1 + NAME for word in _parts(name, empty) if word in found}
        columns += [places.setdefault(word, len(places)) for word in found]
        counts += found.values()
        ends.append(len(columns))
    shape = len(texts), len(places)
    stand = csr_matrix((np.array(counts, dtype=np.float32), columns, ends), shape=shape)
    return Words(stand, np.array(list(places), dtype=object))


def _parts(text: str, empty: frozenset[str]) -> list[str]:
    words = [word for word in WORD.findall(text.lower()) if word not in empty]
    return [*words, *(" ".join(pair) for pair in pairwise(words))]


def named(words: Words, labels: Labels, count: int) -> list[list[str]]:
    """Up to WORDS words or pairs of words of each cluster that set it apart from the others.

    Class-based TF-IDF, √tf · log(1 + A / f): f is how often a word stands in all clusters and A the
    mean number of words in one (Grootendorst 2022, BERTopic, §3.3). A name counts NAME times.
    """
    from scipy.sparse import csr_matrix

    shape, rows = (count, len(labels)), np.arange(len(labels))
    members = csr_matrix((np.ones(len(labels), np.float32), (labels, rows)), shape=shape)
    classes = members @ words.counts
    sums = np.asarray(classes.sum(axis=0)).ravel()
    rarity = np.log1p(sums.sum() / count / np.maximum(sums, 1))
    return [
        distinct(words.words[each.indices[_heaviest(np.sqrt(each.data) * rarity[each.indices])]])
        for each in classes
    ]


def _heaviest(weights: NDArray[np.floating]) -> NDArray[np.intp]:
    return np.argsort(-weights, kind="stable")[:CANDIDATES]


def distinct(words: Sequence[str]) -> list[str]:
    """The first WORDS that do not share a word, also in the plural, with one before.

    >>> distinct(["vector", "latent space", "vectors", "space", "row", "column", "sum"])
    ['vector', 'latent space', 'row', 'column']
    """
    chosen: list[str] = []
    seen: set[str] = set()
    for word in words:
        stems = {part.rstrip("s") for part in word.split()}
        if not stems & seen:
            chosen.append(str(word))
            seen |= stems
        if len(chosen) == WORDS:
            break
    return chosen
