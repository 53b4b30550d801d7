"""Where each sense stands among the others: what a survey (survey.py) measured and when."""

from typing import Self

from django.db import models
from django.db.models import F

from embeddings.vectors import LITTLE, QUOTED
from terms.models import Sense


class StandingQuerySet(models.QuerySet["Standing"]):
    """What a survey measured; which of it is worth an editor's look."""

    def overlapping(self) -> Self:
        """Senses that say nearly what a sense of another term says."""
        return self.filter(likeness__gte=QUOTED)

    def moved(self) -> Self:
        """Senses whose meaning is another than a month ago."""
        return self.filter(moved__isnull=False, moved__gte=LITTLE * (1 - F("cosine")))

    def alone(self, none_below: float) -> Self:
        """Senses to which look-up would call no other term a match."""
        return self.filter(score__lt=none_below)

    def in_company(self, none_below: float) -> Self:
        return self.filter(score__gte=none_below)


class Survey(models.Model):
    """How far the survey of a space is: the last sense measured, 0 when none is under way."""

    space = models.OneToOneField(
        "embeddings.Space", models.CASCADE, primary_key=True, related_name="survey"
    )
    through = models.BigIntegerField(default=0)
    begun_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return f"survey of {self.space}"


class Standing(models.Model):
    """A sense among the published senses of other terms; None where there is no other term."""

    space = models.ForeignKey(
        "embeddings.Space", models.CASCADE, related_name="standings", db_index=False
    )
    sense = models.ForeignKey(Sense, models.CASCADE, related_name="standings")
    score = models.FloatField(null=True, help_text="Of the nearest, as look-up scores.")
    cosine = models.FloatField(null=True, help_text="Of its entry to the nearest entry.")
    twin = models.ForeignKey(
        Sense,
        models.SET_NULL,
        null=True,
        related_name="+",
        help_text="The sense whose definition is the most like this one's.",
    )
    likeness = models.FloatField(null=True, help_text="The cosine of these two definitions.")
    moved = models.FloatField(
        null=True, help_text="1 − cosine to what the sense said a month ago, if it was reworded."
    )

    space_id: int
    sense_id: int

    objects = StandingQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["space", "sense"], name="standing_once")]
        indexes = [
            models.Index(fields=["space", "score"], name="standing_score"),
            models.Index(fields=["space", "-likeness"], name="standing_likeness"),
            models.Index(
                fields=["space", "-moved"],
                name="standing_moved",
                condition=models.Q(moved__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"sense {self.sense_id}: {self.score}"
