"""Imports of whole files: who, when and what, and which terms they added or changed."""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Self
from uuid import UUID

from django.conf import settings
from django.db import connection, models
from django.db.models.functions import Now
from django.utils import timezone

from terms.models.bundle import Bundle, BundleEntry
from terms.models.fields import LineField
from terms.models.history import made_in

if TYPE_CHECKING:
    from terms.formats.upload import Upload

KEEP = """
INSERT INTO terms_importedterm (run_id, term_id, before, after)
SELECT %s, term.id, nullif(placed.before, 0), term.version
FROM unnest(%s::bigint[], %s::int[]) placed(id, before) JOIN terms_term term USING (id)
WHERE term.version <> placed.before
"""


class Cancelled(Exception):
    """Somebody has cancelled the import meanwhile."""


class ImportRunQuerySet(models.QuerySet["ImportRun"]):
    def columns_of(self, headers: Sequence[str]) -> dict[str, str]:
        """What these headers, in whatever order, were last said to mean."""
        same = self.filter(headers=sorted(headers)).exclude(columns={}).order_by("-id")
        found: dict[str, str] | None = same.values_list("columns", flat=True).first()
        return found or {}

    def waiting(self) -> Self:
        """Those that a worker is to do, or was doing when it ended."""
        return self.filter(state__in=["queued", "running"]).order_by("id")

    def cancel(self) -> int:
        """Before they are done; what they have written goes with their transactions."""
        open_ = self.filter(state__in=["uploaded", "failed", "queued", "running"])
        return open_.update(state="cancelled", content=None, ended_at=timezone.now())

    def forget_uploads(self, *, hours: int) -> int:
        """What was uploaded and never imported goes."""
        old = self.filter(state__in=["uploaded", "failed"], content__isnull=False)
        return old.filter(created_at__lt=timezone.now() - timedelta(hours=hours)).delete()[0]


class ImportRun(models.Model):
    """An import of a whole file. Its bytes are kept from the upload until it has ended.

    `columns`: which column of ours a header means. `headers`, sorted, are those of the file.
    `progress`: entries done, in both rounds. `history`: the context of all that it changed.
    """

    class State(models.TextChoices):
        UPLOADED = "uploaded", "not imported yet"
        QUEUED = "queued", "waiting"
        RUNNING = "running", "running"
        DONE = "done", "done"
        FAILED = "failed", "failed"
        CANCELLED = "cancelled", "cancelled"
        UNDONE = "undone", "undone"

    file_name = LineField("file", max_length=200)
    format_name = models.CharField("format", max_length=20)
    content = models.BinaryField(null=True, editable=False)
    headers = models.JSONField(default=list, editable=False)
    columns = models.JSONField(default=dict, editable=False)
    on_conflict = models.CharField(max_length=10, default="skip")
    state = models.CharField(max_length=10, choices=State.choices, default=State.UPLOADED)
    created_at = models.DateTimeField("begun", db_default=Now(), editable=False)
    ended_at = models.DateTimeField("ended", null=True, editable=False)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        related_name="+",
        help_text="Nobody: the operator, by a command.",
    )
    progress = models.PositiveIntegerField(default=0, editable=False)
    history = models.UUIDField(null=True, editable=False)
    counts = models.JSONField(default=dict, editable=False)
    faults = models.JSONField(default=list, editable=False)
    undone_at = models.DateTimeField("undone", null=True, editable=False)
    undone_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
    )
    left = models.JSONField(default=list, editable=False)

    by_id: int | None

    objects = ImportRunQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        verbose_name = "import"
        default_permissions = ("add", "view")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(
                    state__in=[
                        "uploaded", "queued", "running", "done", "failed", "cancelled", "undone",
                    ]
                ),
                name="import_state_known",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"import {self.pk}: {self.file_name}"

    @property
    def is_at_work(self) -> bool:
        return self.state in {self.State.QUEUED, self.State.RUNNING}

    @property
    def can_start(self) -> bool:
        return self.content is not None and self.state in {self.State.UPLOADED, self.State.FAILED}

    @property
    def can_be_undone(self) -> bool:
        return self.state == self.State.DONE

    @property
    def bundles(self) -> models.QuerySet[Bundle]:
        """Those in which it placed terms, as far as they are there."""
        places = made_in(self.history, BundleEntry).values()
        return Bundle.objects.filter(pk__in={event.bundle_id for event in places})

    @property
    def upload(self) -> "Upload":
        from terms.formats.upload import Upload  # which reads entries, which speak of models

        return Upload(bytes(self.content or b""), self.format_name, self.columns)

    def keep(
        self,
        added: Iterable[int],
        met: Mapping[int, int],
        counts: Mapping[str, int],
        history: UUID,
    ) -> None:
        """Done: with the terms that it added, and those whose version it was that changed.

        Raises Cancelled if that came first.
        """
        if self.pk is None:
            self.save()
        kept = {"counts": dict(counts), "history": history}
        self._end(self.State.DONE, content=None, faults=[], **kept)
        placed = dict.fromkeys(added, 0) | dict(met)
        with connection.cursor() as cursor:
            cursor.execute(KEEP, [self.pk, list(placed), list(placed.values())])

    def fail(self, *faults: object) -> None:
        """Nothing was changed. The file is kept, for another try with other columns."""
        with suppress(Cancelled):
            self._end(self.State.FAILED, faults=[str(fault) for fault in faults])

    def _end(self, state: str, **fields: Any) -> None:
        same = ImportRun.objects.filter(pk=self.pk).exclude(state=self.State.CANCELLED)
        if not same.update(state=state, ended_at=timezone.now(), **fields):
            raise Cancelled
        self.refresh_from_db()


class ImportedTerm(models.Model):
    """A term that an import added (`before` is null) or changed, with its versions.

    The term may be gone since, so this is no foreign key.
    """

    run = models.ForeignKey(ImportRun, models.CASCADE, related_name="terms")
    term_id = models.BigIntegerField()
    before = models.PositiveIntegerField(null=True)
    after = models.PositiveIntegerField()

    class Meta:
        default_permissions = ()
        ordering = ["id"]

    def __str__(self) -> str:
        return f"term {self.term_id} of {self.run}"
