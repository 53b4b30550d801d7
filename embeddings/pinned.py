"""Questions that must find their term, whatever is edited and whichever model serves."""

from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models.functions import Now

from embeddings.measures import DEPTH
from terms.models import Term
from terms.models.fields import LineField, not_blank

if TYPE_CHECKING:
    from embeddings.models import Space

LONGEST = 1_000  # characters; look-up reads no more of a question


class PinnedQuerySet(models.QuerySet["PinnedQuestion"]):
    def asked(self) -> Self:
        """Those whose term is public: a draft answers nothing yet."""
        return self.filter(term__status__in=Term.PUBLIC).select_related("term")

    def broken_in(self, space: "Space") -> list["PinnedQuestion"]:
        """Those that the space's look-up does not answer as they demand."""
        return [pin for pin in self.asked() if not pin.holds_in(space)]


class PinnedQuestion(models.Model):
    """A description that must find a term among the first `max_rank` answers."""

    term = models.ForeignKey("terms.Term", models.CASCADE, related_name="pinned_questions")
    question = LineField(max_length=LONGEST)
    max_rank = models.PositiveSmallIntegerField(
        default=3,
        validators=[MinValueValidator(1), MaxValueValidator(DEPTH)],
        help_text="Among so many first answers the term must be.",
    )
    note = LineField(max_length=300, blank=True, default="")
    pinned_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
    )
    pinned_at = models.DateTimeField(db_default=Now(), editable=False)

    term_id: int

    objects = PinnedQuerySet.as_manager()

    class Meta:
        ordering = ["term", "question"]
        constraints = [
            not_blank("question", "pinned_question_not_blank"),
            models.UniqueConstraint(
                fields=["term", "question"],
                name="pinned_once",
                violation_error_message="This question is pinned already.",
            ),
            models.CheckConstraint(
                condition=models.Q(max_rank__gte=1, max_rank__lte=DEPTH),
                name="pinned_rank_in_depth",
            ),
        ]

    def __str__(self) -> str:
        return f"“{self.question}” finds {self.term} among the first {self.max_rank}"

    def rank_in(self, space: "Space") -> int | None:
        """The place of the term in the look-up's answer, from 1; None beyond DEPTH."""
        from embeddings.lookup import look_up  # which imports the models

        hits = look_up(self.question, self.term.language, limit=DEPTH, space=space).hits
        ranks = (rank for rank, hit in enumerate(hits, 1) if hit.term.pk == self.term.pk)
        return next(ranks, None)

    def holds_in(self, space: "Space") -> bool:
        rank = self.rank_in(space)
        return rank is not None and rank <= self.max_rank
