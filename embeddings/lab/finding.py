"""What is found in a sample of a space, by vectors of its own or by others in their place.

`vectors` is (n, d), a row for each of the sample's senses; `rows` are numbers of such rows.
"""

import numpy as np
from numpy.typing import NDArray

from embeddings.lab.backdrop import Sample
from embeddings.measures import DEPTH, ndcg
from embeddings.vectors import Matrix

Rows = NDArray[np.int64]


def drawn(rows: Rows, most: int) -> Rows:
    """Up to `most` of them by chance, always the same ones."""
    return np.random.default_rng(0).permutation(rows)[:most]


def reciprocal_ranks(asked: Matrix, vectors: Matrix, rows: Rows) -> NDArray[np.float64]:
    """(m,): of the vector in each row 1 / its rank for that question, 0 beyond DEPTH."""
    cosines = asked @ vectors.T
    own = cosines[np.arange(len(rows)), rows]
    ranks = (cosines > own[:, None]).sum(axis=1) + 1
    return np.where(ranks <= DEPTH, 1 / ranks, 0)


def related_gains(sample: Sample, vectors: Matrix, rows: Rows) -> NDArray[np.float64]:
    """(m,): nDCG@10 of what editors related to each row's term, among its nearest other terms."""
    cosines = vectors[rows] @ vectors.T
    cosines[sample.terms[rows][:, None] == sample.terms] = -np.inf
    nearest = np.argsort(-cosines, axis=1, kind="stable")[:, :DEPTH]
    gains = related_to(sample)
    found = zip(rows.tolist(), nearest.tolist(), strict=True)
    return np.array([ndcg(near, gains[row]) for row, near in found])


def related_to(sample: Sample) -> dict[int, dict[int, int]]:
    """Of each row that has relations the rows that they lead to, all with one grade."""
    gains: dict[int, dict[int, int]] = {}
    for one, other in sample.relations.tolist():
        gains.setdefault(one, {})[other] = 1
        gains.setdefault(other, {})[one] = 1
    return gains


def mean(scores: NDArray[np.float64]) -> float:
    """0 of none."""
    return round(float(scores.mean()), 4) if len(scores) else 0.0
