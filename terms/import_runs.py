"""Carries out the imports of uploaded files: small ones at once, big ones by a worker.

An import is one transaction, so that one which fails, is cancelled or whose worker is killed leaves
nothing. How far it is, is told beside it, through a connection of its own.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from django.contrib.auth import get_user_model
from django.db import connection, transaction
from kombu.exceptions import OperationalError

from terms.entry_import import Wrong, import_entries
from terms.formats import FormatError
from terms.importing import OnConflict
from terms.models import ImportRun
from terms.models.imported import Cancelled

log = logging.getLogger(__name__)

AT_ONCE = 200_000  # bytes that are imported while somebody waits: a few hundred entries
LOCK = 7_201_002  # the kind of lock; with the id of a run it is held by who carries it out
TELL = """
UPDATE terms_importrun SET state = 'running', progress = %s
WHERE id = %s AND state IN ('queued', 'running')
"""


def start(run: ImportRun) -> bool:
    """Now, if the file is small; else it waits for a worker. False for one that runs already."""
    startable = ImportRun.objects.filter(pk=run.pk or 0, state__in=["uploaded", "failed"])
    if run.content is not None and len(run.content) <= AT_ONCE:
        with held(run) as is_ours:
            if is_ours and startable.exists():
                carry_out(run)
        return is_ours
    if startable.update(state=ImportRun.State.QUEUED, faults=[], progress=0):
        transaction.on_commit(ring, robust=True)
        return True
    return False


def carry_out(run: ImportRun, progress: "Progress | None" = None) -> None:
    """The import as the user who uploaded the file may; what came of it is kept with the run."""
    user = get_user_model().objects.filter(pk=run.by_id or 0, is_active=True).first()
    if user is None:
        run.fail("Whoever uploaded the file has no account any more.")
        return
    upload = run.upload
    try:
        import_entries(
            upload.read,
            OnConflict(run.on_conflict),
            reason=f"import {run.file_name}"[:200],
            by=user,
            lacks=upload.lacks,
            documents=upload.documents,
            advance=progress or (lambda _: None),
            run=run,
        )
    except Wrong as wrong:
        run.fail(*wrong.errors)
    except FormatError as error:
        run.fail(error)
    except Cancelled:
        log.info("%s is cancelled", run)


def carry_out_waiting() -> None:
    """What waits, one after the other. What was running when its worker ended has failed."""
    for pk in list(ImportRun.objects.waiting().values_list("pk", flat=True)):
        run = ImportRun(pk=pk)
        with held(run) as is_ours:
            if not is_ours:
                continue
            run.refresh_from_db()
            if run.state == ImportRun.State.RUNNING:
                run.fail("The worker ended while it ran. Nothing was changed: import it again.")
            elif run.state == ImportRun.State.QUEUED:
                with Progress.of(run) as progress:
                    carry_out(run, progress)


@contextmanager
def held(run: ImportRun) -> Iterator[bool]:
    """Whether nobody else carries the run out; none will until this ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", [LOCK, run.pk])
        is_ours: bool = cursor.fetchone()[0]
    try:
        yield is_ours
    finally:
        if is_ours:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [LOCK, run.pk])


class Progress:
    """Told in transactions of its own, which others see. Raises Cancelled when that was asked."""

    def __init__(self, run: ImportRun) -> None:
        self.run, self.done = run, 0
        self.connection = connection.copy()

    @classmethod
    @contextmanager
    def of(cls, run: ImportRun) -> Iterator["Progress"]:
        progress = cls(run)
        try:
            yield progress
        finally:
            progress.connection.close()

    def __call__(self, entries: int) -> None:
        self.done += entries
        with self.connection.cursor() as cursor:
            cursor.execute(TELL, [self.done, self.run.pk])
            if not cursor.rowcount:
                raise Cancelled


def ring() -> None:
    """Tells a worker; `beat` does so again within half a minute."""
    from terms.tasks import import_waiting

    try:
        import_waiting.delay()
    except (OperationalError, OSError) as error:
        log.warning("no doorbell (%s); the next round of beat finds what waits", error)
