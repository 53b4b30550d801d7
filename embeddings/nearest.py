"""Nearest neighbours in a space: the candidates from the index, rescored over the other views."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any

from django.db import connection
from pgvector import Vector as SqlVector
from pgvector.django import CosineDistance

from embeddings.models import Space
from embeddings.vectors import QUOTED, Matrix, Vector
from terms.models import Sense

CANDIDATES = 100
# So many senses at the most are searched exactly where a filter leaves no more: there an index over
# all of them would be walked in vain.
FEW = 10_000

# The candidates are the nearest entries; every view that the space weighs then has its say, and one
# that a sense lacks has none. The cast stands in the query as in the index; space and view are
# literals, so that the partial index applies. Where there is no index, it is an exact scan.
SEEN = """
WITH near AS MATERIALIZED (
    SELECT entry.sense_id, term.id AS term_id
    FROM {entries} entry
    JOIN terms_sense sense ON sense.id = entry.sense_id
    JOIN terms_term term ON term.id = sense.term_id
    WHERE term.status IN ('published', 'deprecated') AND term.language = %(language)s
      {narrowed}
    ORDER BY {distance}
    LIMIT %(candidates)s),
seen AS (
    SELECT term_id, sense_id, view, 1 - (vector <=> %(asked)s::vector) AS cosine
    FROM near JOIN embeddings_embedding USING (sense_id) WHERE space_id = {space:d})
"""
# A question that all but quotes a definition asks for its sense, whatever the other views say.
RANKED = """
SELECT term_id, sense_id, greatest(
    sum(weight * cosine) / sum(weight),
    max(cosine) FILTER (WHERE view = 'definition' AND cosine > {quoted})) AS score
FROM seen JOIN unnest(%(views)s::text[], %(weights)s::float8[]) weighed(view, weight) USING (view)
GROUP BY term_id, sense_id
ORDER BY score DESC, sense_id
"""
BY_INDEX = {
    "entries": "embeddings_embedding",
    "distance": """entry.vector::halfvec({dimensions:d})
        <=> (%(asked)s::vector)::halfvec({dimensions:d})""",
    "narrowed": "AND entry.space_id = {space:d} AND entry.view = 'entry'",
}
IN_TOPICS = BY_INDEX | {
    "narrowed": BY_INDEX["narrowed"]
    + """ AND EXISTS (SELECT FROM terms_sense_topics place
        WHERE place.sense_id = sense.id AND place.topic_id = ANY(%(topics)s))""",
}
# Sorted before they are joined, of which only as many as are wanted then need be looked up.
AMONG = {
    "entries": """(SELECT sense_id, vector <=> %(asked)s::vector AS distance
        FROM embeddings_embedding
        WHERE space_id = {space:d} AND view = 'entry' AND sense_id IN
            (SELECT sense_id FROM terms_sense_topics WHERE topic_id = ANY(%(topics)s))
        ORDER BY distance OFFSET 0)""",
    "distance": "entry.distance",
    "narrowed": "",
}
# The same for each of several vectors, which are numbered from 1.
EACH = """
SELECT number, found.* FROM unnest(%(asked)s::vector[]) WITH ORDINALITY each(vector, number)
CROSS JOIN LATERAL ({query}) found ORDER BY number
"""
ONE, OF_EACH = "%(asked)s::vector", "each.vector"


@dataclass(frozen=True)
class Near:
    """A sense near a vector. `score`: the weighted mean of its views' cosines, or a quote's."""

    term_id: int
    sense_id: int
    score: float


def to_vector(
    space: Space,
    asked: Vector,
    language: str,
    limit: int,
    topics: Collection[int] | None = None,
) -> list[Near]:
    """Public senses nearest to a unit vector (d,), each term once by its best sense.

    With `topics`, only senses in one of them.
    """
    wanted = _wanted(space, language, limit, topics)
    text = SqlVector(asked).to_text()
    found = rows(space, _seen(_way(topics)) + RANKED, asked=text, **wanted)
    return by_term(Near(*row) for row in found)[:limit]


def to_vectors(
    space: Space,
    asked: Matrix,
    language: str,
    limit: int,
    topics: Collection[int] | None = None,
) -> list[list[Near]]:
    """For each of (n, d) unit vectors the public senses nearest to it, in one query.

    Of terms with several senses each of these; at least as many as make up `limit` terms, as above.
    """
    query = (_seen(_way(topics)) + RANKED).replace(ONE, OF_EACH)
    wanted = _wanted(space, language, limit, topics)
    texts = [SqlVector(vector).to_text() for vector in asked]
    found: list[list[Near]] = [[] for _ in texts]
    for number, *row in rows(space, EACH.replace("{query}", query), asked=texts, **wanted):
        found[number - 1].append(Near(*row))
    return found


def by_term(found: Iterable[Near]) -> list[Near]:
    """Each term once, by the first of its senses."""
    best: dict[int, Near] = {}
    for near in found:
        best.setdefault(near.term_id, near)
    return list(best.values())


def _wanted(
    space: Space, language: str, limit: int, topics: Collection[int] | None
) -> dict[str, Any]:
    return {
        "language": language,
        "candidates": max(CANDIDATES, 2 * limit),
        "views": list(space.lookup),
        "weights": list(space.lookup.values()),
        "topics": list(topics or ()),
    }


def every_view(space: Space, asked: Vector, language: str) -> list[tuple[int, int, str, float]]:
    """(term, sense, view, cosine) of each candidate for a unit vector (d,), in every view."""
    return rows(
        space,
        _seen(BY_INDEX) + "TABLE seen",
        asked=SqlVector(asked).to_text(),
        language=language,
        candidates=CANDIDATES,
    )


def _seen(way: dict[str, str]) -> str:
    """SEEN, its candidates found in that way."""
    query = SEEN
    for part, sql in way.items():
        query = query.replace(f"{{{part}}}", sql)
    return query


def _way(topics: Collection[int] | None) -> dict[str, str]:
    """How candidates that keep to the topics are found: among FEW senses one by one."""
    if topics is None:
        return BY_INDEX
    places = Sense.topics.through.objects.filter(topic__in=topics)
    return AMONG if places[: FEW + 1].count() <= FEW else IN_TOPICS


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


def rows(space: Space, query: str, **parameters: Any) -> list[tuple[Any, ...]]:
    """What a query gives; `{space}` and `{dimensions}` in it stand as literals."""
    with connection.cursor() as cursor:
        cursor.execute(
            query.format(space=space.pk, dimensions=space.dimensions, quoted=QUOTED), parameters
        )
        return cursor.fetchall()
