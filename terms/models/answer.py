"""Answers that are kept, so that a request may be sent again without being done twice."""

from datetime import timedelta

from django.conf import settings
from django.db import connection, models
from django.db.models.functions import Now
from django.utils import timezone

MAX_KEY = 255


class KeptAnswerQuerySet(models.QuerySet["KeptAnswer"]):
    def forget_older_than(self, hours: int = 24) -> int:
        return self.filter(created_at__lt=timezone.now() - timedelta(hours=hours)).delete()[0]


class KeptAnswer(models.Model):
    """What a request that somebody gave a key was answered, kept with what it wrote."""

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    key = models.CharField(max_length=MAX_KEY)
    request = models.CharField(max_length=64, help_text="SHA-256 of what was asked.")
    status = models.PositiveSmallIntegerField()
    headers = models.JSONField()
    body = models.TextField()
    created_at = models.DateTimeField(db_default=Now())

    objects = KeptAnswerQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        ordering = ["created_at", "id"]
        constraints = [models.UniqueConstraint(fields=["owner", "key"], name="answer_once")]
        indexes = [models.Index(fields=["created_at"], name="answer_age")]

    def __str__(self) -> str:
        return self.key


def claim(owner: int, key: str) -> bool:
    """Whether the key is this transaction's alone until it ends; a killed one holds nothing."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(hashtextextended(%s, %s))", [key, owner])
        (is_ours,) = cursor.fetchone()
    return bool(is_ours)
