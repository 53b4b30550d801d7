"""Measures of ranked answers: pure functions, each with its source."""

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass

import numpy as np
from numpy.typing import NDArray

DEPTH = 10
DRAWS = 2_000  # of the bootstrap
Gains = Mapping[int, int]
"""Right answers, each with its grade: 1 is right, more is better."""


def rank_of_first(found: Sequence[int], right: Collection[int]) -> int | None:
    """The rank, from 1, of the first right answer among DEPTH; None when there is none."""
    return next((rank for rank, each in enumerate(found[:DEPTH], 1) if each in right), None)


def ndcg(found: Sequence[int], gains: Gains) -> float:
    """Normalised discounted cumulative gain at DEPTH, with gains of 2^grade − 1.

    Järvelin & Kekäläinen (2002), Cumulated gain-based evaluation of IR techniques; the exponential
    gain is that of Burges et al. (2005).

    >>> ndcg([7, 8], {7: 2, 8: 1}), ndcg([9], {7: 1})
    (1.0, 0.0)
    """
    best = _dcg(sorted(gains.values(), reverse=True)[:DEPTH])
    return _dcg([gains.get(each, 0) for each in found[:DEPTH]]) / best if best else 0.0


def _dcg(grades: Sequence[int]) -> float:
    return sum((2**grade - 1) / math.log2(rank + 1) for rank, grade in enumerate(grades, 1))


@dataclass(frozen=True)
class Figures:
    """Means over questions. `mrr` is the mean reciprocal rank (Voorhees 1999), 0 beyond DEPTH."""

    questions: int
    hit_1: float
    hit_3: float
    hit_10: float
    mrr: float
    ndcg_10: float

    def as_dict(self) -> dict[str, float]:
        return {name: round(value, 4) for name, value in asdict(self).items()}


def figures(answers: Sequence[tuple[Sequence[int], Gains]]) -> Figures:
    """Of (found, gains) pairs, one a question. ValueError when there is none."""
    if not answers:
        raise ValueError("nothing was asked")
    ranks = [rank_of_first(found, gains) for found, gains in answers]

    def hit(depth: int) -> float:
        return sum(rank is not None and rank <= depth for rank in ranks) / len(ranks)

    return Figures(
        questions=len(answers),
        hit_1=hit(1),
        hit_3=hit(3),
        hit_10=hit(10),
        mrr=sum(1 / rank for rank in ranks if rank) / len(ranks),
        ndcg_10=sum(ndcg(found, gains) for found, gains in answers) / len(answers),
    )


def interval(changes: NDArray[np.floating], seed: int = 0) -> tuple[float, float]:
    """The middle 95% of the means of samples drawn anew: of paired changes (Efron 1979).

    >>> interval(np.array([0.5, 0.5]))
    (0.5, 0.5)
    """
    draws = np.random.default_rng(seed).integers(len(changes), size=(DRAWS, len(changes)))
    low, high = np.percentile(changes[draws].mean(axis=1), [2.5, 97.5])
    return float(low), float(high)
