"""How much of the truth the approximate index finds, sampled on the space's own vectors."""

import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from statistics import mean, median

from django.db import connection, transaction
from pgvector import Vector as SqlVector

from embeddings import indexes
from embeddings.models import Space
from embeddings.vectors import Vector

DEPTH = 10
TIE = 1e-5  # distances that differ by less are one: the same text has the same vector

NEAREST = """
SELECT vector::halfvec({dimensions:d}) <=> %(asked)s::halfvec({dimensions:d}) AS distance
FROM embeddings_embedding WHERE space_id = {space:d} AND view = 'entry'
ORDER BY distance LIMIT {depth:d}
"""


@dataclass(frozen=True)
class Recall:
    """`recall` is a mean share over the questions; times are medians in milliseconds."""

    questions: int
    recall: float
    indexed_ms: float
    exact_ms: float
    is_indexed: bool


def sample(space: Space, count: int) -> list[Vector]:
    """Vectors (d,) of definitions, other ones at each call: what questions look like."""
    definitions = space.embeddings.filter(view="definition").order_by("?")
    return list(definitions.values_list("vector", flat=True)[:count])


def measure(space: Space, asked: Sequence[Vector], bar: Iterable[Vector]) -> Recall:
    """The ten entries nearest to each question, by the index and exactly.

    `bar` gives the questions again, one as each is answered. Raises ValueError without questions,
    and when an index would answer the exact side, so that it would be compared with itself.
    """
    if not asked:
        raise ValueError(f"nothing is embedded in “{space}” yet")
    is_indexed = indexes.name_of(space) in plan(space, asked[0])
    found, truth = [], []
    for vector in bar:
        found.append(_timed(space, vector))
        with exact_search(space, vector):
            truth.append(_timed(space, vector))
    shares = [recall_of(one, other) for (one, _), (other, _) in zip(found, truth, strict=True)]
    return Recall(
        len(asked),
        mean(shares),
        median(taken for _, taken in found),
        median(taken for _, taken in truth),
        is_indexed,
    )


def recall_of(found: Sequence[float], truth: Sequence[float]) -> float:
    """The share of the true distances, ascending, that were found; ties are as good.

    >>> recall_of([0.1, 0.2, 0.4], [0.1, 0.2, 0.3])
    0.6666666666666666
    """
    return sum(distance <= truth[-1] + TIE for distance in found) / len(truth)


@contextmanager
def exact_search(space: Space, vector: Vector) -> Iterator[None]:
    """Without any index. Raises ValueError when the planner does not keep to that."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_indexscan = off; SET LOCAL enable_bitmapscan = off")
        if "Seq Scan" not in plan(space, vector):
            raise ValueError("an index answers the exact side too")
        yield


def plan(space: Space, vector: Vector) -> str:
    with connection.cursor() as cursor:
        cursor.execute("EXPLAIN " + _query(space), {"asked": SqlVector(vector).to_text()})
        return "\n".join(row[0] for row in cursor.fetchall())


def _timed(space: Space, vector: Vector) -> tuple[list[float], float]:
    """Distances of the nearest, ascending, and the milliseconds that the question took."""
    text = SqlVector(vector).to_text()
    with connection.cursor() as cursor:
        begun = time.perf_counter()
        cursor.execute(_query(space), {"asked": text})
        distances = sorted(row[0] for row in cursor.fetchall())
    return distances, 1000 * (time.perf_counter() - begun)


def _query(space: Space) -> str:
    return NEAREST.format(dimensions=space.dimensions, space=space.pk, depth=DEPTH)
