"""A tuning: what was to be learned, how far it is, what came of it. The row is the truth."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any, Self

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models.functions import Coalesce, Now
from django.utils.translation import gettext_lazy as _

from embeddings.encoders.shipped import SHA256
from embeddings.tuning.stored import card_of

BASE = "sentence_transformers"  # the encoder of the shipped model, the only one that is tuned
GENERAL_FALL = 0.01  # of the mean reciprocal rank over the general set, at the most
MOST_EPOCHS = 20
KEY = re.compile(r"tuned:(\d{1,9})(?:@(0\.\d{1,4}|1))?")
AT_WORK = ("waiting", "running")
RATES = {("lora", "both"): 1e-3, ("lora", "query"): 5e-4, ("prompt", "both"): 1e-2}
RATE = 1e-3  # of the others; all were measured (docs/tuning.md)
EPOCHS = {("lora", "both"): 2}  # one of the others
ASKING = ("later", "example", "pinned")  # pairs of a question and the entry that answers it
STRENGTHS = (0.25, 0.5, 0.75)  # that are measured besides the whole one


class TuningQuerySet(models.QuerySet["Tuning"]):
    def at_work(self) -> Self:
        """Those that wait or run, in the order in which they were asked for."""
        return self.filter(state__in=AT_WORK).order_by("id")

    def light(self) -> Self:
        """Without the bytes, and without what is told of single terms."""
        return self.defer("adapter", "checkpoint", "inspection")

    def tell(self, **changed: Any) -> bool:
        """Notes how far a run is. False once it is to end: it was stopped, or removed."""
        return bool(self.filter(state__in=AT_WORK).update(**{"state": "running"} | changed))

    def ask_for(self, kind: str, side: str, pairs: Iterable[str], **fields: Any) -> Tuning:
        """A new one that waits, with the learning rate and rounds that are usual for its kind.

        On the query side only questions can be learned from: of other pairs it has none.

        Raises ValidationError, by field, for one that cannot be.
        """
        fields.setdefault("rate", RATES.get((kind, side), RATE))
        fields.setdefault("epochs", EPOCHS.get((kind, side), 1))
        learned = [each for each in pairs if side != Tuning.Side.QUERY or each in ASKING]
        asked = self.model(kind=kind, side=side, pairs=learned, **fields)
        asked.clean()
        asked.save()
        return asked

    def stop(self) -> bool:
        """The worker ends after its present step, and keeps what it learned."""
        return bool(self.filter(state__in=AT_WORK).update(state="stopped", ended_at=Now()))

    def resume(self) -> bool:
        return bool(
            self.filter(state__in=["stopped", "failed"]).update(
                state="waiting", error="", ended_at=None
            )
        )

    def measure(self) -> bool:
        """An adapter from elsewhere is measured here; not while a space is of it."""
        fresh = self.filter(state="done", figures__reverse__isnull=True)
        chosen = [tuning.pk for tuning in fresh.light() if not tuning.spaces().exists()]
        return bool(self.filter(pk__in=chosen).update(state="waiting", ended_at=None))

    def for_questions(self) -> Self:
        """Those by which questions can be asked of the space of the shipped model."""
        return self.filter(side="query", state="done")

    def feeding_back(self) -> Self:
        """Those of them that feed the model's state back to it, the newest first."""
        return self.for_questions().filter(kind="feedback").order_by("-id")


