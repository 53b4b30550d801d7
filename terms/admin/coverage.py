"""How well each topic is covered: its terms, and how many of them have what a term should have."""

from dataclasses import dataclass
from typing import Any

from django.db import connection

from terms.admin.dashboard import list_of
from terms.querysets import PUBLIC

SHOWN = 20

# Each term once a topic, by the topic itself: what lies below has a row of its own. One pass.
COVERAGE = """
WITH place AS (
    SELECT DISTINCT place.topic_id, sense.term_id
    FROM terms_sense_topics place JOIN terms_sense sense ON sense.id = place.sense_id),
exampled AS (
    SELECT DISTINCT sense.term_id
    FROM terms_example example JOIN terms_sense sense ON sense.id = example.sense_id),
sourced AS (
    SELECT DISTINCT sense.term_id
    FROM terms_sense_sources source JOIN terms_sense sense ON sense.id = source.sense_id),
counted AS (
    SELECT place.topic_id,
           count(*) FILTER (WHERE status = ANY(%(public)s)) AS terms,
           count(exampled.term_id) FILTER (WHERE status = ANY(%(public)s)) AS exampled,
           count(sourced.term_id) FILTER (WHERE status = ANY(%(public)s)) AS sourced,
           count(*) FILTER (WHERE status = 'review') AS in_review
    FROM place JOIN terms_term term ON term.id = place.term_id
    LEFT JOIN exampled ON exampled.term_id = term.id
    LEFT JOIN sourced ON sourced.term_id = term.id
    GROUP BY place.topic_id)
SELECT topic.id, topic.name, coalesce(terms, 0), coalesce(exampled, 0), coalesce(sourced, 0),
       coalesce(in_review, 0),
       greatest(max(terms) OVER (), 1), count(*) OVER ()
FROM terms_topic topic LEFT JOIN counted ON topic_id = topic.id
ORDER BY 3 DESC, topic.name LIMIT %(shown)s
"""


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


def coverage() -> Coverage:
    """The largest topics. One query."""
    with connection.cursor() as cursor:
        cursor.execute(COVERAGE, {"public": list(PUBLIC), "shown": SHOWN})
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    topics = [Topic(*row[:-1]) for row in rows]
    return Coverage(topics, rows[0][-1] - len(rows) if rows else 0)
