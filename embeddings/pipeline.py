"""From outbox to vectors. The database is the truth; whatever calls this is only a doorbell.

A batch is claimed in one transaction, encoded outside any, and written in another by
compare-and-set: a result counts only while its outbox row has the generation that was claimed.
"""

import faulthandler
import logging
import random
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta

from django.db import connection, transaction
from django.db.models import F
from django.db.models.functions import Now
from pgvector.psycopg.vector import register_vector_info
from psycopg.types import TypeInfo

from embeddings import text
from embeddings.encoders import Encoder, EncoderUnavailable
from embeddings.models import Pending, Space
from embeddings.querysets import MAX_ATTEMPTS, PendingQuerySet
from embeddings.vectors import Vector
from terms.models import Sense

log = logging.getLogger(__name__)

# Senses claimed at once, about three texts each: few at first, then as many as take BATCH_SECONDS,
# so that a fast machine has long batches to sort by length and a slow one keeps within its lease.
BATCH, LARGEST_BATCH, BATCH_SECONDS = 32, 1_024, 4
# A batch takes a second or two, a sense a tenth; together less than the lease of a claim.
ENCODE_SECONDS, SECONDS_A_SENSE = 6, 0.25
BREATH = timedelta(seconds=1)  # before a row is tried again that is not to blame
FIRST_RETRY = timedelta(seconds=2)
STDERR = 2  # by its number: a worker's sys.stderr is none that C code can write to


class Encoding(dict[bytes, Vector]):
    """Text hash → vector, for one batch."""


@dataclass
class Batch:
    """Claimed outbox rows with the texts of their senses and what is stored of them already."""

    space: Space
    rows: list[Pending]
    texts: dict[int, dict[str, str]] = field(default_factory=dict)
    stored: dict[tuple[int, str], bytes] = field(default_factory=dict)

    def changed(self, sense: int) -> dict[str, str]:
        """The views of a sense whose text is not the one its stored vector was made from."""
        return {
            view: content
            for view, content in self.texts.get(sense, {}).items()
            if self.stored.get((sense, view)) != text.fingerprint(content)
        }

    def outlived(self, sense: int) -> set[str]:
        """The views that are stored of a sense and that it no longer has."""
        return {view for of, view in self.stored if of == sense} - self.texts[sense].keys()

    def to_encode(self) -> dict[bytes, str]:
        """Hash → text, each distinct text once."""
        return {
            text.fingerprint(content): content
            for row in self.rows
            for content in self.changed(row.sense_id).values()
        }


# Vectors go in as bytes: as text, their digits would cost more than all the rest of a write.
DRAFT = """
CREATE TEMPORARY TABLE IF NOT EXISTS embeddings_draft
    (sense_id bigint, view varchar, text_hash bytea, vector vector)
"""
COPY = "COPY embeddings_draft (sense_id, view, text_hash, vector) FROM STDIN (FORMAT BINARY)"
UPSERT = """
WITH drafted AS (DELETE FROM embeddings_draft RETURNING sense_id, view, text_hash, vector)
INSERT INTO embeddings_embedding (space_id, sense_id, view, text_hash, vector, updated_at)
SELECT %s, sense_id, view, text_hash, vector, now() FROM drafted
ON CONFLICT (space_id, sense_id, view) DO UPDATE
SET text_hash = excluded.text_hash, vector = excluded.vector, updated_at = excluded.updated_at
"""


def work_off(space: Space, encoder: Encoder) -> Iterator[int]:
    """Embeds batch after batch until nothing is due; yields the rows that each took."""
    size = BATCH
    while True:
        begun = time.monotonic()
        fresh = embed_due(space, encoder, limit=size)
        size = next_size(size, time.monotonic() - begun)
        done = fresh + embed_due(space, encoder, suspects=True)
        if not done:
            return
        yield done


def next_size(size: int, seconds: float) -> int:
    """How many rows would have taken BATCH_SECONDS where `size` took `seconds`; at most twice."""
    fitting = int(size * min(2, BATCH_SECONDS / max(seconds, 0.001)))
    return min(max(fitting, BATCH), LARGEST_BATCH)


def embed_due(space: Space, encoder: Encoder, *, suspects: bool = False, limit: int = BATCH) -> int:
    """Claims, encodes and writes one batch; returns how many outbox rows were claimed.

    Suspects, rows whose encoding failed or ended the process before, are taken one at a time, so
    that a poisoned text harms no other. Raises EncoderUnavailable when it is the encoder that is
    away; then no text is to blame.
    """
    rows = space.pending.claim(1 if suspects else limit, suspects=suspects)
    if not rows:
        return 0
    batch = read(space, rows)
    try:
        written = write(batch, encode(batch, encoder))
        hand_back([row for row in rows if row.id not in written])
    except EncoderUnavailable:
        hand_back(rows)
        raise
    except Exception as error:
        if len(rows) > 1:
            log.warning(
                "a batch of %d failed (%s); its texts are tried one by one", len(rows), error
            )
            release(rows)
        else:
            postpone(rows[0], error)
    return len(rows)


