"""What an editor has typed into the form of a term and not saved."""

from datetime import timedelta
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.utils import timezone

if TYPE_CHECKING:
    from terms.models import Term


class FormDraftQuerySet(models.QuerySet["FormDraft"]):
    def of(self, user: int, term: "Term | None") -> "FormDraftQuerySet":
        """The user's draft of the term; None: of a new one."""
        return self.filter(user_id=user, term=term)

    def keep(self, user: int, term: "Term | None", data: object, version: int | None) -> None:
        """The newest replaces the one before."""
        fields = {"data": data, "version": version, "saved_at": timezone.now()}
        self.update_or_create(user_id=user, term=term, defaults=fields)

    def forget_older_than(self, days: int = 30) -> int:
        return self.filter(saved_at__lt=timezone.now() - timedelta(days=days)).delete()[0]


class FormDraft(models.Model):
    """Fields of a form as they were typed. Never published, nor shown to anybody else."""

    MAX_BYTES = 500_000

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    term = models.ForeignKey("terms.Term", models.CASCADE, null=True, related_name="+")
    data = models.JSONField()
    version = models.PositiveIntegerField(null=True)
    saved_at = models.DateTimeField()

    objects = FormDraftQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(
                fields=["user", "term"], nulls_distinct=False, name="draft_once"
            )
        ]
        indexes = [models.Index(fields=["saved_at"], name="draft_age")]

    def __str__(self) -> str:
        return f"{self.term or 'a new term'}, {self.saved_at:%Y-%m-%d %H:%M}"
