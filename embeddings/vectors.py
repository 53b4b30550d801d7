"""Mathematics over vectors: pure functions on arrays. A matrix is (n, d) float32, unit rows."""

import numpy as np
from numpy.typing import NDArray

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


def nearest_cosines(matrix: Matrix, block: int = 1024) -> NDArray[np.float32]:
    """(n,) for each row the cosine to its nearest other row; needs n ≥ 2."""
    best = np.empty(len(matrix), dtype=np.float32)
    for start in range(0, len(matrix), block):
        cosines = matrix[start : start + block] @ matrix.T
        cosines[np.arange(len(cosines)), np.arange(start, start + len(cosines))] = -np.inf
        best[start : start + block] = cosines.max(axis=1)
    return best


def gap(scores: NDArray[np.floating]) -> float:
    """How far the first of descending scores stands above the mean of ranks 2 to 11."""
    rest = scores[1:11]
    return float(scores[0] - rest.mean()) if len(rest) else 0.0
