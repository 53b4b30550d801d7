"""Ways that are learned from pairs of terms, and what they are worth on a glossary's relations."""

from collections import defaultdict
from collections.abc import Collection
from typing import Any

import numpy as np
from django.db.models import Q
from django.utils.translation import gettext as _
from numpy.typing import NDArray

from embeddings import operations
from embeddings.lab.backdrop import Sample, first_rows
from embeddings.lab.workspace import Workspace
from embeddings.operations import Impossible
from embeddings.vectors import Matrix, Vector
from terms.models import Relation

Rows = NDArray[np.int64]

FEWEST_FOR_MAP = 100
FEWEST_MEASURED = 10
HELD_OUT = 200  # pairs of a kind that are asked for, of up to MOST that are learned from
MOST = 1_000
RIDGE = 10.0
FOUND = 10


def moved(start: Vector, ones: Matrix, others: Matrix, method: str, amount: float) -> Vector:
    """(d,): the start gone an amount of the way from the ones to the others, 0 … 1 and beyond.

    Raises Impossible for too few pairs, and where nothing is left.
    """
    if method == "map" and len(ones) < FEWEST_FOR_MAP:
        message = _("A map is learned from %(fewest)d pairs or more; there are %(count)d.")
        raise Impossible(message % {"fewest": FEWEST_FOR_MAP, "count": len(ones)})
    if method == "map":
        way = operations.mapped(start, ones, others, RIDGE) - start
    else:
        way = operations.offset(ones, others)
    return operations.directed(start + amount * way, _("The way leads to nothing."))


def curated(workspace: Workspace, kind: str, without: Collection[int]) -> tuple[Matrix, Matrix]:
    """(n, d) twice: both ends of up to MOST public relations of a kind, but of terms `without`.

    A kind that goes both ways gives each pair both ways. Raises Impossible before there is a
    sample, whose vectors these are.
    """
    if workspace.backdrop is None:
        raise Impossible(_("The relations are still being read; try again in a minute."))
    sample = workspace.backdrop.sample
    public = Relation.objects.between_public().filter(kind=kind)
    named = Q(from_term__in=without) | Q(to_term__in=without)
    rows = by_kind(public.exclude(named), sample.terms).get(kind, np.empty((0, 2), np.int64))
    rows = both_ways(kind, rows[:MOST])
    return sample.vectors[rows[:, 0]], sample.vectors[rows[:, 1]]


def goes_both_ways(kind: str) -> bool:
    return kind in Relation.SYMMETRIC


def both_ways(kind: str, rows: Rows) -> Rows:
    """(n, 2), and where the kind is symmetric (2n, 2): each row and the same turned round."""
    return np.concatenate([rows, rows[:, ::-1]]) if goes_both_ways(kind) else rows


def by_kind(relations: Any, terms: Rows) -> dict[str, Rows]:
    """By kind (m, 2): the rows of the terms that relations lead from and to."""
    first = first_rows(terms)
    found = defaultdict(list)
    among = relations.filter(from_term__in=first, to_term__in=first).order_by("id")
    for kind, one, other in among.values_list("kind", "from_term", "to_term"):
        found[kind].append((first[one], first[other]))
    return {kind: np.array(rows, dtype=np.int64) for kind, rows in found.items()}


def worth(sample: Sample) -> dict[str, Any]:
    """Of each kind with enough pairs: how often the other end of one that is held out is found."""
    kinds = by_kind(Relation.objects.all(), sample.terms)
    return {
        "kinds": [
            {"kind": kind, **found_again(kind, rows, sample)}
            for kind, rows in sorted(kinds.items())
            if len(rows) >= FEWEST_MEASURED
        ]
    }


def found_again(kind: str, rows: Rows, sample: Sample) -> dict[str, Any]:
    """`pairs`, and the share of them whose other end is among the FOUND nearest, by each way.

    A pair is held out, and all that share a term with it; the terms of the one pair that is shown
    are no answer. A kind that goes both ways is asked for from either end by chance.
    """
    dice = np.random.default_rng(0)
    rows = dice.permutation(rows)[:MOST]
    if goes_both_ways(kind):
        rows = dice.permuted(rows, axis=1)
    heads = np.array(sorted(first_rows(sample.terms).values()))
    found = defaultdict(list)
    for held in rows[:HELD_OUT]:
        known = strangers(rows, held)
        if len(known):
            example = dice.choice(known)
            for name, point in gone(kind, sample.vectors, held[0], known, example).items():
                cosines = sample.vectors[heads] @ point
                cosines[np.isin(heads, [held[0], *example])] = -1
                nearer = cosines > sample.vectors[held[1]] @ point
                found[name].append(nearer.sum() < FOUND)
    rates = {name: round(float(np.mean(each)), 4) for name, each in found.items()}
    return {"pairs": len(found["alone"]), **rates}


def gone(kind: str, vectors: Matrix, start: int, known: Rows, example: Rows) -> dict[str, Vector]:
    """Where each way leads from the start; a kind that goes both ways has no mean way."""
    examples = both_ways(kind, known)
    ways = {"one_pair": ("offset", example[None])}
    if not goes_both_ways(kind):
        ways["offset"] = ("offset", known)
    if len(examples) >= FEWEST_FOR_MAP:
        ways["map"] = ("map", examples)
    points = {
        name: moved(vectors[start], vectors[pairs[:, 0]], vectors[pairs[:, 1]], method, 1)
        for name, (method, pairs) in ways.items()
    }
    return {"alone": vectors[start], **points}


def strangers(rows: Rows, held: Rows) -> Rows:
    """Those that share no term with the one that is held out."""
    return rows[~np.isin(rows, held).any(axis=1)]
