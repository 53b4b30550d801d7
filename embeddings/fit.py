"""Fitting the weights by which a space reads its views, on questions whose answers are known.

No weights are right for every glossary: the name alone helps with everyday words and harms with
technical ones, examples the other way round (docs/lookup.md). So each space has its own.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import uniform_filter

from embeddings import nearest
from embeddings.encoders import load_for_query
from embeddings.models import Space, View
from embeddings.questions import Question
from terms.models import Term

VIEWS = (View.ENTRY.value, View.DEFINITION.value, View.EXAMPLE.value, View.NAME.value)
STEPS = (0.0, 0.2, 0.4, 0.6, 1.0, 1.6)  # tried of each view but the entry, which has 1
LEAST_GAIN = 0.005  # of the mean reciprocal rank; less is no reason to change anything

Weights = Mapping[str, float]


@dataclass(frozen=True)
class Candidates:
    """What a question found: (n senses, VIEWS) cosines, NaN for a view that a sense lacks.

    `terms`: (n,) ids. `right`: those that answer the question.
    """

    cosines: NDArray[np.float64]
    terms: NDArray[np.int64]
    right: frozenset[int]


def candidates(space: Space, questions: Iterable[Question], language: str) -> list[Candidates]:
    """Asks each question of the space. Questions that nothing here answers are left out."""
    encoder = load_for_query(space.encoder)
    ids = dict(Term.objects.published().filter(language=language).values_list("slug", "id"))
    found = []
    for question in questions:
        right = frozenset(ids[slug] for slug in question.gains if slug in ids)
        if right:
            rows = nearest.every_view(space, encoder.encode([question.asked])[0], language)
            found.append(_table(rows, right))
    return found


def _table(rows: Sequence[tuple[int, int, str, float]], right: frozenset[int]) -> Candidates:
    senses = {sense: place for place, sense in enumerate(dict.fromkeys(row[1] for row in rows))}
    cosines = np.full((len(senses), len(VIEWS)), np.nan)
    terms = np.zeros(len(senses), dtype=np.int64)
    for term, sense, view, cosine in rows:
        cosines[senses[sense], VIEWS.index(view)] = cosine
        terms[senses[sense]] = term
    return Candidates(cosines, terms, right)


def reciprocal_rank(found: Candidates, weights: Weights) -> float:
    """1 / the rank of the first right term, each term once by its best sense; 0 without one.

    A sense's score is the weighted mean of the cosines of the views that it has, as in look-up.
    Among terms of the same score the right one stands in the middle.
    """
    weighing = np.array([weights.get(view, 0.0) for view in VIEWS])
    has = ~np.isnan(found.cosines)
    scores = np.nansum(found.cosines * weighing, axis=1) / (has @ weighing)
    is_right = np.isin(found.terms, list(found.right))
    if not is_right.any():
        return 0.0
    best_right, others = scores[is_right].max(), ~is_right
    ahead = len(np.unique(found.terms[others & (scores > best_right)]))
    level = len(np.unique(found.terms[others & (scores == best_right)]))
    return 1 / (1 + ahead + level / 2)


def mean_reciprocal_rank(asked: Sequence[Candidates], weights: Weights) -> float:
    return float(np.mean([reciprocal_rank(found, weights) for found in asked]))


def grid() -> list[dict[str, float]]:
    """Every combination of STEPS, views that weigh nothing left out."""
    return [
        {view: weight for view, weight in zip(VIEWS, (1.0, *others), strict=True) if weight}
        for others in product(STEPS, repeat=len(VIEWS) - 1)
    ]


def best(asked: Sequence[Candidates], present: Weights) -> tuple[dict[str, float], float]:
    """The weights of the grid with the best mean reciprocal rank, and that; else the present ones.

    A plateau counts and not a peak: each combination has the mean of it and those next to it.
    """
    tried = grid()
    scores = np.array([mean_reciprocal_rank(asked, weights) for weights in tried])
    plateaus = uniform_filter(scores.reshape((len(STEPS),) * (len(VIEWS) - 1)), 3, mode="nearest")
    winner = int(plateaus.argmax())
    now = mean_reciprocal_rank(asked, present)
    if scores[winner] < now + LEAST_GAIN:
        return dict(present), now
    return tried[winner], float(scores[winner])
