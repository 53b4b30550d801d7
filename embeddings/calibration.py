"""When a nearness means something: thresholds that a space takes from its own entries, unlabelled.

Each entry is asked as a question, and the best score of another is noted. Below the 5% quantile of
these there is no good match; a first hit above the 25% quantile that stands clear of the next ten
is a strong one (docs/lookup.md).
"""

from dataclasses import dataclass

import numpy as np
from django.db import connection

from embeddings import vectors
from embeddings.models import Space
from embeddings.vectors import Matrix

NONE_QUANTILE, STRONG_QUANTILE = 0.05, 0.25
STRONG_GAP = 0.12
SAMPLE = 20_000
TOO_FEW = 10  # entries; below that the quantile says nothing
DEFAULT_NONE_BELOW, DEFAULT_STRONG_FROM = 0.25, 0.35
GROWTH = 0.1  # measured again when the space has changed by this share


@dataclass(frozen=True)
class Calibration:
    """`none_below`: score under which nothing good was found.

    `strong_from`, `strong_gap`: what a strong first hit must reach, as score and as `vectors.gap`.
    """

    none_below: float = DEFAULT_NONE_BELOW
    strong_from: float = DEFAULT_STRONG_FROM
    strong_gap: float = STRONG_GAP

    @classmethod
    def of(cls, space: Space) -> "Calibration":
        stored = space.calibration
        if not stored:
            return cls()
        return cls(stored["none_below"], stored["strong_from"], stored["strong_gap"])


def refresh(space: Space) -> None:
    """Measures again when the number of entries has changed by more than a tenth."""
    entries = space.embeddings.filter(view="entry")
    count = entries.count()
    measured = space.calibration.get("entries", 0)
    if count >= TOO_FEW and abs(count - measured) > GROWTH * measured:
        measure(space)
        with connection.cursor() as cursor:  # the planner, too, has to know how many there are
            cursor.execute("ANALYZE embeddings_embedding")


def measure(space: Space) -> None:
    """Takes the thresholds from the entries as they are, and as the space weighs its views."""
    entries = space.embeddings.filter(view="entry")
    senses = list(entries.order_by("text_hash").values_list("sense_id", flat=True)[:SAMPLE])
    views = [_matrix(space, view, senses) for view in space.lookup]
    asked = _matrix(space, "entry", senses)
    nearest = vectors.nearest_others(asked, views, list(space.lookup.values()))
    space.calibration = {
        "none_below": round(float(np.quantile(nearest, NONE_QUANTILE)), 4),
        "strong_from": round(float(np.quantile(nearest, STRONG_QUANTILE)), 4),
        "strong_gap": STRONG_GAP,
        "entries": entries.count(),
    }
    space.save(update_fields=["calibration"])


def _matrix(space: Space, view: str, senses: list[int]) -> Matrix:
    """(n senses, dimensions) of one view, zero where a sense has none."""
    stored = dict(
        space.embeddings.filter(view=view, sense__in=senses).values_list("sense_id", "vector")
    )
    matrix = np.zeros((len(senses), space.dimensions), dtype=np.float32)
    for row, sense in enumerate(senses):
        if sense in stored:
            matrix[row] = stored[sense]
    return matrix
