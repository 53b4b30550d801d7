"""Ends a worker that is connected but consumes nothing; whoever supervises it starts it anew.

Celery has had such states after a broker restart (celery issues 8030, 8091, 10205). A connection
proves nothing, so consumption itself is watched: something due, nobody attending, a Redis that
answers, and no task running here.
"""

import logging
import os
import threading
import time
from datetime import timedelta
from typing import Any, cast

from celery import bootsteps
from django.conf import settings
from django.db import DatabaseError, close_old_connections
from django.utils import timezone

from embeddings.models import Space

log = logging.getLogger(__name__)

SILENCE = 20.0  # seconds that something may stay due while no worker attends
LOOK_EVERY = 2.0
EXIT_CODE = 75  # EX_TEMPFAIL: try again


class Watchdog(bootsteps.StartStopStep):
    """A thread of the worker's main process; the children that embed are not touched by it."""

    requires = {"celery.worker.components:Pool"}

    def __init__(self, worker: Any, **kwargs: Any) -> None:
        super().__init__(worker, **kwargs)
        self.stopping = threading.Event()

    def include_if(self, worker: Any) -> bool:
        """Not in a worker that only tunes: what is due there is not its to embed."""
        return set(worker.app.amqp.queues.consume_from) != {settings.TUNING_QUEUE}

    def start(self, worker: Any) -> None:
        thread = threading.Thread(target=self.watch, args=(worker,), name="watchdog", daemon=True)
        thread.start()

    def stop(self, worker: Any) -> None:
        self.stopping.set()

    def watch(self, worker: Any) -> None:
        from celery.worker import state

        deaf_since: float | None = None
        while not self.stopping.wait(LOOK_EVERY):
            busy = bool(state.active_requests)
            deaf = not busy and is_neglected() and broker_answers(worker.app)
            deaf_since = (deaf_since or time.monotonic()) if deaf else None
            # Twice in a row at least, so that one unlucky moment ends nobody.
            if deaf_since and time.monotonic() - deaf_since >= LOOK_EVERY:
                log.critical("work is due, Redis answers, but nothing is consumed: ending")
                os._exit(EXIT_CODE)


def is_neglected() -> bool:
    """Whether something has been due, and no worker has looked at it, for SILENCE seconds."""
    close_old_connections()
    before = timezone.now() - timedelta(seconds=SILENCE)
    try:
        spaces = list(Space.objects.kept_up().filter(attended_at__lt=before))
        return any(space.pending.overdue(SILENCE).exists() for space in spaces)
    except DatabaseError:
        return False  # a database that is away is not cured by a new worker


def broker_answers(app: Any) -> bool:
    try:
        with app.connection_for_read(connect_timeout=1) as connection:
            cast(Any, connection.default_channel).client.ping()
    except Exception:  # whatever the transport raises: no answer is no answer
        return False
    return True
