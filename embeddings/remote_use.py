"""What a remote server was asked for, by its own count, and what that cost."""

import logging
from datetime import date
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import DatabaseError, connection, models, transaction
from django.db.models import Sum
from django.utils import timezone

if TYPE_CHECKING:
    from embeddings.models import Space

log = logging.getLogger(__name__)

REMOTE = "openai_compatible"
COUNT = """
INSERT INTO embeddings_remoteuse AS so_far (model, day, requests, tokens) VALUES (%s, %s, 1, %s)
ON CONFLICT (model, day) DO UPDATE
SET requests = so_far.requests + 1, tokens = so_far.tokens + excluded.tokens
"""


class RemoteUse(models.Model):
    """The requests of a day to a remote model, for senses and questions alike."""

    model = models.CharField(max_length=120)
    day = models.DateField()
    requests = models.BigIntegerField()
    tokens = models.BigIntegerField()

    class Meta:
        ordering = ["-day", "model"]
        constraints = [
            models.UniqueConstraint(fields=["model", "day"], name="remote_use_once"),
        ]

    def __str__(self) -> str:
        return f"{self.model}, {self.day}: {self.tokens:,} tokens"


def count(model: str, tokens: int, day: date | None = None) -> None:
    """One request more. Best effort: an answer is not lost because it could not be counted."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(COUNT, [model, day or timezone.localdate(), tokens])
    except DatabaseError as error:
        log.warning("%d tokens of %s were not counted: %s", tokens, model, error)


def told(space: "Space") -> str:
    """`12,000 tokens counted by its server, cost 0.0002`; "" for a space whose model is here.

    The price of now counts for all of them; without one no cost is told.
    """
    if space.encoder != REMOTE:
        return ""
    used = RemoteUse.objects.filter(model=space.model).aggregate(tokens=Sum("tokens"))
    tokens = used["tokens"] or 0
    cost = tokens / 1e6 * settings.REMOTE_PRICE
    return f"{tokens:,} tokens counted by its server" + (f", cost {cost:.4f}" if cost else "")
