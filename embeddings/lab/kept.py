"""What a space still finds in fewer dimensions, measured over the whole glossary."""

import math
from typing import Any

import numpy as np

from embeddings.lab.backdrop import Sample
from embeddings.lab.finding import Rows, drawn, mean, reciprocal_ranks, related_gains
from embeddings.operations import masked
from embeddings.vectors import Matrix

ORDERS = ("principal", "variant", "first")
KEPT = (192, 128, 64, 32)
ASKED = 1_000  # questions of a kind
WIDTH, HEIGHT = 480, 160  # of the drawing
DRAWN = ("principal", "first")
MEASURES = ("examples", "related")
MOST_FLOOR = 0.9  # of the drawing, so that it shows no noise as a fall


def ordered(sample: Sample, order: str) -> Matrix:
    """(d, d): orthonormal rows, in the order in which a mask keeps them.

    The principal axes; or the raw dimensions, the most `variant` first, or `first` as they come.
    """
    if order == "principal":
        return sample.axes
    raw = np.eye(sample.vectors.shape[1], dtype=np.float32)
    return raw if order == "first" else raw[np.argsort(-sample.vectors.var(axis=0), kind="stable")]


def kept(sample: Sample) -> dict[str, Any]:
    """For k of KEPT, in each order, the shares of what all dimensions find that the first k find.

    `examples`: by the mean reciprocal rank of the entry that an example belongs to. `related`: by
    the nDCG@10 of a term's curated relations. None where the glossary has nothing to ask.
    """
    examples = drawn(np.flatnonzero(sample.examples.any(axis=1)), ASKED)
    related = drawn(np.unique(sample.relations), ASKED)
    dimensions = sample.vectors.shape[1]
    whole = found_by(sample, np.eye(dimensions, dtype=np.float32), examples, related)
    orders = {order: ordered(sample, order) for order in ORDERS}
    rows = [
        {"k": k, "order": order, **shares(found_by(sample, axes[:k], examples, related), whole)}
        for k in KEPT
        if k < dimensions
        for order, axes in orders.items()
    ]
    return {"examples": len(examples), "related": len(related), "whole": whole, "rows": rows}


def shares(found: dict[str, float], whole: dict[str, float]) -> dict[str, float | None]:
    """
    >>> shares({"examples": 0.3, "related": 0.0}, {"examples": 0.4, "related": 0.0})
    {'examples': 0.75, 'related': None}
    """
    return {name: round(found[name] / all_, 4) if all_ else None for name, all_ in whole.items()}


def found_by(sample: Sample, axes: Matrix, examples: Rows, related: Rows) -> dict[str, float]:
    """Means over the examples, and over the rows that have relations."""
    vectors = masked(sample.vectors, axes)
    asked = masked(sample.examples[examples], axes)
    return {
        "examples": mean(reciprocal_ranks(asked, vectors, examples)),
        "related": mean(related_gains(sample, vectors, related)),
    }


def drawing(rows: list[dict[str, Any]], dimensions: int) -> dict[str, Any]:
    """The shares by k as lines of WIDTH by HEIGHT, each to where all dimensions are kept.

    Numbers of the drawing are texts, as no language writes them in its own way there.
    """
    known = [row[of] for row in rows for of in MEASURES if row[of] is not None]
    floor = min(MOST_FLOOR, math.floor(10 * min(known, default=0)) / 10)
    top = max([1.0, *known])

    def x(k: int) -> str:
        return f"{WIDTH * k / dimensions:.1f}"

    def y(share: float) -> str:
        return f"{HEIGHT * (top - share) / (top - floor):.1f}"

    def points(order: str, of: str) -> str:
        shares = [(row["k"], row[of]) for row in rows if row["order"] == order]
        ends = [(dimensions, 1.0), *shares]
        return " ".join(f"{x(k)},{y(share)}" for k, share in ends if share is not None)

    return {
        "lines": [
            {"order": order, "of": of, "points": points(order, of)}
            for order in DRAWN
            for of in MEASURES
        ],
        "scale": [{"share": at, "y": y(at)} for at in (floor, (1 + floor) / 2, 1)],
        "places": [{"k": k, "x": x(k)} for k in (*KEPT, dimensions) if k <= dimensions],
    }
