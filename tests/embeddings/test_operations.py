"""The mathematics of the lab: what has to hold of any vectors whatever."""

from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from embeddings import operations
from embeddings.operations import Impossible
from embeddings.vectors import Matrix, Vector, unit

DIMENSIONS = 12
CLOSE: dict[str, Any] = {"atol": 2e-3}  # float32, and ends that are nearly opposite


def matrix(seed: int, rows: int) -> Matrix:
    return unit(np.random.default_rng(seed).standard_normal((rows, DIMENSIONS)))


SEEDS = st.integers(0, 2**32 - 1)
MATRICES = st.builds(matrix, SEEDS, st.integers(2, 30))
VECTORS = SEEDS.map(lambda seed: matrix(seed, 1)[0])
SHARES = st.floats(0, 1)


def near(one: Any, other: Any) -> bool:
    return bool(np.allclose(one, other, **CLOSE))


@given(VECTORS, VECTORS, SHARES, st.booleans())
def test_a_way_between_two_begins_and_ends_at_them_and_is_the_same_back(
    one: Vector, other: Vector, share: float, spherical: bool
) -> None:
    ends = operations.interpolate(one, other, [0, share, 1], spherical=spherical)
    back = operations.interpolate(other, one, [1 - share], spherical=spherical)
    assert near(ends[0], one)
    assert near(ends[2], other)
    assert near(ends[1], back[0])


@given(VECTORS, VECTORS)
def test_spherical_steps_are_even_and_both_ways_meet_in_the_middle(
    one: Vector, other: Vector
) -> None:
    points = operations.interpolate(one, other, [0, 0.25, 0.5, 0.75, 1], spherical=True)
    cosines = (points[:-1] * points[1:]).sum(axis=1)
    assert near(cosines, cosines[0])
    assert near(points[2], operations.interpolate(one, other, [0.5], spherical=False)[0])


def test_there_is_no_way_between_opposites() -> None:
    with pytest.raises(Impossible, match="Opposite"):
        operations.interpolate(matrix(1, 1)[0], -matrix(1, 1)[0], [0.5], spherical=True)


@given(MATRICES)
def test_weights_that_are_one_for_one_give_it_and_those_that_cancel_give_nothing(
    vectors: Matrix,
) -> None:
    only_first = [1.0, *[0.0] * (len(vectors) - 1)]
    assert near(operations.combined(vectors, only_first), vectors[0])
    with pytest.raises(Impossible, match="cancel"):
        operations.combined(vectors[[0, 0]], [2, -2])


@given(VECTORS, st.floats(0, 3), SEEDS.map(lambda seed: seed + 2**32))  # not the centre's own
def test_samples_lie_around_their_centre_and_a_seed_gives_them_again(
    centre: Vector, angle: float, seed: int
) -> None:
    points = operations.around(centre, angle, 20, seed)
    assert (np.arccos(np.clip(points @ centre, -1, 1)) <= angle + 2e-3).all()
    assert near(points, operations.around(centre, angle, 20, seed))
    assert near(operations.around(centre, 0, 3, seed), centre)


