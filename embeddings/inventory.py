"""Every space with its size, age, scores and whether questions can be put to it here."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, QuerySet
from django.utils.dateparse import parse_datetime

from embeddings.encoders import obstacle
from embeddings.evaluate import overall
from embeddings.models import Embedding, Pending, Space
from embeddings.querysets import Progress
from terms.models import Sense

FLOAT, HEADER = 4, 8  # bytes of a number and of a vector around its numbers, as pgvector keeps them


@dataclass(frozen=True)
class Kept:
    """A space and what is known of it without loading its model."""

    space: Space
    progress: Progress
    vectors: int

    @property
    def bytes(self) -> int:
        return self.vectors * (FLOAT * self.space.dimensions + HEADER)

    @property
    def percent(self) -> int:
        return 100 * self.progress.embedded // max(self.progress.total, 1)

    @property
    def obstacle(self) -> str:
        """Why no question can be put to it here at present; "" when one can."""
        return obstacle(self.space.encoder)

    @property
    def score(self) -> "Score | None":
        return Score.of(self.space)


@dataclass(frozen=True)
class Score:
    """The stored evaluation in one line. `mrr`: mean reciprocal rank over all its questions."""

    mrr: float
    questions: int
    source: str
    at: datetime | None

    @classmethod
    def of(cls, space: Space) -> "Score | None":
        """None for a space that was not evaluated."""
        evaluation: dict[str, Any] = space.evaluation
        if (mrr := overall(evaluation)) is None:
            return None
        halves = evaluation["figures"].values()
        asked = sum(kind["look-up"]["questions"] for half in halves for kind in half.values())
        at = parse_datetime(evaluation.get("at", ""))
        return cls(mrr, asked, evaluation.get("source", ""), at)


def inventory() -> list[Kept]:
    """All spaces, the one that serves first, then the newest. Five queries."""
    total = Sense.objects.count()
    vectors = _by_space(Embedding.objects.all())
    waiting = _by_space(Pending.objects.filter(parked=False))
    parked = _by_space(Pending.objects.filter(parked=True))
    return [
        Kept(
            space,
            Progress(total, waiting.get(space.pk, 0), parked.get(space.pk, 0), space.pace),
            vectors.get(space.pk, 0),
        )
        for space in sorted(Space.objects.all(), key=lambda space: space.state != "active")
    ]


def _by_space(rows: QuerySet[Any]) -> dict[int, int]:
    return dict(rows.order_by().values_list("space").annotate(Count("pk")))
