"""Clusters of a space and the words that name them. Pure functions, without Django.

scikit-learn is imported where it is used: the web process shows clusters and never makes them.
"""

from collections.abc import Sequence
from math import sqrt

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
# Words of definitions that tell no subject from another, beside English's own.
EMPTY_WORDS = {
    *("called", "common", "different", "example", "examples", "form", "general", "given", "kind"),
    *("known", "like", "make", "makes", "means", "new", "number", "refers", "set", "sort", "term"),
    *("terms", "thing", "things", "type", "use", "used", "uses", "using", "usually", "various"),
    *("way", "word", "words"),
}

WORD = rf"(?u)\b[^\W\d_][\w{MARKS}-]*[\w{MARKS}]"


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


def named(
    names: Sequence[str], texts: Sequence[str], labels: Labels, count: int, *, english: bool
) -> list[list[str]]:
    """Up to WORDS words or pairs of words of each cluster that set it apart from the others.

    Class-based TF-IDF, √tf · log(1 + A / f): f is how often a word stands in all clusters and A the
    mean number of words in one (Grootendorst 2022, BERTopic, §3.3). A name counts NAME times.
    """
    from sklearn.feature_extraction.text import ENGLISH_STOP_WORDS, CountVectorizer

    stop = sorted(ENGLISH_STOP_WORDS | EMPTY_WORDS) if english else None
    vectorizer = CountVectorizer(
        ngram_range=(1, 2), stop_words=stop, token_pattern=WORD, binary=True
    )
    try:
        counts = vectorizer.fit_transform(texts) + NAME * vectorizer.transform(names)
    except ValueError:  # there is no word at all
        return [[] for _ in range(count)]
    members = np.equal.outer(np.arange(count), labels).astype(np.float32)
    classes = members @ counts
    share = classes / np.maximum(classes.sum(axis=1, keepdims=True), 1)
    weights = np.sqrt(share) * np.log1p(classes.sum() / count / classes.sum(axis=0))
    words = vectorizer.get_feature_names_out()
    return [distinct(words[row.argsort()[::-1]][: int((row > 0).sum())]) for row in weights]


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
