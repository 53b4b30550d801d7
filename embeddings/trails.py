"""Ways from neighbour to neighbour: pure functions over arrays, without Django."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

NEIGHBOURS = 5  # each point's own
REACH, FARTHEST = 0.5, 8.0  # costs to which a trail is looked for at first; then all are tried


def neighbour_graph(near: NDArray[np.integer], cosines: NDArray[np.floating]) -> Any:
    """(n, n) sparse: what a step between two neighbours costs, either way: (1 − cosine)².

    `near`, `cosines`: (n, k), each point's neighbours and how near they are. −inf is no step.
    """
    from scipy.sparse import csr_matrix

    count, each = near.shape
    costs = np.maximum((1 - cosines.astype(np.float64)) ** 2, 1e-12)  # 0 would be no edge
    rows, is_step = np.repeat(np.arange(count), each), np.isfinite(costs.ravel())
    steps = costs.ravel()[is_step], (rows[is_step], near.ravel()[is_step])
    graph = csr_matrix(steps, shape=(count, count))
    return graph.maximum(graph.T).tocsr()


def trail(graph: Any, start: int, end: int) -> list[int] | None:
    """The rows of the cheapest way between two points of a neighbour graph; None without one.

    Many near steps are cheaper than a far one. Looked for from both ends at once (Dijkstra 1959;
    Pohl 1971), no farther than is needed: a way of a cost below 2 · reach − the longest step has
    a point that is within reach of both ends.
    """
    from scipy.sparse.csgraph import dijkstra

    reach, longest = REACH, graph.data.max(initial=0)
    while True:
        costs, before = dijkstra(graph, indices=[start, end], return_predecessors=True, limit=reach)
        through = costs.sum(axis=0)
        middle = int(through.argmin())
        if through[middle] <= 2 * reach - longest and np.isfinite(through[middle]):
            return _way(before[0], start, middle) + _way(before[1], end, middle)[-2::-1]
        if np.isinf(reach):
            return None
        reach = 2 * reach if reach < FARTHEST else np.inf


def _way(before: NDArray[np.integer], start: int, end: int) -> list[int]:
    way = [end]
    while way[-1] != start:
        way.append(int(before[way[-1]]))
    return way[::-1]
