from typing import Self

from django.conf import settings
from django.db import models
from django.utils import timezone

from terms.models.fields import LineField


class PlannedPublicationQuerySet(models.QuerySet["PlannedPublication"]):
    def due(self) -> Self:
        """Whose time has come, and which were not refused then."""
        return self.filter(at__lte=timezone.now(), problem="").order_by("at")

    def refused(self) -> Self:
        """Whose terms could not be published at their time."""
        return self.exclude(problem="")


class PlannedPublication(models.Model):
    """A term that is to be published at a time, by somebody who may. terms/planned.py does it."""

    term = models.OneToOneField(
        "terms.Term", models.CASCADE, primary_key=True, related_name="planned"
    )
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    comment = LineField(max_length=200, blank=True, default="")
    problem = LineField(
        max_length=300, blank=True, default="", help_text="Why it was not published at its time."
    )

    objects = PlannedPublicationQuerySet.as_manager()

    class Meta:
        ordering = ["at"]
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.term} on {self.at:%d %B %Y at %H:%M}"
