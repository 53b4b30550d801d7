"""When a nearness means something: thresholds that a space takes from its own entries, unlabelled.

Below the 5% quantile of the entries' own nearest-neighbour cosine there is no good match; a first
hit that stands clear of the next ten is a strong one. Both were measured (docs/lookup.md).
"""

from dataclasses import dataclass

import numpy as np

from embeddings import vectors
from embeddings.models import Space

QUANTILE = 0.05
STRONG_GAP = 0.12
SAMPLE = 20_000
TOO_FEW = 10  # entries; below that the quantile says nothing
DEFAULT_NONE_BELOW = 0.25
GROWTH = 0.1  # measured again when the space has changed by this share


@dataclass(frozen=True)
class Calibration:
    """`none_below`: cosine under which nothing good was found. `strong_gap`: see `vectors.gap`."""

    none_below: float = DEFAULT_NONE_BELOW
    strong_gap: float = STRONG_GAP

    @classmethod
    def of(cls, space: Space) -> "Calibration":
        stored = space.calibration
        return cls(stored["none_below"], stored["strong_gap"]) if stored else cls()


def refresh(space: Space) -> None:
    """Measures again when the number of entries has changed by more than a tenth."""
    entries = space.embeddings.filter(view="entry")
    count = entries.count()
    measured = space.calibration.get("entries", 0)
    if count < TOO_FEW or abs(count - measured) <= GROWTH * measured:
        return
    sample = entries.order_by("text_hash").values_list("vector", flat=True)[:SAMPLE]
    nearest = vectors.nearest_cosines(np.stack([np.asarray(v, np.float32) for v in sample]))
    space.calibration = {
        "none_below": round(float(np.quantile(nearest, QUANTILE)), 4),
        "strong_gap": STRONG_GAP,
        "entries": count,
    }
    space.save(update_fields=["calibration"])