@given(VECTORS, MATRICES, st.floats(0, 1.5), SEEDS)
def test_samples_keep_to_the_directions_in_which_others_vary(
    centre: Vector, spread: Matrix, angle: float, seed: int
) -> None:
    points = operations.around(centre, angle, 20, seed, spread)
    assert (np.arccos(np.clip(points @ centre, -1, 1)) <= angle + 2e-3).all()
    assert near(points, operations.around(centre, angle, 20, seed, spread))
    flat = spread * (np.arange(DIMENSIONS) < DIMENSIONS // 2)
    there = unit(centre * (np.arange(DIMENSIONS) < DIMENSIONS // 2) + np.eye(DIMENSIONS)[0])
    assert near(operations.around(there, angle, 20, seed, flat)[:, DIMENSIONS // 2 :], 0)


@given(MATRICES, VECTORS, VECTORS)
def test_an_analogy_with_itself_asks_for_the_neighbours_of_the_third(
    candidates: Matrix, same: Vector, third: Vector
) -> None:
    positive, negative = np.stack([same, third]), same[None]
    order = np.argsort(candidates @ third)
    assert near(operations.cos_add(candidates, positive, negative), candidates @ third)
    assert list(np.argsort(operations.cos_mul(candidates, third[None], negative[:0]))) == list(
        order
    )


@given(MATRICES, VECTORS)
def test_an_offset_leads_from_the_ones_to_the_others(ones: Matrix, way: Vector) -> None:
    assert near(operations.offset(ones, ones + way), way)
    assert near(operations.offset(ones, ones), 0)
    with pytest.raises(Impossible):
        operations.offset(ones[:0], ones[:0])


@given(MATRICES, SEEDS)
def test_a_linear_map_is_the_identity_for_pairs_of_the_same_and_learns_a_rotation(
    ones: Matrix, seed: int
) -> None:
    assert near(operations.linear_map(ones, ones, ridge=1), np.eye(DIMENSIONS))
    rotation, _ = np.linalg.qr(np.random.default_rng(seed).standard_normal([DIMENSIONS] * 2))
    many = matrix(seed, 200)
    turned = (many @ rotation).astype(np.float32)
    assert near(operations.linear_map(many, turned, ridge=1e-6), rotation)


@given(VECTORS, MATRICES, VECTORS)
def test_where_a_map_takes_a_vector_is_known_without_the_map(
    start: Vector, ones: Matrix, way: Vector
) -> None:
    others = unit(ones + way)
    whole = operations.linear_map(ones, others, ridge=1)
    assert near(operations.mapped(start, ones, others, ridge=1), start @ whole)
    assert near(operations.mapped(start, ones, ones, ridge=1), start)


@given(MATRICES)
def test_masking_nothing_leaves_every_cosine_and_masking_all_is_impossible(vectors: Matrix) -> None:
    axes = operations.principal_axes(vectors)
    whole = operations.masked(vectors, axes)
    assert near(axes @ axes.T, np.eye(DIMENSIONS))
    assert near(whole @ whole.T, vectors @ vectors.T)
    spread = (vectors @ axes.T).var(axis=0)
    assert (np.diff(spread) <= 1e-4).all()
    with pytest.raises(Impossible, match="no dimension"):
        operations.masked(vectors, axes[:0])


@given(MATRICES, MATRICES)
def test_a_direction_turns_round_with_its_groups(toward: Matrix, away: Matrix) -> None:
    assume(not np.array_equal(toward, away))
    way = operations.direction(toward, away)
    assert near(np.linalg.norm(way), 1)
    assert near(way, -operations.direction(away, toward))
    with pytest.raises(Impossible, match="same middle"):
        operations.direction(toward, toward)
    with pytest.raises(Impossible, match="empty"):
        operations.direction(toward, away[:0])


@given(MATRICES, VECTORS, st.floats(-0.5, 0.5))
def test_a_shift_of_nothing_is_the_identity_and_one_along_a_direction_goes_up_it(
    vectors: Matrix, way: Vector, amount: float
) -> None:
    assert near(operations.shifted(vectors, way, 0), vectors)
    risen = (operations.shifted(vectors, way, amount) - vectors) @ way
    assert (risen * np.sign(amount) >= -2e-3).all()


@given(MATRICES, VECTORS)
def test_dampening_leaves_nothing_along_the_direction_and_twice_is_once(
    vectors: Matrix, way: Vector
) -> None:
    once = operations.dampened(vectors, way)
    assert (np.abs(once @ way) < 1e-4).all()
    assert near(operations.dampened(once, way), once)
    assert near(operations.dampened(way[None], way), 0)


@given(st.lists(st.integers(0, 5), min_size=1), st.lists(st.integers(0, 5), min_size=1))
def test_auc_is_the_share_of_pairs_in_order(above: list[int], below: list[int]) -> None:
    pairs = [1 if one > other else 0.5 if one == other else 0 for one in above for other in below]
    measured = operations.auc(np.array(above, float), np.array(below, float))
    assert measured == pytest.approx(sum(pairs) / len(pairs))


def test_what_is_apart_is_told_apart_and_what_is_not_is_a_coin() -> None:
    way = matrix(3, 1)[0]
    apart = operations.shifted(matrix(1, 60), way, 2), operations.shifted(matrix(2, 60), way, -2)
    alike = matrix(4, 60), matrix(5, 60)
    assert operations.held_out_auc(*apart, seed=1) > 0.98
    assert operations.auc(*operations.held_out(*apart, seed=1)) > 0.98
    assert 0.3 < operations.held_out_auc(*alike, seed=1) < 0.7
    assert abs(operations.chance_auc(*apart, seed=1).mean() - 0.5) < 0.1
    assert operations.stability(*apart, seed=1) > 0.95 > operations.stability(*alike, seed=1)
    assert operations.probe(*apart, seed=1) > 0.95
    assert operations.probe(*alike, seed=1) < 0.7
    learned = operations.direction(*apart)
    one, other = (operations.dampened(group, learned) for group in apart)
    assert operations.probe(one, other, seed=1) < 0.75
    with pytest.raises(Impossible, match="two members"):
        operations.probe(matrix(1, 1), matrix(2, 5), seed=1)


@given(VECTORS, MATRICES)
def test_a_question_without_marks_stays_and_the_order_of_marks_is_nothing(
    asked: Vector, marks: Matrix
) -> None:
    none = marks[:0]
    assert near(operations.guided(asked, none, none), asked)
    moved = operations.guided(asked, marks[:1], none)
    assert moved @ marks[0] >= asked @ marks[0] - 1e-5
    assert near(operations.guided(asked, marks, none), operations.guided(asked, marks[::-1], none))
    with pytest.raises(Impossible, match="cancel"):
        operations.guided(asked, none, asked[None], push=1)


@given(MATRICES, VECTORS, st.integers(1, 40))
def test_diversity_begins_with_the_best_and_at_full_balance_is_the_order_of_scores(
    vectors: Matrix, asked: Vector, limit: int
) -> None:
    scores = vectors @ asked
    plain = operations.diverse(scores, vectors, limit, 1)
    order = list(np.argsort(-scores, kind="stable")[:limit])
    assert near(scores[plain], scores[order])
    mixed = operations.diverse(scores, vectors, limit, 0.5)
    assert len(set(mixed)) == len(mixed) == min(limit, len(vectors))
    assert scores[mixed[0]] == scores[order[0]]
