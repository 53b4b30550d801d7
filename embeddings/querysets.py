"""The vocabulary in which spaces, vectors and the outbox are asked for."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Self

from django.conf import settings
from django.db import models, transaction
from django.db.models import Avg, F, Func, Q, TextField, Value
from django.db.models.functions import Coalesce, Now, NullIf

from embeddings import claims
from terms.querysets import PUBLIC

if TYPE_CHECKING:
    from embeddings.models import (  # noqa: F401 - named as strings below
        Embedding,
        Layout,
        Pending,
        Point,
        Space,
    )

LEASE = timedelta(seconds=15)
MAX_ATTEMPTS = 3
MAP_POINT = Func("x", "y", function="point")  # PostgreSQL's own type, with an index of neighbours
KILLED = "The process ended each time this text was being embedded (killed, crashed or hung)."


@dataclass(frozen=True)
class Progress:
    """How far a space is: senses embedded, waiting and parked, of all there are."""

    total: int
    waiting: int
    parked: int
    pace: float = 0.0  # senses a second, as the worker goes

    @property
    def embedded(self) -> int:
        return self.total - self.waiting - self.parked

    @property
    def counts(self) -> dict[str, int]:
        return {
            "total": self.total,
            "embedded": self.embedded,
            "waiting": self.waiting,
            "parked": self.parked,
        }

    @property
    def time_left(self) -> timedelta | None:
        """Until none waits, at the present pace; None where none waits or no pace is known."""
        return timedelta(seconds=self.waiting / self.pace) if self.waiting and self.pace else None


class SpaceQuerySet(models.QuerySet["Space"]):
    def kept_up(self) -> Self:
        """Spaces whose vectors follow the words: the active one and any that is being built."""
        return self.filter(state__in=["building", "active"]).order_by("state", "id")


class SpaceManager(models.Manager.from_queryset(SpaceQuerySet)):  # type: ignore[misc]  # made at run time
    def serving(self) -> Space | None:
        """The active space, or None while there is none."""
        space: Space | None = self.filter(state="active").first()
        return space

    def ensure_default(self) -> Space:
        """The serving space; the first one is made here, active from its start."""
        with transaction.atomic():
            space = self.serving()
            return space or self.begin(settings.DEFAULT_ENCODER, state="active")

    @transaction.atomic
    def begin(
        self,
        encoder: str,
        *,
        name: str = "",
        state: str = "building",
        languages: list[str] | None = None,
    ) -> Space:
        """A new space for an encoder, with every sense in its outbox.

        `languages` that the model is good for, instead of those that its description names.
        """
        from embeddings.encoders import describe, pinned

        about = describe(encoder)
        known = asdict(about) | ({} if languages is None else {"languages": languages})
        space: Space = self.create(
            name=name or about.model, encoder=pinned(encoder, about), state=state, **known
        )
        space.enqueue_all()
        return space

    def report(self) -> dict[str, Any]:
        """The state of the serving space in figures, and what is wrong with it, for /readyz."""
        space = self.serving()
        if space is None:
            return {"status": "degraded", "space": None, "problems": ["no active space"]}
        progress = space.progress()
        problems = space.problems(progress)
        at_work = "embedding" if progress.waiting else "ready"
        return {
            "status": "degraded" if problems else at_work,
            "space": space.name,
            "senses": progress.counts,
            "problems": problems,
        }


class EmbeddingQuerySet(models.QuerySet["Embedding"]):
    def of_published(self) -> Self:
        return self.filter(sense__term__status__in=PUBLIC)

    def entries_of(self, language: str) -> Self:
        """The entries of a language's public senses."""
        return self.of_published().filter(view="entry", sense__term__language=language)

    def means_by_term(self) -> models.QuerySet[Embedding, tuple[int, Any]]:
        """(term, mean of its vectors), in the order of the terms."""
        return (
            self.values("sense__term")
            .annotate(mean=Avg("vector"))
            .order_by("sense__term")
            .values_list("sense__term", "mean")
        )


class LayoutQuerySet(models.QuerySet["Layout"]):
    def of_active(self) -> Self:
        """Maps of the active space, the newest first."""
        return self.filter(space__state="active").order_by("-id")

    def serving(self, language: str) -> Layout | None:
        """The map that readers see, with its space; None without one."""
        return self.of_active().filter(language=language).select_related("space").first()


class PointQuerySet(models.QuerySet["Point"]):
    def public(self, language: str) -> Self:
        """Points of what is public by now in the map's language, with the terms."""
        terms = Q(term__status__in=PUBLIC, term__language=language)
        return self.filter(terms).select_related("term")


class PendingQuerySet(models.QuerySet["Pending"]):
    def due(self) -> Self:
        return self.filter(parked=False, due__lte=Now())

    def overdue(self, seconds: float) -> Self:
        """Due for longer than `seconds`, and nobody has claimed it."""
        return self.filter(parked=False, due__lt=Now() - timedelta(seconds=seconds))

    def park(self, error: str) -> int:
        """Sets rows aside: they are shown with their error and block nothing."""
        return self.update(
            parked=True,
            last_error=Coalesce(
                NullIf("last_error", Value("", TextField())), Value(error, TextField())
            ),
        )

    def claim(self, limit: int, *, suspects: bool = False) -> list[Pending]:
        """Takes up to `limit` due rows for LEASE; other workers pass them by until then.

        The attempt counts from the claim, so that a text whose encoding kills the process is
        counted too. Suspects, rows that were tried before, are claimed apart from fresh ones.
        """
        tried = Q(attempts__gt=0) if suspects else Q(attempts=0)
        with transaction.atomic():
            self.due().filter(attempts__gte=MAX_ATTEMPTS).park(KILLED)
            rows = list(
                self.due()
                .filter(tried)
                .order_by("due", "id")
                .select_for_update(skip_locked=True, of=("self",))[:limit]
            )
            self.model.objects.filter(id__in=[row.id for row in rows]).update(
                due=Now() + LEASE, attempts=F("attempts") + 1, claimed_by=claims.mine()
            )
        for row in rows:
            row.attempts += 1
        return rows

    def release_orphaned(self) -> int:
        """Makes due what processes of this machine had claimed when they were killed.

        Claims of other machines run out by themselves, after LEASE.
        """
        claimed = self.filter(due__gt=Now(), claimed_by__startswith=claims.here())
        holders = claimed.values_list("claimed_by", flat=True).distinct()
        gone = [holder for holder in holders if claims.is_gone(holder)]
        return claimed.filter(claimed_by__in=gone).update(due=Now(), claimed_by="")
