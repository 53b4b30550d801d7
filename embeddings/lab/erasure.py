"""What it does to a whole space to take a direction out of it."""

from dataclasses import dataclass

import numpy as np

from embeddings import operations
from embeddings.lab.backdrop import Sample
from embeddings.lab.finding import drawn, mean, related_gains
from embeddings.lab.groups import Group
from embeddings.lab.workspace import Workspace
from embeddings.vectors import Matrix

SEED = 0
QUESTIONS = 300  # terms with a relation, whose neighbours are looked at
POINT = 0.01  # of nDCG
CLOSE = 0.1  # to a guess: so near the probe has lost what it knew


@dataclass(frozen=True)
class Erasure:
    """`probe`: how often a linear probe is right of held-out members; `guess`: the larger share.

    `related`: nDCG@10 of the curated relations over a sample; None where there is none.
    """

    probe: float
    probe_after: float
    guess: float
    related: float | None
    related_after: float | None

    @property
    def is_gone(self) -> bool:
        return self.probe_after <= self.guess + CLOSE

    @property
    def is_harmful(self) -> bool:
        """Whether the neighbours of the whole space are worse."""
        lost = (self.related or 0) - (self.related_after or 0)
        return lost > POINT


def erased(workspace: Workspace, toward: Group, away: Group) -> Erasure:
    one, other = toward.vectors, away.vectors
    way = operations.direction(one, other)
    sample = workspace.backdrop.sample if workspace.backdrop else None
    before, after = probes(one, other)
    return Erasure(
        before,
        after,
        round(max(len(one), len(other)) / (len(one) + len(other)), 4),
        related(sample, sample.vectors) if sample else None,
        related(sample, operations.dampened(sample.vectors, way)) if sample else None,
    )


def probes(toward: Matrix, away: Matrix) -> tuple[float, float]:
    """How often a linear probe is right before and after a dampening.

    What is taken out was learned from one half of the members, and the probe is asked of the other
    half: of the very members that it was learned from, it leaves a probe less than chance. With
    fewer than four on a side there are no halves, and all are asked.
    """
    halves = _halves(toward, away) if min(len(toward), len(away)) >= 4 else [(toward, away)] * 2
    scores = []
    for (one, other), asked in (halves, halves[::-1]):
        way = operations.direction(one, other)
        left = operations.dampened(asked[0], way), operations.dampened(asked[1], way)
        scores.append((operations.probe(*asked, seed=SEED), operations.probe(*left, seed=SEED)))
    before, after = np.mean(scores, axis=0).round(4).tolist()
    return before, after


def _halves(toward: Matrix, away: Matrix) -> list[tuple[Matrix, Matrix]]:
    dice = np.random.default_rng(SEED)
    ours, theirs = (np.array_split(dice.permutation(group), 2) for group in (toward, away))
    return list(zip(ours, theirs, strict=True))


def related(sample: Sample, vectors: Matrix) -> float | None:
    """nDCG@10: how well the neighbours in `vectors`, the sample's, are what editors related.

    None where nothing is related.
    """
    asked = drawn(np.unique(sample.relations), QUESTIONS)
    return mean(related_gains(sample, vectors, asked)) if len(asked) else None
