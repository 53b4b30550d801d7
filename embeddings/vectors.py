"""Mathematics over vectors: pure functions on arrays. A matrix is (n, d) float32, unit rows."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

QUOTED = 0.95  # cosine from which a text all but quotes a definition
LITTLE, FAR = 0.1, 0.5  # shares of the way to the nearest entry: docs/editor.md

Matrix = NDArray[np.float32]
Vector = NDArray[np.float32]


class BadVectors(ValueError):
    """An encoder gave something that is no set of unit vectors."""


def unit(matrix: NDArray[np.floating]) -> Matrix:
    """Rows scaled to length 1, as float32. Zero rows stay zero."""
    lengths = np.linalg.norm(matrix, axis=-1, keepdims=True)
    return (matrix / np.where(lengths == 0, 1, lengths)).astype(np.float32)


def checked(matrix: NDArray[np.floating], rows: int, dimensions: int) -> Matrix:
    """`matrix` as (rows, dimensions) unit vectors.

    Raises BadVectors for another shape, for NaN or infinity, and for a zero vector.
    """
    if matrix.shape != (rows, dimensions):
        raise BadVectors(f"expected vectors of shape {(rows, dimensions)}, got {matrix.shape}")
    if not np.isfinite(matrix).all():
        raise BadVectors("a vector holds NaN or infinity")
    if not np.linalg.norm(matrix, axis=1).all():
        raise BadVectors("a vector is zero")
    return unit(matrix)


def nearest_others(
    asked: Matrix, views: Sequence[Matrix], weights: Sequence[float], block: int = 1024
) -> NDArray[np.float32]:
    """(n,) for each row of `asked` the score of the best of the other n − 1 items; needs n ≥ 2.

    An item is one row of each view, zero where it has none; its score is the weighted mean of the
    cosines of the views that it has.
    """
    share = sum(
        weight * view.any(axis=1).astype(np.float32)
        for view, weight in zip(views, weights, strict=True)
    )
    best = np.empty(len(asked), dtype=np.float32)
    for start in range(0, len(asked), block):
        rows = asked[start : start + block]
        scores = sum(
            weight * (rows @ view.T) for view, weight in zip(views, weights, strict=True)
        ) / np.where(share == 0, 1, share)
        scores[np.arange(len(rows)), np.arange(start, start + len(rows))] = -np.inf
        best[start : start + block] = scores.max(axis=1)
    return best


def nearest_each(
    vectors: Matrix, count: int, block: int = 512, width: int = 16_384
) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
    """(n, count) twice: of each unit row the nearest others, the nearest first, and the cosines.

    Needs more than `count` rows. In blocks of block × width cosines, whatever n is.
    """
    total = len(vectors)
    near = np.empty((total, count), dtype=np.int32)
    cosines = np.empty((total, count), dtype=np.float32)
    for start in range(0, total, block):
        rows = np.arange(start, min(start + block, total))
        parts = [
            _nearest_within(vectors, rows, np.arange(left, min(left + width, total)), count)
            for left in range(0, total, width)
        ]
        found, scores = (np.concatenate(part, axis=1) for part in zip(*parts, strict=True))
        order = np.argsort(-scores, axis=1, kind="stable")[:, :count]
        near[rows] = np.take_along_axis(found, order, axis=1)
        cosines[rows] = np.take_along_axis(scores, order, axis=1)
    return near, cosines


def _nearest_within(
    vectors: Matrix, rows: NDArray[np.intp], among: NDArray[np.intp], count: int
) -> tuple[NDArray[np.intp], NDArray[np.float32]]:
    """Those of `among`, in no order; a row's nearness to itself is −∞."""
    scores = vectors[rows] @ vectors[among[0] : among[-1] + 1].T
    scores[rows[:, None] == among] = -np.inf
    most = min(count, len(among))
    best = np.argpartition(scores, len(among) - most, axis=1)[:, -most:]
    return among[best], np.take_along_axis(scores, best, axis=1)


def gap(scores: NDArray[np.floating]) -> float:
    """How far the first of descending scores stands above the mean of ranks 2 to 11."""
    rest = scores[1:11]
    return float(scores[0] - rest.mean()) if len(rest) else 0.0


def lead(scores: NDArray[np.floating]) -> float:
    """How far the first of descending scores stands above the second."""
    return float(scores[0] - scores[1]) if len(scores) > 1 else 0.0
