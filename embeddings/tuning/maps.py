"""The map of some terms before and after an adapter: one drawing, a line from place to place."""

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from embeddings import layout
from embeddings.vectors import Matrix

SHOWN = 300  # terms: more are a cloud
SIDE = 1_000  # of the drawing, in whole units


def chosen(count: int, first: Iterable[int]) -> NDArray[np.intp]:
    """Up to SHOWN of `count` rows: those given, then others at random.

    >>> chosen(3, [2, 2]).tolist()
    [2, 0, 1]
    """
    others = layout.sample(count, count).tolist()
    return np.array(list(dict.fromkeys([*first, *others]))[:SHOWN], dtype=np.intp)


def drawn(before: Matrix, after: Matrix, names: Sequence[str]) -> dict[str, Any]:
    """Of terms, a row each, where they were and are on one map; nothing of too few for a map.

    The second map goes on from the first, and is turned onto it. `procrustes`: how far the two
    differ, from 0 to 1. `places`: of each x and y before, x and y after, from 0 to SIDE.
    """
    if len(before) < layout.FEWEST:
        return {}
    first = layout.afresh(before)
    second = layout.turned(layout.continued(after, first), first)
    both = np.concatenate([first, second])
    low, side = both.min(axis=0), float(np.ptp(both, axis=0).max()) or 1.0
    one, other = (np.rint((plane - low) / side * SIDE).astype(int) for plane in (first, second))
    return {
        "procrustes": round(layout.moved(first, second), 4),
        "names": list(names),
        "places": np.concatenate([one, other], axis=1).tolist(),
    }
