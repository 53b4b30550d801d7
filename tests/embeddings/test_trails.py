"""Trails in the graph of neighbours: what has to hold of any."""

from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse.csgraph import dijkstra

from embeddings import trails
from embeddings.vectors import Matrix, unit

DIMENSIONS = 12


def graph(vectors: Matrix, each: int) -> tuple[Any, Any]:
    cosines = vectors @ vectors.T
    np.fill_diagonal(cosines, -2)
    near = np.argsort(-cosines, axis=1)[:, :each]
    return near, np.take_along_axis(cosines, near, axis=1)


@given(st.integers(0, 2**32 - 1))
@settings(max_examples=25, deadline=None)
def test_a_trail_goes_along_edges_and_costs_the_same_back(seed: int) -> None:
    vectors = unit(np.random.default_rng(seed).standard_normal((40, DIMENSIONS)))
    near, cosines = graph(vectors, 3)
    steps = trails.neighbour_graph(near, cosines)
    there, back = trails.trail(steps, 0, 39), trails.trail(steps, 39, 0)
    least = float(dijkstra(steps, indices=0)[39])
    assert (there is None) == (back is None)
    assert (there is None) == np.isinf(least)
    if there is None or back is None:
        return
    assert (there[0], there[-1]) == (0, 39)
    for one, other in pairwise(there):
        assert other in near[one] or one in near[other]

    def cost(way: list[int]) -> float:
        steps = pairwise(way)
        return float(sum((1 - vectors[a] @ vectors[b]) ** 2 for a, b in steps))

    assert cost(there) == pytest.approx(cost(back), abs=1e-4)
    assert cost(there) == pytest.approx(least, abs=1e-4), "and none is cheaper"


def test_there_is_no_trail_between_islands_and_one_step_between_neighbours() -> None:
    near = np.array([[1], [0], [3], [2]])
    steps = trails.neighbour_graph(near, np.full((4, 1), 0.9))
    assert trails.trail(steps, 0, 3) is None
    assert trails.trail(steps, 0, 1) == [0, 1]
    assert trails.trail(steps, 2, 2) == [2]
    none = trails.neighbour_graph(near, np.full((4, 1), -np.inf))
    assert trails.trail(none, 0, 1) is None
