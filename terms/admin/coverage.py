"""How well each topic is covered: its terms, and how many of them have what a term should have."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Max, Min, Value

from terms.admin.dashboard import list_of
from terms.models import TopicCoverage

SHOWN = 20


@dataclass(frozen=True)
class Topic:
    """A row of the table, and of the picture: bars as shares, in per cent, of the largest topic."""

    pk: int
    name: str
    terms: int
    exampled: int
    sourced: int
    in_review: int
    largest: int

    @property
    def address(self) -> str:
        return list_of(senses__topics__id__exact=str(self.pk))

    @property
    def bars(self) -> dict[str, float]:
        """
        >>> Topic(1, "logic", 50, 25, 0, 3, 100).bars
        {'terms': 50.0, 'exampled': 25.0, 'sourced': 0.0}
        """
        figures = {"terms": self.terms, "exampled": self.exampled, "sourced": self.sourced}
        return {name: round(100 * count / self.largest, 1) for name, count in figures.items()}


@dataclass(frozen=True)
class Coverage:
    topics: list[Topic]
    more: int  # topics, smaller than these
    counted_at: datetime


def coverage() -> Coverage | None:
    """The largest topics, as last counted; None before the first time. Two queries."""
    rows = TopicCoverage.objects.order_by("-terms", "topic__name")
    columns = ("topic", "topic__name", "terms", "exampled", "sourced", "in_review")
    counted = rows.aggregate(topics=Count("topic"), largest=Max("terms"), at=Min("counted_at"))
    if not counted["topics"]:
        return None
    largest = Value(max(counted["largest"], 1))
    shown = rows.values_list(*columns, largest)[:SHOWN]
    topics = [Topic(*row) for row in shown]
    return Coverage(topics, counted["topics"] - len(topics), counted["at"])
