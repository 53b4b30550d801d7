"""The terms that signed sums rank first, by the cosine to the sum, by 3CosAdd or 3CosMul."""

from collections.abc import Callable, Iterable

import numpy as np

from embeddings import operations
from embeddings.lab.lines import Weighted
from embeddings.lab.workspace import Hit, Workspace
from embeddings.operations import Scores
from embeddings.vectors import Matrix, Vector

SHOWN = 10
POOL = 100  # nearest to the sum, and to each that is added, which 3CosMul chooses from
Scored = list[tuple[Hit, float]]


def is_added(weighted: Weighted) -> bool:
    return weighted.weight > 0


def stacked(of: Iterable[Weighted]) -> Matrix:
    """(n, d)."""
    return np.array([each.given.vector for each in of], dtype=np.float32)


def nearest_to_any(found: list[list[Hit]]) -> list[Hit]:
    """The nearest terms of several lists, each once, by the best of its cosines."""
    best: dict[int, Hit] = {}
    for hit in sorted((hit for hits in found for hit in hits), key=lambda hit: -hit.cosine):
        best.setdefault(hit.term.pk, hit)
    return list(best.values())[:SHOWN]


def by_cosine(
    workspace: Workspace, point: Vector, of: list[Weighted], without: list[int]
) -> Scored:
    return [(hit, hit.cosine) for hit in workspace.near(point, SHOWN, without)]


def by_cos_add(
    workspace: Workspace, point: Vector, of: list[Weighted], without: list[int]
) -> Scored:
    """In the order of the sum, of which it is a multiple."""
    hits = workspace.near(point, SHOWN, without)
    return best(hits, scores_of(workspace, operations.cos_add, hits, of))


def by_cos_mul(
    workspace: Workspace, point: Vector, of: list[Weighted], without: list[int]
) -> Scored:
    """Of the POOL nearest to the sum and to each that is added."""
    added = stacked(each for each in of if is_added(each))
    pool = workspace.near_each(np.concatenate([point[None], added]), POOL, without)
    places = {hit.sense.pk: hit for hits in reversed(pool) for hit in hits}
    hits = list(places.values())
    return best(hits, scores_of(workspace, operations.cos_mul, hits, of))


def scores_of(
    workspace: Workspace, score: Callable[..., Scores], hits: list[Hit], of: list[Weighted]
) -> Scores:
    """(n,)."""
    dimensions = workspace.space.dimensions
    vectors = workspace.entries(hit.sense.pk for hit in hits)
    sides = ([each for each in of if is_added(each) is added] for added in (True, False))
    positive, negative = (stacked(side).reshape(-1, dimensions) for side in sides)
    return score(vectors, positive, negative)


def best(hits: list[Hit], scores: Scores) -> Scored:
    """The SHOWN best of them, each term once."""
    found: dict[int, tuple[Hit, float]] = {}
    for row in np.argsort(-scores, kind="stable").tolist():
        found.setdefault(hits[row].term.pk, (hits[row], round(float(scores[row]), 4)))
    return list(found.values())[:SHOWN]


SCORED: dict[str, Callable[..., Scored]] = {"3cosadd": by_cos_add, "3cosmul": by_cos_mul}
