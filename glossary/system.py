"""The state of each part of the service, in a word and a sentence, for the admin's front page.

A part that does not answer is said to be broken; the others are asked all the same.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast

from django.conf import settings
from django.db import DatabaseError, connection, transaction
from django.db.models import Count, Min
from django.utils import timezone
from django.utils.timesince import timesince
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

import glossary
from embeddings.doorbell import PATIENCE
from embeddings.encoders import EncoderUnavailable, load_for_query
from embeddings.models import STALLED_SECONDS, Pending, Space
from embeddings.vectors import BadVectors
from terms.text import counted

FINE, WATCH, BROKEN = "fine", "watch", "broken"
SILENT_AFTER = timedelta(seconds=30)  # the doorbell rings every five
BACKUP_OLD_AFTER = timedelta(days=2)
SERVER = """
SELECT current_setting('server_version'), pg_size_pretty(pg_database_size(current_database())),
       (SELECT extversion FROM pg_extension WHERE extname = 'vector')
"""
FAULTS = (DatabaseError, OperationalError, OSError, RedisError, EncoderUnavailable, BadVectors)


@dataclass(frozen=True)
class Part:
    """`state`: fine; watch, which needs a look; or broken."""

    name: str
    state: str
    said: str


def parts() -> list[Part]:
    """Every part, by a fixed number of queries."""
    questions: dict[str, Callable[[], tuple[str, str]]] = {
        "Queue": queue,
        "Worker": worker,
        "Model": model,
        "PostgreSQL": postgres,
        "Redis": broker,
        "Backup": lambda: backup(settings.BACKUP_RECORD),
        "Release": lambda: (FINE, glossary.__version__),
    }
    return [answer(name, question) for name, question in questions.items()]


def answer(name: str, question: Callable[[], tuple[str, str]]) -> Part:
    try:
        with transaction.atomic():
            return Part(name, *question())
    except FAULTS as fault:
        return Part(name, BROKEN, str(fault).strip() or type(fault).__name__)


def queue() -> tuple[str, str]:
    """How many senses wait in the outbox, and for how long the oldest."""
    due = Pending.objects.filter(space__state="active", parked=False)
    waiting = due.aggregate(count=Count("pk"), oldest=Min("due"))
    if not waiting["count"]:
        return FINE, "Empty."
    age = timezone.now() - waiting["oldest"]
    state = WATCH if age > timedelta(seconds=STALLED_SECONDS) else FINE
    return state, f"Waiting: {counted(waiting['count'], 'sense')}, the oldest for {lasting(age)}."


def worker() -> tuple[str, str]:
    space = Space.objects.serving()
    if space is None:
        return WATCH, "There is no active space: no worker has started yet."
    silence = timezone.now() - space.attended_at
    if silence > SILENT_AFTER:
        return BROKEN, f"Silent for {lasting(silence)}. Is a worker running, and beat?"
    return FINE, f"Last seen {lasting(silence)} ago."


def model() -> tuple[str, str]:
    """Whether the worker can use it, as it said, and the web process, which is tried here."""
    space = Space.objects.serving()
    if space is None:
        return WATCH, "There is no active space."
    if space.error:
        return BROKEN, f"The worker cannot use {space.model}: {space.error}"
    loaded = load_for_query(space.encoder).description.sha256
    if loaded != space.sha256:
        return BROKEN, f"The weights that are loaded are not those of the space {space}."
    checked = f"sha256 {loaded[:12]}… as it should be" if loaded else "of which no sha256 is known"
    return FINE, f"{space.model} is loaded, {checked}."


def postgres() -> tuple[str, str]:
    with connection.cursor() as cursor:
        cursor.execute(SERVER)
        version, size, vector = cursor.fetchone()
    return FINE, f"{version} with pgvector {vector}. The database takes {size}."


def broker() -> tuple[str, str]:
    with glossary.celery_app.connection_for_read(transport_options=PATIENCE) as redis:
        about = cast(Any, redis.default_channel).client.info("server")
    return FINE, f"{about['redis_version']}, up for {about['uptime_in_days']} days."


def backup(record: Path) -> tuple[str, str]:
    """By the time of a file that the operator's own backup touches: docs/operator.md."""
    if not record.exists():
        return WATCH, f"None recorded. Let your backup touch {record} when it has succeeded."
    age = timezone.now() - datetime.fromtimestamp(record.stat().st_mtime, UTC)
    return (WATCH if age > BACKUP_OLD_AFTER else FINE), f"The last one was {lasting(age)} ago."


def lasting(time: timedelta) -> str:
    r"""
    >>> lasting(timedelta(seconds=7)), lasting(timedelta(hours=5))
    ('7 s', '5\xa0hours')
    """
    if time < timedelta(minutes=1):
        return f"{max(0, int(time.total_seconds()))} s"
    now = timezone.now()
    return timesince(now - time, now, depth=1)
