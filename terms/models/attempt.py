from django.db import connection, models
from django.utils import timezone

COUNT_ATTEMPT = """
INSERT INTO terms_attempt AS attempt (key, count, until)
VALUES (%(key)s, 1, now() + make_interval(secs => %(seconds)s))
ON CONFLICT (key) DO UPDATE SET
    count = CASE WHEN attempt.until < now() THEN 1 ELSE attempt.count + 1 END,
    until = CASE WHEN attempt.until < now() THEN excluded.until ELSE attempt.until END
RETURNING count
"""


class AttemptQuerySet(models.QuerySet["Attempt"]):
    def count_one(self, key: str, seconds: int) -> int:
        """How many there are with this one; the first one sets the time at which they end."""
        with connection.cursor() as cursor:
            cursor.execute(COUNT_ATTEMPT, {"key": key, "seconds": seconds})
            return int(cursor.fetchone()[0])

    def forget_past(self) -> int:
        return self.filter(until__lt=timezone.now()).delete()[0]


class Attempt(models.Model):
    """How often something was tried lately, where Redis cannot count it: terms/rates.py."""

    key = models.CharField(max_length=64, primary_key=True)
    count = models.PositiveIntegerField()
    until = models.DateTimeField(db_index=True)

    objects = AttemptQuerySet.as_manager()

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.count} until {self.until}"
