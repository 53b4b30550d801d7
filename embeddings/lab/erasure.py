"""What it does to a whole space to take a direction out of it."""

from dataclasses import dataclass

import numpy as np

from embeddings import operations
from embeddings.lab.backdrop import Sample
from embeddings.lab.groups import Group
from embeddings.lab.workspace import Workspace
from embeddings.measures import DEPTH, ndcg
from embeddings.vectors import Matrix

SEED = 0
QUESTIONS = 300  # terms with a relation, whose neighbours are looked at
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


def erased(workspace: Workspace, toward: Group, away: Group) -> Erasure:
    sides = toward.vectors, away.vectors
    way = operations.direction(*sides)
    dampened = [operations.dampened(side, way) for side in sides]
    sample = workspace.backdrop.sample if workspace.backdrop else None
    return Erasure(
        round(operations.probe(*sides, SEED), 4),
        round(operations.probe(*dampened, SEED), 4),
        round(max(map(len, sides)) / sum(map(len, sides)), 4),
        sample and related(sample, sample.vectors),
        sample and related(sample, operations.dampened(sample.vectors, way)),
    )


def related(sample: Sample, vectors: Matrix) -> float | None:
    """nDCG@10: how well the neighbours in `vectors`, the sample's, are what editors related.

    None where nothing is related.
    """
    around: dict[int, list[int]] = {}
    for one, other in sample.relations.tolist():
        around.setdefault(one, []).append(other)
        around.setdefault(other, []).append(one)
    if not around:
        return None
    asked = np.random.default_rng(SEED).permutation(sorted(around))[:QUESTIONS]
    cosines = vectors[asked] @ vectors.T
    cosines[sample.terms[asked][:, None] == sample.terms] = -np.inf
    nearest = np.argsort(-cosines, axis=1)[:, :DEPTH]
    gains = (dict.fromkeys(around[each], 1) for each in asked.tolist())
    scores = [ndcg(found, right) for found, right in zip(nearest.tolist(), gains, strict=True)]
    return round(float(np.mean(scores)), 4)
