from django.conf import settings
from django.core.validators import MaxLengthValidator
from django.db import models
from django.db.models.functions import Now

from terms.models.fields import ProseField
from terms.querysets import ProposalQuerySet

MAX_NOTE = 2_000


class Proposal(models.Model):
    """A new term, or an edit of one, that waits for an editor's decision.

    `entry` is the whole of it as JSON (terms/entry_json.py), `version` that of the term which the
    proposer saw, and `base` what it said then, by which later changes are told
    apart. Accepted, it may have been amended: what was kept is in the term's history.
    """

    class State(models.TextChoices):
        OPEN = "open", "open"
        ACCEPTED = "accepted", "accepted"
        DECLINED = "declined", "declined"
        WITHDRAWN = "withdrawn", "withdrawn"

    term = models.ForeignKey(
        "terms.Term", models.SET_NULL, null=True, blank=True, related_name="proposals"
    )
    version = models.PositiveIntegerField(null=True, blank=True)
    base = models.JSONField(null=True, blank=True)
    entry = models.JSONField()
    note = ProseField(blank=True, default="", validators=[MaxLengthValidator(MAX_NOTE)])
    proposer = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="proposals",
        help_text="Nobody: from somebody without an account.",
    )
    state = models.CharField(max_length=10, choices=State.choices, default=State.OPEN)
    created_at = models.DateTimeField("proposed", db_default=Now(), editable=False)
    decided_at = models.DateTimeField("decided", null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    told_at = models.DateTimeField("told", null=True, editable=False)
    answer = ProseField(blank=True, default="", validators=[MaxLengthValidator(MAX_NOTE)])

    term_id: int | None

    objects = ProposalQuerySet.as_manager()

    class Meta:
        ordering = ["created_at", "id"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state__in=["open", "accepted", "declined", "withdrawn"]),
                name="proposal_state_known",
            ),
            models.CheckConstraint(
                condition=models.Q(state="open", decided_at=None)
                | (~models.Q(state="open") & models.Q(decided_at__isnull=False)),
                name="proposal_decided_when_not_open",
            ),
        ]
        indexes = [
            models.Index(fields=["state", "created_at", "id"], name="proposal_queue"),
            models.Index(
                fields=["decided_at"], condition=models.Q(told_at=None), name="proposal_untold"
            ),
        ]

    def __str__(self) -> str:
        return str(self.entry.get("name", ""))

    @property
    def is_open(self) -> bool:
        return self.state == self.State.OPEN

    @property
    def is_orphan(self) -> bool:
        """An edit of a term that was deleted."""
        return self.version is not None and self.term_id is None
