"""Nearest neighbours in a space: the candidates from the index, rescored over the other views."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from django.db import connection
from pgvector import Vector as SqlVector
from pgvector.django import CosineDistance

from embeddings.models import Space
from embeddings.vectors import Vector
from terms.models import Term

CANDIDATES = 100

# The cast stands in the query as in the index; space and view are literals, so that the partial
# index applies. Where a space has no index yet, the same query is an exact scan.
TO_VECTOR = """
WITH near AS MATERIALIZED (
    SELECT entry.sense_id, term.id AS term_id, 1 - (entry.vector <=> %(asked)s::vector) AS cosine
    FROM embeddings_embedding entry
    JOIN terms_sense sense ON sense.id = entry.sense_id
    JOIN terms_term term ON term.id = sense.term_id
    WHERE entry.space_id = {space:d} AND entry.view = 'entry'
      AND term.status IN ('published', 'deprecated') AND term.language = %(language)s
    ORDER BY entry.vector::halfvec({dimensions:d}) <=> (%(asked)s::vector)::halfvec({dimensions:d})
    LIMIT %(candidates)s)
SELECT near.term_id, near.sense_id,
       (%(entry)s * near.cosine
            + %(definition)s * coalesce(1 - (definition.vector <=> %(asked)s::vector), near.cosine)
            + %(example)s * coalesce(1 - (example.vector <=> %(asked)s::vector), 0))
       / (%(entry)s + %(definition)s + CASE WHEN example.id IS NULL THEN 0 ELSE %(example)s END)
       AS score
FROM near
LEFT JOIN embeddings_embedding definition ON definition.sense_id = near.sense_id
    AND definition.space_id = {space:d} AND definition.view = 'definition'
LEFT JOIN embeddings_embedding example ON example.sense_id = near.sense_id
    AND example.space_id = {space:d} AND example.view = 'example'
ORDER BY score DESC, near.sense_id
"""

TO_TERM = """
WITH mine AS (
    SELECT entry.vector AS entry, definition.vector AS definition
    FROM embeddings_embedding entry
    JOIN embeddings_embedding definition USING (space_id, sense_id)
    JOIN terms_sense sense ON sense.id = entry.sense_id
    WHERE sense.term_id = %(term)s AND entry.space_id = {space:d}
      AND entry.view = 'entry' AND definition.view = 'definition'),
near AS MATERIALIZED (
    SELECT other.term_id, other.sense_id, mine.definition,
           1 - (other.vector <=> mine.entry) AS cosine
    FROM mine CROSS JOIN LATERAL (
        SELECT entry.sense_id, entry.vector, term.id AS term_id
        FROM embeddings_embedding entry
        JOIN terms_sense sense ON sense.id = entry.sense_id
        JOIN terms_term term ON term.id = sense.term_id
        WHERE entry.space_id = {space:d} AND entry.view = 'entry' AND term.id <> %(term)s
          AND term.status = 'published' AND term.language = %(language)s
          AND term.id <> ALL(%(without)s)
        ORDER BY entry.vector::halfvec({dimensions:d}) <=> mine.entry::halfvec({dimensions:d})
        LIMIT %(candidates)s) other),
scored AS (
    SELECT near.term_id, near.cosine,
           %(entry_weight)s * near.cosine
               + %(name_weight)s * (1 - (name.vector <=> near.definition)) AS score
    FROM near
    JOIN embeddings_embedding name ON name.sense_id = near.sense_id
        AND name.space_id = {space:d} AND name.view = 'name')
SELECT term_id, max(score) AS score, max(cosine) AS cosine
FROM scored GROUP BY term_id ORDER BY score DESC, term_id LIMIT %(limit)s
"""


@dataclass(frozen=True)
class Near:
    """A sense near a vector. `score` is the weighted mean of its views' cosines."""

    term_id: int
    sense_id: int
    score: float


@dataclass(frozen=True)
class Related:
    """A term near another by the two-view score, scaled to at most 1; `cosine` of the entries."""

    term_id: int
    score: float
    cosine: float


def to_vector(space: Space, asked: Vector, language: str, limit: int) -> list[Near]:
    """Public senses nearest to a unit vector (d,), each term once by its best sense."""
    text = SqlVector(asked).to_text()
    rows = _rows(
        space, TO_VECTOR, asked=text, language=language, candidates=CANDIDATES, **space.lookup
    )
    best: dict[int, Near] = {}
    for row in rows:
        best.setdefault(row[0], Near(*row))
    return list(best.values())[:limit]


def senses_of(space: Space, asked: Vector, terms: Collection[int]) -> dict[int, Near]:
    """Of each term that is embedded the sense nearest to a unit vector (d,), scored as above."""
    rows = (
        space.embeddings.filter(sense__term__in=terms, view__in=space.lookup)
        .annotate(cosine=1 - CosineDistance("vector", asked))
        .values_list("sense__term", "sense", "view", "cosine")
    )
    weighed: dict[tuple[int, int], list[tuple[float, float]]] = {}
    for term, sense, view, cosine in rows:
        weighed.setdefault((term, sense), []).append((space.lookup[view], cosine))
    best: dict[int, Near] = {}
    for (term, sense), views in weighed.items():
        score = sum(weight * cosine for weight, cosine in views) / sum(w for w, _ in views)
        if term not in best or score > best[term].score:
            best[term] = Near(term, sense, score)
    return best


def to_term(space: Space, term: Term, *, without: list[int], limit: int) -> list[Related]:
    """Published terms nearest to a term: cos(entry, entry) + w · cos(definition, name)."""
    weights = space.relatedness
    entry, name = weights["entry"], weights["definition_name"]
    rows = _rows(
        space,
        TO_TERM,
        term=term.id,
        language=term.language,
        without=without,
        entry_weight=entry / (entry + name),
        name_weight=name / (entry + name),
        candidates=CANDIDATES,
        limit=limit,
    )
    return [Related(*row) for row in rows]


def _rows(space: Space, query: str, **parameters: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(query.format(space=space.pk, dimensions=space.dimensions), parameters)
        return cursor.fetchall()