class Tuning(models.Model):
    """An adapter of the shipped model, and how it was, is or will be learned."""

    class Kind(models.TextChoices):
        LORA = "lora", _("LoRA")
        PROMPT = "prompt", _("soft prompt")
        BOTTLENECK = "bottleneck", _("bottleneck adapters")
        FEEDBACK = "feedback", _("the state fed back")

    class Side(models.TextChoices):
        BOTH = "both", _("entries and questions")
        QUERY = "query", _("questions only")

    class State(models.TextChoices):
        WAITING = "waiting", _("waiting")
        RUNNING = "running", _("running")
        STOPPED = "stopped", _("stopped")
        DONE = "done", _("done")
        FAILED = "failed", _("failed")

    kind = models.CharField(max_length=12, choices=Kind.choices, default=Kind.LORA)
    side = models.CharField(max_length=8, choices=Side.choices, default=Side.BOTH)
    pairs = ArrayField(
        models.CharField(max_length=12), help_text=_("The kinds of pairs that it learns from.")
    )
    rate = models.FloatField(help_text=_("The highest learning rate."))
    epochs = models.PositiveSmallIntegerField(
        default=1, validators=[MaxValueValidator(MOST_EPOCHS)]
    )
    seed = models.PositiveIntegerField(default=1)
    base_sha256 = models.CharField(
        max_length=64, default=SHA256, editable=False, help_text=_("Of the weights it goes with.")
    )
    state = models.CharField(
        max_length=8, choices=State.choices, default=State.WAITING, editable=False
    )
    doing = models.CharField(max_length=60, blank=True, default="", editable=False)
    step = models.PositiveIntegerField(default=0, editable=False)
    steps = models.PositiveIntegerField(default=0, editable=False)
    losses = models.JSONField(default=list, editable=False)
    figures = models.JSONField(default=dict, editable=False)
    inspection = models.JSONField(default=dict, editable=False)
    adapter = models.BinaryField(null=True)
    sha256 = models.CharField(max_length=64, blank=True, default="", editable=False)
    checkpoint = models.BinaryField(null=True)
    error = models.TextField(blank=True, default="", editable=False)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, editable=False, related_name="+"
    )
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    ended_at = models.DateTimeField(null=True, editable=False)

    objects = TuningQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(state="done") | models.Q(adapter__isnull=False),
                name="tuning_done_has_adapter",
            ),
            models.CheckConstraint(
                condition=~models.Q(kind="feedback") | models.Q(side="query"),
                name="tuning_feedback_of_questions",
            ),
            models.CheckConstraint(
                condition=models.Q(kind="feedback") | models.Q(epochs__gt=0),
                name="tuning_has_rounds",
            ),
        ]

    def __str__(self) -> str:
        return f"tuning {self.pk}"

    def clean(self) -> None:
        if self.kind == self.Kind.FEEDBACK and self.side != self.Side.QUERY:
            message = _("The state is fed back for questions only: stored vectors stay.")
            raise ValidationError({"side": message})
        if self.kind != self.Kind.FEEDBACK and not self.epochs:
            message = _("Without a round it learns nothing; only the state fed back can do that.")
            raise ValidationError({"epochs": message})

    @property
    def key(self) -> str:
        """The encoder of its vectors."""
        return f"tuned:{self.pk}"

    @property
    def is_at_work(self) -> bool:
        return self.state in AT_WORK

    @property
    def can_be_measured(self) -> bool:
        """Whether it is from elsewhere, and was not measured here yet."""
        return self.state == self.State.DONE and "reverse" not in self.figures

    @property
    def can_resume(self) -> bool:
        return self.state in {self.State.STOPPED, self.State.FAILED}

    @property
    def card(self) -> dict[str, Any]:
        """What goes with the adapter: how it was made, and what was measured."""
        return card_of(
            self.kind,
            side=self.side,
            base_sha256=self.base_sha256,
            sha256=self.sha256,
            pairs=self.pairs,
            rate=self.rate,
            epochs=self.epochs,
            seed=self.seed,
            figures=self.figures,
        )

    def spaces(self) -> models.QuerySet[Any]:
        """The spaces whose vectors it makes, at any strength."""
        from embeddings.models import Space

        return Space.objects.filter(encoder__regex=rf"^tuned:{self.pk}(@|$)")

    def figures_at(self, strength: float) -> dict[str, Any]:
        """Those of the strength that was measured nearest to it."""
        measured = {"1": self.figures, **self.figures.get("strengths", {})}
        return measured[min(measured, key=lambda each: abs(float(each) - strength))]

    @property
    def best_strength(self) -> float:
        """Of those against which nothing speaks the one that surely gains most; 1 without one."""

        def sure(strength: float) -> float:
            return float(self.figures_at(strength)["reverse"]["low"])

        fit = [each for each in (1.0, *STRENGTHS) if not self.reasons_against(each)]
        return max(fit, key=sure, default=1.0)

    def reasons_against(self, strength: float = 1) -> list[str]:
        """Why it should not serve so, in words; empty where it measured better."""
        if self.state != self.State.DONE:
            return [f"It is not done: it is {self.get_state_display()}."]
        figures = self.figures_at(strength)
        held, general = figures.get("reverse", {}), figures.get("general", {})
        low, fall = held.get("low"), general.get("base", 0) - general.get("tuned", 0)
        reasons = []
        if low is None:
            reasons.append("It was not measured on terms that were held out.")
        elif low <= 0:
            reasons.append(
                "On terms that were held out it is not surely better: the 95% interval of the"
                f" change begins at {low:+.3f}."
            )
        if round(fall, 4) > GENERAL_FALL:
            reasons.append(f"It answers general questions worse, by {fall:.3f}.")
        return reasons

    def fail(self, error: object) -> None:
        Tuning.objects.filter(pk=self.pk).update(
            state=self.State.FAILED, error=str(error)[:2_000], ended_at=Coalesce("ended_at", Now())
        )


def tuning_of(encoder: str) -> tuple[Tuning, float] | None:
    """The tuning that an encoder's key names, and its strength; None for other encoders."""
    named = KEY.fullmatch(encoder)
    found = Tuning.objects.light().filter(pk=named[1]).first() if named else None
    return (found, float(named[2] or 1)) if named and found else None
