import re
from datetime import timedelta

from django.db import models
from django.db.models import F
from django.db.models.functions import Now
from django.utils import timezone

_EMAIL_OR_URL = re.compile(r"\S+@\S+|\w*://\S*|www\.\S+")


class MissQuerySet(models.QuerySet["Miss"]):
    def normalised(self, query: str) -> str:
        """What of a question may be kept: no digits, no addresses, capped, folded."""
        kept = re.sub(r"\d+", "", _EMAIL_OR_URL.sub(" ", query))
        return " ".join(kept.casefold().split())[: self.model.MAX_LENGTH].strip()

    def count_one(self, query: str) -> None:
        """Counts a question; of many at once each is counted."""
        if kept := self.normalised(query):
            self.bulk_create([self.model(query=kept, count=0)], ignore_conflicts=True)
            self.filter(query=kept).update(count=F("count") + 1, last_asked_at=timezone.now())

    def forget_older_than(self, days: int = 90) -> int:
        return self.filter(last_asked_at__lt=timezone.now() - timedelta(days=days)).delete()[0]


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
