"""Two terms side by side: how near their senses are, and which neighbours they share."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import product

import numpy as np
from django.urls import reverse

from embeddings.calibration import Calibration
from embeddings.models import Space
from embeddings.related import suggestions
from embeddings.vectors import Vector
from terms.models import Term
from terms.reading import relations_of

Views = Mapping[str, Vector]


@dataclass(frozen=True)
class Nearness:
    """The nearest pair of senses of two terms.

    `cosine` of the two entries. `score` as look-up has it, each entry asked for the other's sense,
    on the average: the scale of the space's calibration.
    """

    one: int
    other: int
    cosine: float
    score: float

    def level(self, space: Space) -> str:
        """ "far", "between" or "near" for this glossary, or "" while it is not calibrated."""
        if not space.calibration:
            return ""
        measured = Calibration.of(space)
        if self.score < measured.none_below:
            return "far"
        return "near" if self.score >= measured.strong_from else "between"


@dataclass(frozen=True)
class Neighbour:
    """A term beside another; `label` of the curated relation, "" where the space suggests it."""

    term: Term
    label: str = ""


@dataclass(frozen=True)
class Neighbours:
    """Those that two terms share, as (seen from one, seen from the other), and those of one."""

    shared: list[tuple[Neighbour, Neighbour]]
    one: list[Neighbour]
    other: list[Neighbour]


def address_of(one: Term, other: Term) -> str:
    """The one address of a comparison: slugs in alphabetical order."""
    return reverse("compare", args=[one.language, *sorted([one.slug, other.slug])])


def nearness(space: Space, one: Term, other: Term) -> Nearness | None:
    """One query. None while a term has no sense that is embedded."""
    rows = space.embeddings.filter(
        sense__term__in=[one, other], view__in={"entry", *space.lookup}
    ).values_list("sense__term", "sense", "view", "vector")
    senses: dict[int, dict[int, dict[str, Vector]]] = {one.id: {}, other.id: {}}
    for term, sense, view, vector in rows:
        senses[term].setdefault(sense, {})[view] = np.asarray(vector, dtype=np.float32)
    pairs = [
        Nearness(ours, theirs, float(a["entry"] @ b["entry"]), score(a, b, space.lookup))
        for (ours, a), (theirs, b) in product(senses[one.id].items(), senses[other.id].items())
        if "entry" in a and "entry" in b
    ]
    return max(pairs, key=lambda pair: pair.cosine, default=None)


def score(one: Views, other: Views, weights: Mapping[str, float]) -> float:
    """The mean of asking each sense's entry for the other, as look-up weighs the views.

    >>> east, north = np.array([1, 0]), np.array([0, 1])
    >>> score({"entry": east, "name": north}, {"entry": east}, {"entry": 3, "name": 1})
    0.875
    """
    return (asked(one["entry"], other, weights) + asked(other["entry"], one, weights)) / 2


def asked(entry: Vector, views: Views, weights: Mapping[str, float]) -> float:
    """The weighted mean of an entry's cosines with those views that are there."""
    shares = {view: weights[view] for view in views if view in weights}
    total = sum(share * float(entry @ views[view]) for view, share in shares.items())
    return total / (sum(shares.values()) or 1)


def neighbours_of(space: Space | None, term: Term) -> dict[int, Neighbour]:
    """By id: those that are curated first, then those that the space suggests, if there is one."""
    found: dict[int, Neighbour] = {}
    for relation, other in relations_of(term):
        before, label = found.get(other.id), relation.label_seen_from(term)
        found[other.id] = Neighbour(other, f"{before.label}, {label}" if before else label)
    near = suggestions(space, term) if space else []
    return found | {row.term.id: Neighbour(row.term) for row in near}


def share(one: Mapping[int, Neighbour], other: Mapping[int, Neighbour]) -> Neighbours:
    """Parts the neighbours of two terms, each in its own order."""
    return Neighbours(
        shared=[(one[key], other[key]) for key in one if key in other],
        one=[one[key] for key in one if key not in other],
        other=[other[key] for key in other if key not in one],
    )
