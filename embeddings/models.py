"""Spaces, the vectors in them, and the outbox of what is still to be embedded."""

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GistIndex
from django.db import connection, models, transaction
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _
from pgtrigger import Trigger
from pgvector.django import VectorField

from embeddings import triggers
from embeddings.lab.backdrop import Backdrop as Backdrop
from embeddings.lab.directions import Direction as Direction
from embeddings.lab.directions import LearnedDirection as LearnedDirection
from embeddings.lab.graph import Graph as Graph
from embeddings.pinned import PinnedQuestion as PinnedQuestion
from embeddings.querysets import (
    MAP_POINT,
    MAX_ATTEMPTS,
    EmbeddingQuerySet,
    LayoutQuerySet,
    PendingQuerySet,
    PointQuerySet,
    Progress,
    SpaceManager,
)
from embeddings.remote_use import RemoteUse as RemoteUse
from embeddings.standing import Standing as Standing
from embeddings.standing import Survey as Survey
from embeddings.tuning.models import Tuning as Tuning
from terms.models import Example, Sense, Term
from terms.models.triggers import bumps_revision

STALLED_SECONDS = 30
ENQUEUE_ALL = """
INSERT INTO embeddings_pending (space_id, sense_id, due, attempts, generation, parked, last_error)
SELECT %s, id, clock_timestamp(), 0, 1, false, '' FROM terms_sense ON CONFLICT DO NOTHING
"""


class View(models.TextChoices):
    """What of a sense is embedded. Look-up and relatedness weigh the views."""

    ENTRY = "entry", _("name and definition")
    DEFINITION = "definition", _("definition")
    NAME = "name", _("name")
    EXAMPLE = "example", _("example")


def two_views() -> dict[str, float]:
    """cos(entry, entry) + 0.5 · cos(definition, name), the greater of both ways: docs/lookup.md."""
    return {"entry": 1.0, "definition_name": 0.5}


def three_views() -> dict[str, float]:
    """Weights of the cosines of a question to each view: measured in docs/lookup.md."""
    return {"entry": 1.0, "definition": 1.0, "example": 0.6}


class Space(models.Model):
    """A latent space: one model's vectors of every sense, and how they are read."""

    class State(models.TextChoices):
        BUILDING = "building", _("building")
        ACTIVE = "active", _("active")
        RETIRED = "retired", _("retired")

    name = models.CharField(max_length=80, unique=True)
    encoder = models.CharField(max_length=120)
    model = models.CharField(max_length=120)
    revision = models.CharField(max_length=80, blank=True, default="")
    sha256 = models.CharField(max_length=64, blank=True, default="")
    dimensions = models.PositiveSmallIntegerField()
    languages = ArrayField(models.CharField(max_length=35), default=list)
    relatedness = models.JSONField(default=two_views)
    lookup = models.JSONField(default=three_views)
    calibration = models.JSONField(default=dict, blank=True)
    evaluation = models.JSONField(
        default=dict, blank=True, help_text=_("What `manage.py evaluate` measured last.")
    )
    state = models.CharField(max_length=8, choices=State.choices, default=State.BUILDING)
    created_at = models.DateTimeField(db_default=Now())
    activated_at = models.DateTimeField(null=True, blank=True)
    attended_at = models.DateTimeField(
        db_default=Now(), help_text=_("When a worker last looked at the outbox of this space.")
    )
    pace = models.FloatField(
        db_default=0.0, help_text=_("Senses a second, as the worker last went.")
    )
    error = models.TextField(
        blank=True,
        default="",
        editable=False,
        help_text=_("Why the encoder cannot be used at present."),
    )
    checked_through = models.BigIntegerField(
        default=0, help_text=_("The last sense whose texts the rolling check compared.")
    )

    asked_with = ""  # an encoder's key: that of a tuning by which a question is asked

    objects = SpaceManager()

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["state"], condition=models.Q(state="active"), name="space_one_active"
            ),
            models.CheckConstraint(
                condition=models.Q(dimensions__gt=0), name="space_dimensions_positive"
            ),
        ]
        triggers = [triggers.bumps_revision_on_state()]

    def __str__(self) -> str:
        return self.name

    def enqueue_all(self) -> None:
        """Puts every sense into this space's outbox; those that wait already stay as they are."""
        with connection.cursor() as cursor:
            cursor.execute(ENQUEUE_ALL, [self.pk])

    def enqueue(self, terms: models.QuerySet[Term]) -> None:
        """Puts the terms' senses into the outbox, as if their texts had changed."""
        senses = Sense.objects.filter(term__in=terms).values_list("id", flat=True)
        Pending.objects.filter(space=self, sense__in=senses).delete()
        Pending.objects.bulk_create(
            [Pending(space=self, sense_id=sense) for sense in senses], ignore_conflicts=True
        )

    @transaction.atomic
    def activate(self) -> None:
        """Makes this space serve, in one transaction; the one that served stays as the way back."""
        spaces = Space.objects.select_for_update().order_by("id")
        list(spaces)  # the lock: two activations at once come one after the other
        spaces.filter(state="active").exclude(pk=self.pk).update(state=self.State.RETIRED)
        spaces.filter(pk=self.pk).update(state=self.State.ACTIVE, activated_at=Now())
        self.refresh_from_db()
        self.enqueue_all()

    def attend(self, error: str = "", **changed: float) -> None:
        """Notes that a worker looked at the outbox, and why it could not work it off, if so.

        `changed` may bring its new `pace`.
        """
        Space.objects.filter(pk=self.pk).update(attended_at=Now(), error=error, **changed)
        self.error = error

    def progress(self) -> Progress:
        return Progress(
            total=Sense.objects.count(),
            waiting=self.pending.filter(parked=False).count(),
            parked=self.pending.filter(parked=True).count(),
            pace=self.pace,
        )

    def problems(self, progress: Progress) -> list[str]:
        """What an operator should know, in words; empty when all is well."""
        stalled = self.pending.overdue(STALLED_SECONDS).exists()
        reasons = {
            f"encoder: {self.error}": bool(self.error),
            f"{progress.parked} senses are parked after {MAX_ATTEMPTS} attempts": progress.parked,
            f"senses have waited for over {STALLED_SECONDS} s: is a worker running?": stalled,
        }
        return [reason for reason, applies in reasons.items() if applies]

    def knows(self, language: str) -> bool:
        """Whether the model is good for a language; an empty list means for every one."""
        return not self.languages or language.split("-")[0] in self.languages


