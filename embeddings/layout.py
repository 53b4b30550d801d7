"""The map: a space laid out in two dimensions. Pure functions on arrays, without Django.

A plane is (n, 2) float32, a row the place of a term; NaN where it has none yet. scikit-learn is
imported where it is used: the web process shows maps and never makes one.
"""

import numpy as np
from numpy.typing import NDArray

from embeddings.vectors import Matrix

Plane = NDArray[np.float32]

SEED = 0
FEWEST = 10  # terms; fewer have no map
PERPLEXITY = 30.0
COMPONENTS = 50  # beyond ALL_PAIRS, where t-SNE over all dimensions takes too long
ALL_PAIRS = 2_000  # terms, up to which all cosines are compared
# Iterations up to which a map of so few terms is drawn until it rests. One that does not yet would
# move on by itself when the next goes on from it. A larger one rests in scikit-learn's thousand.
UNTIL_AT_REST = {"max_iter": 5_000, "n_iter_without_progress": 1_000}
SAMPLE = 20_000  # terms, from which on a sample is laid out and the others are placed among it
ANCHORS = 5
TRUST_NEIGHBOURS, TRUST_SAMPLE = 10, 3_000
BLOCK = 1_024
MOST_CELLS = 2**14  # a side; places that are nearer than this are one


def afresh(vectors: Matrix) -> Plane:
    """A plane for n ≥ 10 unit vectors (n, d): t-SNE (van der Maaten and Hinton 2008; van der Maaten
    2014) from the principal components, so that the large shape is kept (Kobak and Berens 2019)."""
    plane = np.full((len(vectors), 2), np.nan, dtype=np.float32)
    chosen = sample(len(vectors), SAMPLE)
    rest = UNTIL_AT_REST if len(chosen) <= ALL_PAIRS else {}
    plane[chosen] = _tsne(vectors[chosen], init="pca", **rest)
    return placed(vectors, plane)


def continued(vectors: Matrix, before: Plane) -> Plane:
    """The plane `before`, its NaN rows placed, and all moved on a little where it is not too large.

    Without exaggeration and with small steps old terms hardly move.
    """
    plane = placed(vectors, before)
    if len(vectors) > SAMPLE:
        return plane
    return _tsne(vectors, init=plane, early_exaggeration=1, learning_rate=5, max_iter=250)


def placed(vectors: Matrix, plane: Plane) -> Plane:
    """Each NaN row at the mean of the places of its nearest vectors that have one."""
    missing = np.isnan(plane).any(axis=1)
    filled, known = plane.copy(), np.flatnonzero(~missing)
    asked, anchors = np.flatnonzero(missing), min(ANCHORS, len(known))
    for start in range(0, len(asked), BLOCK):
        rows = asked[start : start + BLOCK]
        cosines = vectors[rows] @ vectors[known].T
        nearest = np.argpartition(-cosines, anchors - 1, axis=1)[:, :anchors]
        filled[rows] = plane[known[nearest]].mean(axis=1)
    return filled


def _tsne(vectors: Matrix, **settings: object) -> Plane:
    from sklearn.decomposition import PCA
    from sklearn.manifold import TSNE
    from threadpoolctl import threadpool_limits

    metric = "cosine"
    threads: int | None = 1  # with few terms, several would spend their time waiting for each other
    if len(vectors) > ALL_PAIRS:
        metric, threads = "euclidean", None
        vectors = PCA(COMPONENTS, random_state=SEED).fit_transform(vectors)
    perplexity = min(PERPLEXITY, (len(vectors) - 1) / 3)
    tsne = TSNE(perplexity=perplexity, metric=metric, random_state=SEED, **settings)
    with threadpool_limits(threads):
        return np.asarray(tsne.fit_transform(vectors), dtype=np.float32)


def trustworthiness(vectors: Matrix, plane: Plane) -> float:
    """How far neighbours on the plane are neighbours in the space, at most 1.

    Of 10 neighbours, or half as many as there are others, in a sample (Venna and Kaski 2001).
    """
    from sklearn.manifold import trustworthiness

    chosen = sample(len(vectors), TRUST_SAMPLE)
    neighbours = min(TRUST_NEIGHBOURS, (len(chosen) - 1) // 2)
    return float(
        trustworthiness(vectors[chosen], plane[chosen], n_neighbors=neighbours, metric="cosine")
    )


def moved(before: Plane, after: Plane) -> float:
    """How far the places of the same terms differ when one plane is shifted, turned and scaled
    onto the other: the Procrustes distance, from 0 to 1 (Gower 1975)."""
    from scipy.spatial import procrustes

    return float(procrustes(before, after)[2])


def turned(plane: Plane, towards: Plane) -> Plane:
    """`plane` shifted, turned, mirrored and scaled onto `towards`; NaN rows there do not count."""
    shared = ~np.isnan(towards).any(axis=1)
    here, there = plane[shared].mean(axis=0), towards[shared].mean(axis=0)
    one, other = plane[shared] - here, towards[shared] - there
    left, scales, right = np.linalg.svd(one.T @ other)
    scale = scales.sum() / (one**2).sum()
    return np.asarray((plane - here) @ (left @ right) * scale + there, dtype=np.float32)


def spread(plane: Plane) -> NDArray[np.intp]:
    """The rows in an order of which every beginning covers the plane evenly.

    Finer and finer grids: first come those that are the first in their cell of the coarsest one.
    """
    low, side = plane.min(axis=0), float(np.ptp(plane, axis=0).max()) or 1.0
    relative = (plane - low) / side
    rest, order, cells = sample(len(plane), len(plane)), [], 1
    while len(rest):
        places = np.minimum((relative[rest] * cells).astype(np.int64), cells - 1)
        _, first = np.unique(places[:, 0] * cells + places[:, 1], return_index=True)
        if cells > MOST_CELLS:
            first = np.arange(len(rest))
        order.append(rest[np.sort(first)])
        rest = np.delete(rest, first)
        cells *= 2
    return np.concatenate(order)


def sample(count: int, size: int) -> NDArray[np.intp]:
    """Of `count` rows `size` at random, always the same; in random order.

    >>> sample(3, 9).tolist()
    [2, 0, 1]
    """
    return np.random.default_rng(SEED).permutation(count)[:size]
