"""Directions that editors keep by a name: two groups, and what each space learns of them."""

from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models.functions import Now
from pgvector.django import VectorField

from terms.models.fields import LineField, ProseField, not_blank, slug_constraint
from terms.models.triggers import bumps_revision
from terms.text import slugify

if TYPE_CHECKING:
    from embeddings.lab.groups import Group
    from embeddings.lab.workspace import Workspace
    from embeddings.models import Space

LONGEST = 10_000  # characters of a group


class DirectionQuerySet(models.QuerySet["Direction"]):
    def learn(self, space: "Space", language: str) -> None:
        """Learns all of a language anew, as their members are by now."""
        for direction in self.filter(language=language):
            direction.learn(space)

    def learned_in(self, space: "Space", language: str) -> models.QuerySet["LearnedDirection"]:
        """Those that a space has learned, by name."""
        learned = LearnedDirection.objects.filter(space=space, direction__language=language)
        return learned.exclude(vector=None).select_related("direction").order_by("direction__name")


class Direction(models.Model):
    """Leads from one group to another: `away`, where it begins, and `toward`, where it grows."""

    name = LineField(max_length=80)
    slug = models.CharField(max_length=80, blank=True)
    language = models.CharField(max_length=35, default="en")
    toward = ProseField(
        max_length=LONGEST, help_text="Where it grows: terms, one a line, or topic:its-slug."
    )
    away = ProseField(max_length=LONGEST, help_text="Where it begins, written in the same way.")
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
    )
    made_at = models.DateTimeField(db_default=Now(), editable=False)

    objects = DirectionQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        constraints = [
            not_blank("name", "direction_name_not_blank"),
            slug_constraint("direction_slug_normal"),
            models.UniqueConstraint(fields=["language", "slug"], name="direction_once"),
        ]
        triggers = [bumps_revision()]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        """Raises ValidationError where the serving space has no direction between the groups."""
        from embeddings.encoders import EncoderUnavailable
        from embeddings.lab.direction import measured
        from embeddings.lab.workspace import Workspace
        from embeddings.operations import Impossible

        self.slug = self.slug or slugify(self.name)
        workspace = Workspace.serving(self.language)
        if workspace is None:
            raise ValidationError({"language": "No space that serves knows this language."})
        try:
            measured(*self.groups(workspace))
        except (Impossible, EncoderUnavailable) as error:
            raise ValidationError(str(error)) from error

    def groups(self, workspace: "Workspace") -> tuple["Group", "Group"]:
        """As they are by now. Raises ValidationError by group, EncoderUnavailable."""
        from embeddings.lab.given import NotGiven
        from embeddings.lab.groups import gather, parts
        from embeddings.operations import Impossible

        found = {}
        for side in ("toward", "away"):
            try:
                found[side] = gather(workspace, parts(getattr(self, side)))
            except (NotGiven, Impossible) as error:
                raise ValidationError({side: str(error)}) from error
        return found["toward"], found["away"]

    def learn(self, space: "Space") -> "LearnedDirection":
        """Its vector and figures in a space or, where it has none, why."""
        from embeddings.encoders import EncoderUnavailable
        from embeddings.lab.direction import learned
        from embeddings.lab.workspace import Workspace
        from embeddings.operations import Impossible

        fields: dict[str, Any] = {"vector": None, "figures": {}, "error": "", "learned_at": Now()}
        try:
            fields |= learned(*self.groups(Workspace(space, self.language)))
        except ValidationError as error:
            fields["error"] = " ".join(error.messages)
        except (Impossible, EncoderUnavailable) as error:
            fields["error"] = str(error)
        made, _ = self.learned.update_or_create(space=space, defaults=fields)
        return made


class LearnedDirection(models.Model):
    """What a space has learned of a direction: a unit vector (d,) and how well it tells apart."""

    direction = models.ForeignKey(Direction, models.CASCADE, related_name="learned")
    space = models.ForeignKey("embeddings.Space", models.CASCADE, related_name="directions")
    vector = VectorField(null=True)
    figures = models.JSONField(default=dict)
    error = models.TextField(blank=True, default="")
    learned_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["direction", "space"], name="direction_learned_once")
        ]
        triggers = [bumps_revision()]

    def __str__(self) -> str:
        return f"{self.direction} in {self.space}"
