"""Operations of the latent lab: pure functions over arrays, without Django.

A vector is (d,), a matrix (n, d), both float32; inputs are unit vectors, and so is what comes out,
unless it is said otherwise. What cannot be answered raises Impossible, which says why in words for
readers.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from embeddings.vectors import Matrix, Vector, unit

Scores = NDArray[np.float32]

EDGE = 1e-4  # length under which a vector has no direction of its own in float32
EPSILON = 1e-3  # keeps 3CosMul from dividing by nothing


class Impossible(ValueError):
    """What these inputs have no answer for."""


def directed(vector: NDArray[np.floating], why: str) -> Vector:
    """The unit vector that points there. Raises Impossible, with `why`, for one near zero."""
    if not np.isfinite(vector).all():
        raise Impossible("A vector holds NaN or infinity.")
    if np.linalg.norm(vector) < EDGE:
        raise Impossible(why)
    return unit(vector)


def rest(matrix: NDArray[np.floating]) -> Matrix:
    """Unit rows; those of next to nothing, whose direction is chance, are zero."""
    lengths = np.linalg.norm(matrix, axis=1, keepdims=True)
    return unit(np.where(lengths < EDGE, 0, matrix))


# Moving between and around


def interpolate(one: Vector, other: Vector, shares: Sequence[float], *, spherical: bool) -> Matrix:
    """(steps, d): the points that lie such shares of the way from one vector to the other.

    Along the great circle where `spherical` (Shoemake 1985, Animating rotation with quaternion
    curves), in even steps of the angle; else along the chord, scaled to the sphere. The points are
    those of the same arc, but for opposite ends, between which there is none: Impossible.
    """
    angle = float(np.arccos(np.clip(one @ other, -1, 1)))
    if np.pi - angle < EDGE:
        raise Impossible("Opposite vectors have no way between them that is shorter than others.")
    way = np.asarray(shares, dtype=np.float64)[:, None]
    if spherical and angle > EDGE:
        ends = np.sin((1 - way) * angle), np.sin(way * angle)
    else:
        ends = 1 - way, way
    return unit(ends[0] * one + ends[1] * other)


def combined(vectors: Matrix, weights: Sequence[float]) -> Vector:
    """(d,): the direction of the weighted sum. Raises Impossible where the weights cancel out."""
    total = np.asarray(weights, dtype=np.float64) @ vectors
    return directed(total, "The weights cancel out: nothing is left to look near.")


def around(
    centre: Vector, angle: float, count: int, seed: int, spread: Matrix | None = None
) -> Matrix:
    """(count, d): points at up to that angle (radians) from the centre, the same for a seed.

    Their directions are even on the sphere or, with `spread`, (n, d) vectors, those in which these
    vary, drawn from a normal distribution of their covariance. Their angles are even from 0: points
    that are even in space would all lie at the edge, where nearly all of its room is.
    """
    dice = np.random.default_rng(seed)
    if spread is None:
        drawn = dice.standard_normal((count, len(centre)))
    else:
        drawn = dice.standard_normal((count, len(spread))) @ (spread - spread.mean(axis=0))
    sideways = unit(drawn - np.outer(drawn @ centre, centre))
    angles = dice.uniform(0, angle, (count, 1))
    return unit(np.cos(angles) * centre + np.sin(angles) * sideways)


# Analogies


def cos_add(candidates: Matrix, positive: Matrix, negative: Matrix) -> Scores:
    """(n,) 3CosAdd: cos to each positive, less cos to each negative (Mikolov et al. 2013)."""
    return np.asarray(
        (candidates @ positive.T).sum(axis=1) - (candidates @ negative.T).sum(axis=1),
        dtype=np.float32,
    )


def cos_mul(candidates: Matrix, positive: Matrix, negative: Matrix) -> Scores:
    """(n,) 3CosMul: products in the place of sums, of cosines moved to 0 … 1.

    Levy and Goldberg 2014, Linguistic regularities in sparse and explicit word representations.
    """
    near, far = ((1 + candidates @ each.T) / 2 for each in (positive, negative))
    return np.asarray(near.prod(axis=1) / (far.prod(axis=1) + EPSILON), dtype=np.float32)


def offset(ones: Matrix, others: Matrix) -> Vector:
    """(d,): the mean way from each of the ones to its other; not a unit vector.

    Raises Impossible without a pair.
    """
    if not len(ones):
        raise Impossible("An analogy takes one pair or more.")
    return np.asarray((others - ones).mean(axis=0), dtype=np.float32)


def linear_map(ones: Matrix, others: Matrix, ridge: float) -> Matrix:
    """(d, d) W, for which `ones @ W` comes nearest to the others, by least squares with a ridge.

    W is the identity plus what the pairs teach, so that few pairs leave vectors where they are.
    """
    gram = ones.T @ ones + ridge * np.eye(ones.shape[1])
    learned = np.linalg.solve(gram, ones.T @ (others - ones))
    return np.asarray(np.eye(ones.shape[1]) + learned, dtype=np.float32)


def mapped(start: Vector, ones: Matrix, others: Matrix, ridge: float) -> Vector:
    """(d,): where `linear_map` takes the start, without making the map; not a unit vector."""
    gram = ones.T @ ones + ridge * np.eye(ones.shape[1])
    shares = ones @ np.linalg.solve(gram, start)
    return np.asarray(start + shares @ (others - ones), dtype=np.float32)


# Masks


def principal_axes(vectors: Matrix) -> Matrix:
    """(d, d): orthonormal rows, along which the vectors vary most first.

    The axes are those of the centred vectors; a rotation by them leaves every cosine as it is.
    """
    centred = vectors.astype(np.float64) - vectors.mean(axis=0)
    _, axes = np.linalg.eigh(centred.T @ centred)
    return np.asarray(axes[:, ::-1].T, dtype=np.float32)


def masked(vectors: Matrix, kept: Matrix) -> Matrix:
    """(n, k): unit vectors of what is left along k orthonormal axes; a row of nothing stays zero.

    Raises Impossible where no axis is kept.
    """
    if not len(kept):
        raise Impossible("The mask leaves no dimension.")
    return rest(vectors @ kept.T)


# Directions


def direction(toward: Matrix, away: Matrix) -> Vector:
    """(d,): from the mean of one group to that of another, the first where it grows.

    Raises Impossible for an empty group and for groups with one mean.
    """
    if not (len(toward) and len(away)):
        raise Impossible("A direction leads between two groups; one of them is empty.")
    between = toward.mean(axis=0) - away.mean(axis=0)
    return directed(between, "The two groups have the same middle: no direction tells them apart.")


def auc(above: Scores, below: Scores) -> float:
    """The chance that one of `above` is more than one of `below`, ties half: 0.5 is a coin.

    Mann and Whitney 1947.

    >>> auc(np.array([3.0, 2.0]), np.array([1.0, 2.0]))
    0.875
    """
    order = np.sort(below)
    less = np.searchsorted(order, above, side="left")
    most = np.searchsorted(order, above, side="right")
    return float((less + most).mean() / 2 / len(below))


def held_out_auc(toward: Matrix, away: Matrix, seed: int, folds: int = 5) -> float:
    """How well directions learned from the rest tell those apart that were held out: mean AUC.

    Raises Impossible with fewer than two members on a side.
    """
    folded = _folded(toward, away, seed, folds)
    return float(
        np.mean([auc(toward[ours] @ way, away[theirs] @ way) for ours, theirs, way in folded])
    )


def held_out(toward: Matrix, away: Matrix, seed: int, folds: int = 5) -> tuple[Scores, Scores]:
    """(n,), (m,): how far each member lies along the direction that the others teach."""
    ahead, behind = np.zeros(len(toward), np.float32), np.zeros(len(away), np.float32)
    for ours, theirs, way in _folded(toward, away, seed, folds):
        ahead[ours], behind[theirs] = toward[ours] @ way, away[theirs] @ way
    return ahead, behind


def chance_auc(toward: Matrix, away: Matrix, seed: int, draws: int = 100) -> Scores:
    """(draws,): held-out AUCs of groups of these sizes into which all members fall by chance.

    A permutation test (Fisher 1935): what a direction between groups that mean nothing is worth.
    """
    dice, both, size = np.random.default_rng(seed), np.concatenate([toward, away]), len(toward)
    dealt = (both[dice.permutation(len(both))] for _ in range(draws))
    return np.array([held_out_auc(hand[:size], hand[size:], seed) for hand in dealt], np.float32)


def stability(toward: Matrix, away: Matrix, seed: int, draws: int = 100) -> float:
    """The mean cosine of the direction to those of groups drawn anew from these (bootstrap)."""
    whole, dice = direction(toward, away), np.random.default_rng(seed)
    drawn = [
        direction(*(group[dice.integers(len(group), size=len(group))] for group in (toward, away)))
        for _ in range(draws)
    ]
    return float(np.mean([way @ whole for way in drawn]))


def shifted(vectors: Matrix, way: Vector, amount: float) -> Matrix:
    """(n, d): each moved along a direction, and back onto the sphere; 0 is the identity."""
    return unit(vectors + amount * way)


def dampened(vectors: Matrix, way: Vector) -> Matrix:
    """(n, d): each without what it has along a direction; twice is once. What is all of it is zero.

    Only what is linear goes: neighbours may still tell what was removed.
    """
    return rest(vectors - np.outer(vectors @ way, way))


def probe(toward: Matrix, away: Matrix, seed: int, folds: int = 5, ridge: float = 1.0) -> float:
    """How often a linear classifier of the rest (least squares, ridge) is right of those held out.

    The larger group's share is what a guess would have.
    """
    right = total = 0
    for ours, theirs in _parted(len(toward), len(away), seed, folds):
        known = np.concatenate([np.delete(toward, ours, 0), np.delete(away, theirs, 0)])
        sides = np.repeat([1.0, -1.0], [len(toward) - len(ours), len(away) - len(theirs)])
        plane = _plane(known, sides, ridge)
        right += int((plane(toward[ours]) > 0).sum() + (plane(away[theirs]) <= 0).sum())
        total += len(ours) + len(theirs)
    return right / total


def _plane(known: Matrix, sides: NDArray[np.float64], ridge: float) -> Any:
    middle, bias = known.mean(axis=0), sides.mean()
    centred = (known - middle).astype(np.float64)
    gram = centred.T @ centred + ridge * np.eye(centred.shape[1])
    slope = np.linalg.solve(gram, centred.T @ (sides - bias))
    return lambda vectors: (vectors - middle) @ slope + bias


def _folded(toward: Matrix, away: Matrix, seed: int, folds: int) -> Any:
    for ours, theirs in _parted(len(toward), len(away), seed, folds):
        between = _mean_without(toward, ours) - _mean_without(away, theirs)
        yield ours, theirs, unit(between)


def _mean_without(group: Matrix, rows: NDArray[np.intp]) -> NDArray[np.floating]:
    return (group.sum(axis=0) - group[rows].sum(axis=0)) / (len(group) - len(rows))


def _parted(ours: int, theirs: int, seed: int, folds: int) -> list[Any]:
    """The rows of both groups that each fold holds out."""
    if min(ours, theirs) < 2:
        raise Impossible("Each group takes two members or more, so that one can be held out.")
    dice, count = np.random.default_rng(seed), min(folds, ours, theirs)
    parts = [np.array_split(dice.permutation(size), count) for size in (ours, theirs)]
    return list(zip(*parts, strict=True))


# Steps


def guided(
    asked: Vector, closer: Matrix, away: Matrix, *, pull: float = 1.0, push: float = 0.5
) -> Vector:
    """(d,): a question moved toward what was marked, and away from what was not meant.

    Rocchio 1971; without marks it is the question. Raises Impossible where they cancel out.
    """
    moved = asked + pull * closer.sum(axis=0) - push * away.sum(axis=0)
    return directed(moved, "The marks cancel out: nothing is left to look near.")


def diverse(scores: Scores, vectors: Matrix, limit: int, balance: float) -> list[int]:
    """The rows in the order of maximal marginal relevance, up to `limit` of them.

    Each next one has the most of balance · score − (1 − balance) · cosine to the nearest before it;
    1 is the order of the scores (Carbonell and Goldstein 1998).
    """
    chosen: list[int] = []
    nearest = np.zeros(len(scores), dtype=np.float32)
    left = np.ones(len(scores), dtype=bool)
    for _ in range(min(limit, len(scores))):
        gains = np.where(left, balance * scores - (1 - balance) * nearest, -np.inf)
        best = int(gains.argmax())
        chosen.append(best)
        left[best] = False
        cosines = vectors @ vectors[best]
        nearest = cosines if len(chosen) == 1 else np.maximum(nearest, cosines)
    return chosen


def spoken_of(definitions: Matrix, names: Matrix, others: Matrix, other_names: Matrix) -> Scores:
    """(m, n): the cosine of one's definition and the other's name, the greater of both ways.

    `definitions`, `names`: (m, d) of the ones; `others`, `other_names`: (n, d) those of the others.
    """
    return np.asarray(np.maximum(definitions @ other_names.T, names @ others.T))