class Embedding(models.Model):
    """A vector of a sense, seen in one of its views."""

    space = models.ForeignKey(Space, models.CASCADE, related_name="embeddings")
    sense = models.ForeignKey(Sense, models.CASCADE, related_name="embeddings")
    view = models.CharField(max_length=10, choices=View.choices)
    vector = VectorField()
    text_hash = models.BinaryField(max_length=16, help_text=_("Of the exact text embedded."))
    updated_at = models.DateTimeField(db_default=Now())

    objects = EmbeddingQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["space", "sense", "view"], name="embedding_once"),
        ]
        indexes = [
            models.Index(fields=["space", "view"], name="embedding_space_view"),
            models.Index(fields=["space", "text_hash"], name="embedding_text"),
        ]
        triggers = [triggers.bumps_revision()]

    def __str__(self) -> str:
        return f"{self.view} of sense {self.sense_id}"


class Pending(models.Model):
    """The outbox: a sense whose vectors in a space may no longer be those of its text.

    Written by triggers in the transaction that changes the text. `generation` grows with every
    change; a worker's result counts only while the generation is the one that it claimed.
    """

    space = models.ForeignKey(Space, models.CASCADE, related_name="pending")
    sense = models.ForeignKey(Sense, models.CASCADE, related_name="pending")
    due = models.DateTimeField(db_default=Now())
    attempts = models.PositiveSmallIntegerField(default=0)
    generation = models.BigIntegerField(default=1)
    claimed_by = models.CharField(max_length=160, db_default="", editable=False)
    parked = models.BooleanField(default=False)
    last_error = models.TextField(blank=True, default="")

    objects = PendingQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "pending"
        constraints = [
            models.UniqueConstraint(fields=["space", "sense"], name="pending_once"),
        ]
        indexes = [
            models.Index(
                fields=["space", "due"],
                name="pending_due",
                condition=models.Q(parked=False),
            ),
        ]

    def __str__(self) -> str:
        return f"sense {self.sense_id}, due {self.due}"


class Layout(models.Model):
    """A map: where the public terms of a language lie when a space is laid out in two dimensions.

    `left`, `top` and `side` are the square that holds every point. A cluster is
    {"words", "size", "x", "y"}: what it is named by, its number of terms, the place of its name.
    """

    space = models.ForeignKey(Space, models.CASCADE, related_name="layouts")
    language = models.CharField(max_length=35)
    created_at = models.DateTimeField(help_text=_("When the vectors were read."))
    terms = models.PositiveIntegerField()
    trustworthiness = models.FloatField()
    procrustes = models.FloatField(
        null=True, help_text=_("How far the terms of the map before have moved.")
    )
    left = models.FloatField()
    top = models.FloatField()
    side = models.FloatField()
    clusters = models.JSONField(default=list)

    objects = LayoutQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        indexes = [models.Index(fields=["language", "-id"], name="layout_latest")]
        triggers = [bumps_revision()]

    def __str__(self) -> str:
        return f"{self.terms} terms in {self.language}, {self.created_at:%Y-%m-%d}"

    def scaled(self, x: float, y: float, size: int) -> tuple[int, int]:
        """A place in a square whose sides are `size`."""
        scale = size / self.side
        return round((x - self.left) * scale), round((y - self.top) * scale)


class Point(models.Model):
    """Where a term lies on a map. The points of every beginning of `rank` are spread evenly."""

    layout = models.ForeignKey(Layout, models.CASCADE, related_name="points", db_index=False)
    term = models.ForeignKey(Term, models.CASCADE, related_name="+")
    x = models.FloatField()
    y = models.FloatField()
    cluster = models.PositiveSmallIntegerField()
    rank = models.PositiveIntegerField()

    objects = PointQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["layout", "term"], name="point_once")]
        indexes = [
            models.Index(fields=["layout", "rank"], name="point_rank"),
            models.Index(fields=["layout", "cluster"], name="point_cluster"),
            GistIndex(MAP_POINT, name="point_near"),
        ]

    def __str__(self) -> str:
        return f"term {self.term_id} at {self.x:.1f}, {self.y:.1f}"


class WatchedSense(Sense):
    """Carries the triggers on senses; the words themselves know nothing of the space."""

    class Meta:
        proxy = True
        default_permissions = ()
        triggers: list[Trigger] = [*triggers.sense_enters_outbox(), triggers.sense_leaves_outbox()]


class WatchedExample(Example):
    """Carries the trigger on examples."""

    class Meta:
        proxy = True
        default_permissions = ()
        triggers: list[Trigger] = triggers.sense_of_example_enters_outbox()


class WatchedTerm(Term):
    """Carries the trigger on terms."""

    class Meta:
        proxy = True
        default_permissions = ()
        triggers: list[Trigger] = [triggers.senses_of_term_enter_outbox()]
