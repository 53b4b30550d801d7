from django.db import connection, models

from terms.querysets import PUBLIC

# Each term once a topic, by the topic itself: what lies below has a row of its own. One pass.
COUNT = """
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
INSERT INTO terms_topiccoverage (topic_id, terms, exampled, sourced, in_review, counted_at)
SELECT topic.id, coalesce(terms, 0), coalesce(exampled, 0), coalesce(sourced, 0),
       coalesce(in_review, 0), now()
FROM terms_topic topic LEFT JOIN counted ON topic_id = topic.id
ON CONFLICT (topic_id) DO UPDATE SET
    terms = EXCLUDED.terms, exampled = EXCLUDED.exampled, sourced = EXCLUDED.sourced,
    in_review = EXCLUDED.in_review, counted_at = EXCLUDED.counted_at
"""


class TopicCoverageQuerySet(models.QuerySet["TopicCoverage"]):
    def recount(self) -> None:
        """Counts every topic anew, which reads all senses: a round of beat does it, no page."""
        with connection.cursor() as cursor:
            cursor.execute(COUNT, {"public": list(PUBLIC)})


class TopicCoverage(models.Model):
    """How many public terms a topic has, and how many of them have what a term should have."""

    topic = models.OneToOneField(
        "terms.Topic", models.CASCADE, primary_key=True, related_name="coverage"
    )
    terms = models.PositiveIntegerField()
    exampled = models.PositiveIntegerField()
    sourced = models.PositiveIntegerField()
    in_review = models.PositiveIntegerField()
    counted_at = models.DateTimeField()

    topic_id: int

    objects = TopicCoverageQuerySet.as_manager()

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.topic}: {self.terms}"
