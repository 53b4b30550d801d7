"""The part of the map around a term: what lies next to it, drawn so that the nearest are named."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from django.db import connection

from embeddings.drawing import kept_apart, mark_of, path
from terms.hydrate import made
from terms.models import Term
from terms.querysets import PUBLIC
from terms.reading import OTHER

DRAWN, NAMED = 40, 6
RADIUS = 120.0  # of the drawing, in its own units; the term is at 0, 0
NUMBER = 34.0  # the room that a number takes


@dataclass(frozen=True)
class Neighbour:
    term: Term
    x: float
    y: float


@dataclass(frozen=True)
class Neighbourhood:
    """A term's place on a map: `paths` are the outlines of what lies around, by mark."""

    term: Term
    place: tuple[float, float]
    nearest: list[Neighbour]
    paths: dict[int, str]


# Of the newest map of the active space. Its place stands where the index of points looks for it.
POINTS = """
WITH here AS MATERIALIZED (
    SELECT x, y, layout_id FROM embeddings_point
    WHERE term_id = %(term)s AND layout_id = (
        SELECT layout.id FROM embeddings_layout layout
        JOIN embeddings_space space ON space.id = space_id
        WHERE space.state = 'active' AND language = %(language)s
        ORDER BY layout.id DESC LIMIT 1))
SELECT here.x, here.y, near.x, near.y, near.cluster, near.term
FROM here CROSS JOIN LATERAL (
    SELECT point.x, point.y, cluster,
        (SELECT row_to_json(other) FROM (SELECT {other}) other) AS term
    FROM embeddings_point point JOIN terms_term other ON other.id = term_id
    WHERE layout_id = here.layout_id AND other.id <> %(term)s
        AND other.status IN {public} AND other.language = %(language)s
    ORDER BY point(point.x, point.y) <-> point(here.x, here.y)
    LIMIT {drawn}) near
"""


def around(term: Term) -> Neighbourhood | None:
    """Of the map that is shown; None where the term is not on it, or nearly alone. One query."""
    query = POINTS.format(other=OTHER, public=PUBLIC, drawn=DRAWN)
    with connection.cursor() as cursor:
        cursor.execute(query, {"term": term.pk, "language": term.language})
        rows = cursor.fetchall()
    return drawn(term, rows) if len(rows) >= NAMED else None


def drawn(term: Term, rows: list[tuple[Any, ...]]) -> Neighbourhood:
    """The drawing of POINTS."""
    place = np.array(rows[0][:2])
    offsets = np.array([row[2:4] for row in rows]) - place
    offsets *= RADIUS / (np.linalg.norm(offsets, axis=1).max() or 1)
    centres = kept_apart(np.vstack([[0, 0], offsets[:NAMED]]), np.full((NAMED + 1, 2), NUMBER))
    centres -= centres[0]
    nearest = [
        Neighbour(made(Term, row[5]), round(x, 1), round(y, 1))
        for row, (x, y) in zip(rows, centres[1:].tolist(), strict=False)
    ]
    others: dict[int, list[tuple[float, float]]] = {}
    for row, (x, y) in zip(rows[NAMED:], offsets[NAMED:].round(1).tolist(), strict=True):
        others.setdefault(mark_of(row[4]), []).append((x, y))
    paths = {mark: path(mark, places) for mark, places in others.items()}
    return Neighbourhood(term, tuple(place.tolist()), nearest, paths)
