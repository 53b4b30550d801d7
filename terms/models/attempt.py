from django.db import models

from terms.querysets import AttemptQuerySet


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
