"""The part of the map around a term: what lies next to it, drawn so that the nearest are named."""

from dataclasses import dataclass

import numpy as np

from embeddings.drawing import kept_apart, mark_of, path
from embeddings.models import Layout, Point
from terms.models import Term

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
    layout: Layout
    place: tuple[float, float]
    nearest: list[Neighbour]
    paths: dict[int, str]


def around(term: Term) -> Neighbourhood | None:
    """Of the map that is shown; None where the term is not on it. Two queries, both by an index."""
    here = Point.objects.of(term)
    if here is None:
        return None
    public = here.layout.points.public(term.language).exclude(term=term)
    points = list(public.nearest_to(here.x, here.y)[:DRAWN])
    return drawn(here, term, points) if len(points) >= NAMED else None


def drawn(here: Point, term: Term, points: list[Point]) -> Neighbourhood:
    offsets = np.array([(point.x - here.x, point.y - here.y) for point in points])
    offsets *= RADIUS / (np.linalg.norm(offsets, axis=1).max() or 1)
    centres = kept_apart(np.vstack([[0, 0], offsets[:NAMED]]), np.full((NAMED + 1, 2), NUMBER))
    centres -= centres[0]
    nearest = [
        Neighbour(point.term, round(x, 1), round(y, 1))
        for point, (x, y) in zip(points, centres[1:].tolist(), strict=False)
    ]
    others: dict[int, list[tuple[float, float]]] = {}
    for point, (x, y) in zip(points[NAMED:], offsets[NAMED:].round(1).tolist(), strict=True):
        others.setdefault(mark_of(point.cluster), []).append((x, y))
    paths = {mark: path(mark, places) for mark, places in others.items()}
    return Neighbourhood(term, here.layout, (here.x, here.y), nearest, paths)
