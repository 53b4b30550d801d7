"""How a map is drawn as SVG: marks of clusters, and names that do not cover one another. Pure."""

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

Boxes = NDArray[np.floating]

# Six outlines about a place, 10 units across: disc, square, triangle, diamond, plus and cross. Each
# goes with a colour of its own (static/css/map.css), so that no cluster is told by colour alone.
MARKS = (
    "m-4 0a4 4 0 1 0 8 0a4 4 0 1 0-8 0",
    "m-3.5-3.5h7v7h-7z",
    "m0-5l5 8.5h-10z",
    "m0-5l5 5l-5 5l-5-5z",
    "m-1.5-5h3v3.5h3.5v3h-3.5v3.5h-3v-3.5h-3.5v-3h3.5z",
    "m-4.5-2.5l2-2l2.5 2.5l2.5-2.5l2 2l-2.5 2.5l2.5 2.5l-2 2l-2.5-2.5l-2.5 2.5l-2-2l2.5-2.5z",
)
LETTER, LINE = 9.5, 26  # the room of a letter and of a line
NUMBER = 3  # letters that a group's number takes, with the space after it
GIVES_WAY = 0.6  # of an overlap, by each of the two: with a half alone it would take for ever


def mark_of(cluster: int) -> int:
    """
    >>> mark_of(0), mark_of(7)
    (0, 1)
    """
    return cluster % len(MARKS)


def path(cluster: int, places: Iterable[tuple[float, float]]) -> str:
    """The mark of a cluster at each place.

    >>> path(1, [(10, 20), (5, 5)])
    'M10 20m-3.5-3.5h7v7h-7zM5 5m-3.5-3.5h7v7h-7z'
    """
    return "".join(f"M{x:g} {y:g}{MARKS[mark_of(cluster)]}" for x, y in places)


def kept_apart(centres: Boxes, sizes: Boxes, rounds: int = 100) -> Boxes:
    """The centres (n, 2) of boxes of the given sizes (n, 2), pushed apart where they overlap.

    Each pair that overlaps gives way along the axis that needs less; the first of two at one place
    goes up. With little room, some overlap after all rounds.
    """
    centres, order = centres.astype(float), np.arange(len(centres))
    later = np.sign(order[:, None] - order)[:, :, None]
    reach = (sizes[:, None] + sizes[None]) / 2
    for _ in range(rounds):
        apart = centres[:, None] - centres[None]
        overlap = np.maximum(reach - np.abs(apart), 0)
        overlap[(overlap == 0).any(axis=2) | np.eye(len(centres), dtype=bool)] = 0
        if not overlap.any():
            break
        shorter = overlap == overlap.min(axis=2, keepdims=True)
        away = np.where(apart == 0, later, np.sign(apart))
        centres += GIVES_WAY * (away * overlap * shorter).sum(axis=1)
    return centres


def written(words: Sequence[str], places: Sequence[Any], side: int) -> list[dict[str, Any]]:
    """The words at places (n, 2) in a square, moved so that none covers another and all are inside.

    >>> written(["left", "right"], [(40, 50), (960, 50)], 1_000)[1]
    {'words': 'right', 'x': 960, 'y': 50}
    """
    sizes = np.minimum([((len(each) + NUMBER) * LETTER, LINE) for each in words], side)
    inside = np.clip(np.array(places), sizes / 2, side - sizes / 2)
    apart = np.clip(kept_apart(inside, sizes), sizes / 2, side - sizes / 2)
    return [
        {"words": text, "x": round(x), "y": round(y)}
        for text, (x, y) in zip(words, apart.tolist(), strict=True)
    ]
