"""Tells a worker that something is due. A bell that is not heard costs seconds, never an edit."""

import logging
from typing import Any

from django.db import transaction
from django.db.models.signals import post_save
from kombu.exceptions import OperationalError

log = logging.getLogger(__name__)

# Someone waits for the save: no second try, and half a second for a Redis that hangs.
PATIENCE = {"max_retries": 0, "socket_timeout": 0.5}


def connect() -> None:
    """Rings after every commit that saved a term or a sense through Django."""
    from terms.models import Sense, Term

    for model in (Term, Sense):
        post_save.connect(_ring_on_commit, sender=model, dispatch_uid=f"doorbell {model.__name__}")


def _ring_on_commit(**_: Any) -> None:
    connection = transaction.get_connection()
    if any(callback is ring for _, callback, *_ in connection.run_on_commit):
        return  # once for a transaction, however many senses it saves
    transaction.on_commit(ring, robust=True)


def ring() -> None:
    from embeddings.tasks import embed_due

    _send(embed_due)


def ring_tuner() -> None:
    from embeddings.tasks import tune

    _send(tune)


def _send(task: Any) -> None:
    """Sends the message, or says that it could not; `beat` rings again within seconds."""
    try:
        with task.app.connection_for_write(transport_options=PATIENCE) as connection:
            task.apply_async(connection=connection)
    except (OperationalError, OSError) as error:
        log.warning("no doorbell (%s); the next round of beat finds what is due", error)
