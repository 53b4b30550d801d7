"""What an adapter changes, measured on terms that were held out and on questions of another kind.

Pure functions over arrays; a matrix is (n, d) float32 with unit rows.
"""

from collections.abc import Collection, Sequence
from itertools import chain
from typing import Any

import numpy as np
from numpy.typing import NDArray

from embeddings.measures import DEPTH, interval, ndcg
from embeddings.operations import spoken_of
from embeddings.tuning import maps
from embeddings.vectors import Matrix, nearest_each

NEAR = 4  # neighbours before, and after, that the map shows of what moved most
NAME_WEIGHT = 0.5  # of cos(definition, name) beside cos(entry, entry), as in related.py
Places = NDArray[np.intp]


def reciprocal_ranks(
    asked: Matrix, entries: Matrix, terms: NDArray[np.int64], right: Sequence[Collection[int]]
) -> NDArray[np.float64]:
    """(q,): 1 / rank of the first right term, by its best entry, for each question; 0 beyond DEPTH.

    `terms`: (n,) whose entry each row is.
    """
    ranks = np.empty(len(right))
    for place, (vector, answers) in enumerate(zip(asked, right, strict=True)):
        scores = entries @ vector
        own = np.isin(terms, list(answers))
        ranks[place] = 1 + len(np.unique(terms[(scores > scores[own].max()) & ~own]))
    return np.where(ranks <= DEPTH, 1 / ranks, 0)


def compared(base: NDArray[np.floating], tuned: NDArray[np.floating]) -> dict[str, float]:
    """Means before and after of the same questions, and the interval of the change."""
    if not len(base):
        return {"questions": 0}
    low, high = interval(tuned - base)
    means = {"base": base.mean(), "tuned": tuned.mean(), "low": low, "high": high}
    return {"questions": len(base)} | {name: round(float(v), 4) for name, v in means.items()}


def related_scores(
    entries: Matrix, definitions: Matrix, names: Matrix, rows: Places, weight: float = NAME_WEIGHT
) -> NDArray[np.float32]:
    """(q, n): how related all entries are to those of `rows`, as related.py has it.

    `weight`: of the second view; by 0 the entries alone count.
    """
    scores = entries[rows] @ entries.T
    if weight:
        scores = scores + weight * spoken_of(definitions[rows], names[rows], definitions, names)
    return np.asarray(scores, dtype=np.float32)


def related_gains(
    scores: NDArray[np.float32],
    terms: NDArray[np.int64],
    rows: Places,
    right: Sequence[Collection[int]],
) -> NDArray[np.float64]:
    """(q,): nDCG at DEPTH of the terms most related to each of the rows, but for its own."""
    gains = []
    for mine, row, links in zip(scores, rows, right, strict=True):
        order = np.argsort(-mine, kind="stable")
        others = terms[order[terms[order] != terms[row]]]
        found = list(dict.fromkeys(others[: 4 * DEPTH].tolist()))
        gains.append(ndcg(found, dict.fromkeys(links, 1)))
    return np.array(gains)


def movement(before: Matrix, after: Matrix) -> NDArray[np.float32]:
    """(n,): 1 − cosine of each row to what it was."""
    return np.asarray(1 - (before * after).sum(axis=1), dtype=np.float32)


def neighbours(vectors: Matrix, count: int = DEPTH) -> NDArray[np.int32]:
    """(n, count): the nearest other rows of each, the nearest first."""
    return nearest_each(vectors, min(count, len(vectors) - 1))[0]


def overlap(before: NDArray[np.integer], after: NDArray[np.integer]) -> NDArray[np.float64]:
    """(n,): the share of each row's neighbours that stayed.

    >>> overlap(np.array([[1, 2]]), np.array([[2, 3]])).tolist()
    [0.5]
    """
    shared = [len(np.intersect1d(one, other)) for one, other in zip(before, after, strict=True)]
    return np.array(shared) / max(before.shape[1], 1)


def in_words(
    before: Matrix, after: Matrix, names: Sequence[str], slugs: Sequence[str], most: int = 10
) -> dict[str, Any]:
    """The terms that moved most, and those whose neighbours changed most, with these; a map."""
    moved = movement(before, after)
    ours, theirs = neighbours(before), neighbours(after)
    shared = overlap(ours, theirs)

    def told(row: int) -> dict[str, Any]:
        lost = [names[each] for each in ours[row] if each not in theirs[row]]
        won = [names[each] for each in theirs[row] if each not in ours[row]]
        return {
            "name": names[row],
            "slug": slugs[row],
            "moved": round(float(moved[row]), 4),
            "percent_kept": round(100 * float(shared[row])),
            "lost": lost[:5],
            "won": won[:5],
        }

    most_moved = np.argsort(-moved, kind="stable")[:most].tolist()
    most_changed = np.argsort(shared, kind="stable")[:most].tolist()
    around = [near[most_moved, :NEAR].ravel().tolist() for near in (ours, theirs)]
    shown = maps.chosen(len(before), chain(most_moved, *around))
    return {
        "moved": round(float(moved.mean()), 4),
        "percent_kept": round(100 * float(shared.mean()), 1),
        "most_moved": [told(row) for row in most_moved],
        "most_changed": [told(row) for row in most_changed],
        "map": maps.drawn(before[shown], after[shown], [names[row] for row in shown]),
    }
