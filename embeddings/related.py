"""Terms near a term in the space: cos(entry, entry) + w · cos(definition, name).

Of one's definition and the other's name, or the other way round: the greater counts.
"""

from dataclasses import dataclass
from typing import Any

from embeddings import nearest
from embeddings.models import Space
from terms.hydrate import made
from terms.models import Term
from terms.reading import LISTED

LIMIT = 8

NEAR = """
WITH mine AS (
    SELECT entry.vector AS entry, definition.vector AS definition, name.vector AS name
    FROM embeddings_embedding entry
    JOIN embeddings_embedding definition USING (space_id, sense_id)
    JOIN embeddings_embedding name USING (space_id, sense_id)
    JOIN terms_sense sense ON sense.id = entry.sense_id
    WHERE sense.term_id = %(term)s AND entry.space_id = {space:d} AND entry.view = 'entry'
      AND definition.view = 'definition' AND name.view = 'name'),
near AS MATERIALIZED (
    SELECT other.term_id, other.sense_id, mine.definition, mine.name,
           1 - (other.vector <=> mine.entry) AS cosine
    FROM mine CROSS JOIN LATERAL (
        SELECT entry.sense_id, entry.vector, term.id AS term_id
        FROM embeddings_embedding entry
        JOIN terms_sense sense ON sense.id = entry.sense_id
        JOIN terms_term term ON term.id = sense.term_id
        WHERE entry.space_id = {space:d} AND entry.view = 'entry' AND term.id <> %(term)s
          AND term.status = 'published' AND term.language = %(language)s
          AND term.id <> ALL(ARRAY(
            SELECT unnest(ARRAY[from_term_id, to_term_id]) FROM terms_relation
            WHERE %(without_curated)s AND (from_term_id = %(term)s OR to_term_id = %(term)s)))
        ORDER BY entry.vector::halfvec({dimensions:d}) <=> mine.entry::halfvec({dimensions:d})
        LIMIT %(candidates)s) other),
scored AS (
    SELECT near.term_id, near.cosine,
           %(entry_weight)s * near.cosine + %(name_weight)s * (1 - least(
               name.vector <=> near.definition, definition.vector <=> near.name)) AS score
    FROM near
    JOIN embeddings_embedding name ON name.sense_id = near.sense_id
        AND name.space_id = {space:d} AND name.view = 'name'
    JOIN embeddings_embedding definition ON definition.sense_id = near.sense_id
        AND definition.space_id = {space:d} AND definition.view = 'definition'),
best AS (
    SELECT term_id, max(score) AS score, max(cosine) AS cosine
    FROM scored GROUP BY term_id ORDER BY score DESC, term_id LIMIT %(limit)s)
SELECT (SELECT row_to_json(other) FROM (SELECT {listed}) other), score, cosine
FROM best JOIN terms_term other ON other.id = term_id ORDER BY score DESC, term_id
"""


@dataclass(frozen=True)
class Related:
    """A term near another by the two-view score, scaled to at most 1; `cosine` of the entries."""

    term: Term
    score: float
    cosine: float

    @property
    def gist(self) -> str:
        return self.term.gist

    @property
    def percent(self) -> int:
        return max(0, round(100 * self.score))


def suggestions(space: Space, term: Term, limit: int = LIMIT) -> list[Related]:
    """The nearest that editors have not related already: what pages, REST and the admin show."""
    return near(space, term, limit=limit, without_curated=True)


def near(space: Space, term: Term, *, limit: int, without_curated: bool = False) -> list[Related]:
    """Published terms nearest to a term, in order. One query."""
    weights = space.relatedness
    entry, name = weights["entry"], weights["definition_name"]
    rows = nearest.rows(
        space,
        NEAR.replace("{listed}", LISTED),
        term=term.id,
        language=term.language,
        without_curated=without_curated,
        entry_weight=entry / (entry + name),
        name_weight=name / (entry + name),
        candidates=nearest.CANDIDATES,
        limit=limit,
    )
    return [_related(*row) for row in rows]


def _related(term: dict[str, Any], score: float, cosine: float) -> Related:
    return Related(made(Term, term), round(score, 4), round(cosine, 4))