def read(space: Space, rows: list[Pending]) -> Batch:
    """The texts as they are now, and the hashes of what is stored."""
    batch = Batch(space, rows)
    ids = [row.sense_id for row in rows]
    for sense in text.readable(Sense.objects.filter(id__in=ids)):
        batch.texts[sense.id] = text.views(sense)
    stored = space.embeddings.filter(sense__in=ids).values_list("sense_id", "view", "text_hash")
    batch.stored = {(sense, view): bytes(digest) for sense, view, digest in stored}
    return batch


def encode(batch: Batch, encoder: Encoder) -> Encoding:
    """Vectors of the batch's changed texts; a text embedded before in the space is not encoded."""
    wanted = batch.to_encode()
    known = (
        batch.space.embeddings.filter(text_hash__in=wanted)
        .order_by("text_hash")
        .distinct("text_hash")
        .values_list("text_hash", "vector")
    )
    vectors = Encoding({bytes(digest): vector for digest, vector in known})
    missing = {digest: content for digest, content in wanted.items() if digest not in vectors}
    if missing:
        with deadline(ENCODE_SECONDS + SECONDS_A_SENSE * len(batch.rows)):
            encoded = encoder.encode(list(missing.values()))
        vectors.update(zip(missing, encoded, strict=True))
    return vectors


@transaction.atomic
def write(batch: Batch, vectors: Encoding) -> set[int]:
    """Stores the vectors of rows that are still the generation claimed, and clears those rows.

    Returns their ids.
    """
    valid = still_valid(batch)
    store(
        batch.space,
        [
            (row.sense_id, view, digest, vectors[digest])
            for row in valid
            for view, content in batch.changed(row.sense_id).items()
            for digest in [text.fingerprint(content)]
        ],
    )
    for row in valid:
        if outlived := batch.outlived(row.sense_id):
            batch.space.embeddings.filter(sense=row.sense_id, view__in=outlived).delete()
    written = {row.id for row in valid}
    Pending.objects.filter(id__in=written).delete()
    return written


def store(space: Space, rows: Sequence[tuple[int, str, bytes, Vector]]) -> None:
    """Writes vectors (d,) of senses in views, in place of older ones."""
    with connection.cursor() as cursor:
        cursor.execute(DRAFT)
        register_vector_info(cursor.cursor, TypeInfo.fetch(cursor.connection, "vector"))
        with cursor.copy(COPY) as copy:
            copy.set_types(["int8", "varchar", "bytea", "vector"])
            for row in rows:
                copy.write_row(row)
        cursor.execute(UPSERT, [space.pk])


def still_valid(batch: Batch) -> list[Pending]:
    """The batch's rows of which nothing changed since they were claimed, locked with all they need.

    Without waiting: whoever holds a lock is writing a newer generation or deleting, and the two
    could wait for each other for ever. Senses come first, as their writers lock them.
    """
    generations = {row.id: row.generation for row in batch.rows}
    senses = Sense.objects.filter(id__in=[row.sense_id for row in batch.rows])
    free = senses.select_for_update(skip_locked=True, no_key=True).values_list("id", flat=True)
    rows = Pending.objects.filter(id__in=generations, sense__in=list(free))
    current = rows.select_for_update(skip_locked=True).order_by("id")
    vectors = batch.space.embeddings.filter(sense__in=senses).select_for_update(skip_locked=True)
    held = batch.stored.keys() - set(vectors.values_list("sense_id", "view"))
    deleting = {sense for sense, _ in held}
    return [
        row
        for row in current
        if row.generation == generations[row.id] and row.sense_id not in deleting
    ]


def hand_back(rows: Sequence[Pending]) -> None:
    """Rows that were held by their writer, or that no encoder looked at: their texts are sound."""
    for row in rows:
        claimed(row).update(due=Now() + BREATH, attempts=F("attempts") - 1, claimed_by="")


def release(rows: Sequence[Pending]) -> None:
    """Hands rows back at once, to be tried as suspects. Rows that changed since are left alone."""
    for row in rows:
        claimed(row).update(due=Now(), claimed_by="")


def postpone(row: Pending, error: Exception) -> None:
    """Sets a failed row's next try, after growing waits, or parks it with the error."""
    reason = f"{type(error).__name__}: {error}"[:500]
    if row.attempts >= MAX_ATTEMPTS:
        log.error("sense %d is parked: %s", row.sense_id, reason)
        claimed(row).update(parked=True, last_error=reason)
    else:
        wait = FIRST_RETRY * 2 ** (row.attempts - 1) * random.uniform(0.8, 1.2)  # noqa: S311 - jitter
        claimed(row).update(due=Now() + wait, claimed_by="", last_error=reason)


def claimed(row: Pending) -> PendingQuerySet:
    return Pending.objects.filter(id=row.id, generation=row.generation)


@contextmanager
def deadline(seconds: float) -> Iterator[None]:
    """Ends the process, and tells where it was, when the block takes longer: the only cure for a
    hang in C code.

    The row's attempt is counted already, so a text that hangs each time is parked.
    """
    faulthandler.dump_traceback_later(seconds, exit=True, file=STDERR)
    try:
        yield
    finally:
        faulthandler.cancel_dump_traceback_later()
