from django.db import models
from django.db.models.functions import Now

from terms.querysets import MissQuerySet


class Miss(models.Model):
    """A question that found nothing good, and how often it was asked. Gone after 90 days."""

    MAX_LENGTH = 80

    query = models.CharField(max_length=MAX_LENGTH, unique=True)
    count = models.PositiveIntegerField(default=1)
    first_asked_at = models.DateTimeField(db_default=Now())
    last_asked_at = models.DateTimeField(db_default=Now())

    objects = MissQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "misses"
        ordering = ["-count", "query"]

    def __str__(self) -> str:
        return self.query
