"""The survey: how near each sense's neighbours are, and how far it moved. The worker measures it.

A slice of senses at a time, as the rolling check goes, so that embedding never waits for long. A
survey begins when vectors have changed since the last one began, and seldom.
"""

from datetime import timedelta
from typing import Any

from django.db.models import F, OuterRef, QuerySet, Subquery
from django.utils import timezone
from pgvector.django import CosineDistance

from embeddings import nearest, text
from embeddings.encoders import Encoder
from embeddings.models import Space, Standing, Survey
from embeddings.vectors import Vector
from terms import markup
from terms.models import Sense
from terms.models.history import events_of

SLICE = 500  # senses a round; a round takes a second or two at 12,000 senses
REST = timedelta(minutes=10)  # from the beginning of a survey to that of the next
DRIFT = timedelta(days=30)
REWORDED = 500  # senses at the most whose old words are encoded, those changed last
CANDIDATES = 10  # entries by the index, of which the other views then choose

NEIGHBOURS = """
WITH mine AS MATERIALIZED (
    SELECT entry.sense_id AS sense, entry.vector AS entry, sense.term_id, term.language
    FROM embeddings_embedding entry
    JOIN terms_sense sense ON sense.id = entry.sense_id
    JOIN terms_term term ON term.id = sense.term_id
    WHERE entry.space_id = {space:d} AND entry.view = 'entry' AND entry.sense_id > %(after)s
    ORDER BY entry.sense_id LIMIT %(size)s),
near AS MATERIALIZED (
    SELECT mine.sense, mine.entry, other.sense_id AS other
    FROM mine CROSS JOIN LATERAL (
        SELECT entry.sense_id
        FROM embeddings_embedding entry
        JOIN terms_sense sense ON sense.id = entry.sense_id
        JOIN terms_term term ON term.id = sense.term_id
        WHERE entry.space_id = {space:d} AND entry.view = 'entry' AND term.id <> mine.term_id
          AND term.status = 'published' AND term.language = mine.language
        ORDER BY entry.vector::halfvec({dimensions:d}) <=> mine.entry::halfvec({dimensions:d})
        LIMIT %(candidates)s) other),
scored AS (
    SELECT sense, sum(weight * cosine) / sum(weight) AS score,
           max(cosine) FILTER (WHERE view = 'entry') AS cosine
    FROM (SELECT sense, other, view, 1 - (vector <=> entry) AS cosine
          FROM near JOIN embeddings_embedding ON sense_id = other AND space_id = {space:d}) seen
    JOIN unnest(%(views)s::text[], %(weights)s::float8[]) weighed(view, weight) USING (view)
    GROUP BY sense, other),
nearest AS (
    SELECT sense, max(score) AS score, max(cosine) AS cosine FROM scored GROUP BY sense),
alike AS (
    SELECT DISTINCT ON (sense) sense, other AS twin, 1 - (own.vector <=> its.vector) AS likeness
    FROM near
    JOIN embeddings_embedding own ON own.sense_id = sense
        AND own.space_id = {space:d} AND own.view = 'definition'
    JOIN embeddings_embedding its ON its.sense_id = other
        AND its.space_id = {space:d} AND its.view = 'definition'
    ORDER BY sense, likeness DESC, other)
INSERT INTO embeddings_standing (space_id, sense_id, score, cosine, twin_id, likeness)
SELECT {space:d}, sense, score, cosine, twin, likeness
FROM mine LEFT JOIN nearest USING (sense) LEFT JOIN alike USING (sense)
ON CONFLICT (space_id, sense_id) DO UPDATE SET score = EXCLUDED.score,
    cosine = EXCLUDED.cosine, twin_id = EXCLUDED.twin_id, likeness = EXCLUDED.likeness
RETURNING sense_id
"""


def is_due(space: Space) -> bool:
    """Whether one is under way, or vectors have changed since the last one began and it rested."""
    last = Survey.objects.filter(space=space).first()
    if last is None or last.through:
        return True
    rested = timezone.now() - last.begun_at >= REST
    return rested and space.embeddings.filter(updated_at__gt=last.begun_at).exists()


def survey(space: Space, encoder: Encoder, size: int = SLICE) -> int:
    """Measures the next slice; at the end of all, the drift. Returns how many were measured."""
    now = timezone.now()
    state, _ = Survey.objects.get_or_create(space=space, defaults={"begun_at": now})
    if not state.through:
        state.begun_at = now
    measured = measure(space, state.through, size)
    state.through = max(measured) if len(measured) == size else 0
    if not state.through:
        measure_drift(space, encoder)
        state.ended_at = timezone.now()
    state.save()
    return len(measured)


def measure(space: Space, after: int, size: int) -> list[int]:
    """Stores where the next senses by id stand; returns their ids."""
    found = nearest.rows(
        space,
        NEIGHBOURS,
        after=after,
        size=size,
        candidates=CANDIDATES,
        views=list(space.lookup),
        weights=list(space.lookup.values()),
    )
    return [sense for (sense,) in found]


def measure_drift(space: Space, encoder: Encoder) -> None:
    """How far the senses that were reworded in the last month are from what they said before."""
    rows = list(reworded().values_list("pk", "term__name", "before")[:REWORDED])
    texts = [text.entry(name, markup.plain(definition)) for _, name, definition in rows]
    vectors = encoder.encode(texts) if texts else ()
    before: dict[int, Vector] = {pk: vector for (pk, *_), vector in zip(rows, vectors, strict=True)}
    space.standings.filter(moved__isnull=False).exclude(sense__in=before).update(moved=None)
    for sense, vector in before.items():
        entry = space.embeddings.filter(sense=sense, view="entry")
        distance = entry.annotate(distance=CosineDistance("vector", vector)).values("distance")
        Standing.objects.filter(space=space, sense=sense).update(moved=Subquery(distance[:1]))


def reworded() -> QuerySet[Any]:
    """Senses whose definition is not what it was a month ago, or when they were made since then.

    That definition is their `before`; the last changed come first.
    """
    events = events_of(Sense)
    changes = events.filter(pgh_created_at__gte=timezone.now() - DRIFT, pgh_label="update")
    own = changes.filter(pgh_obj=OuterRef("pk")).order_by("pgh_id")
    earlier = events.filter(pgh_obj=OuterRef("pk"), pgh_id__lt=OuterRef("first"))
    return (
        Sense.objects.filter(pk__in=changes.values("pgh_obj"))
        .annotate(first=Subquery(own.values("pgh_id")[:1]))
        .annotate(before=Subquery(earlier.order_by("-pgh_id").values("definition")[:1]))
        .exclude(before=F("definition"))
        .exclude(before=None)
        .order_by("-term__updated_at", "pk")
    )
