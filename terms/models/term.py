from datetime import datetime
from functools import cached_property

from django.db import IntegrityError, models, transaction
from django.db.models.functions import Now
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from terms.models.fields import Check, not_blank, slug_constraint
from terms.models.history import tracked
from terms.models.name import DERIVED, Alias, Named, name_indexes
from terms.models.triggers import (
    bumps_version,
    keeps_former_slug,
    passes_on_name,
    records_change,
)
from terms.querysets import TermManager
from terms.text import slugify

SLUG_ATTEMPTS = 5


@tracked(exclude=(*DERIVED, "updated_at"))
class Term(Named):
    """A headword in one language, with its senses."""

    class Status(models.TextChoices):
        DRAFT = "draft", _("draft")
        REVIEW = "review", _("in review")
        PUBLISHED = "published", _("published")
        DEPRECATED = "deprecated", _("deprecated")

    PUBLIC = (Status.PUBLISHED, Status.DEPRECATED)

    status = models.CharField(max_length=10, choices=Status.choices, default=Status.DRAFT)
    replaced_by = models.ForeignKey(
        "self",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="replaces",
        help_text=_("The term to use instead of a deprecated one."),
    )
    is_linked = models.BooleanField(
        _("linked where it is mentioned"),
        default=True,
        db_default=True,
        help_text=_(
            "Definitions that mention this term link to it. Turn it off for a name that others"
            " mostly use in another meaning."
        ),
    )
    version = models.PositiveIntegerField(default=1, editable=False)
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    updated_at = models.DateTimeField(db_default=Now(), editable=False)

    since: datetime  # annotated by in_review()

    objects = TermManager()

    class Meta:
        ordering = ["name_key", "id"]
        permissions = [
            ("propose_term", "Can propose terms and changes of terms"),
            ("publish_term", "Can publish where one is responsible"),
        ]
        constraints = [
            not_blank("name", "term_name_not_blank"),
            slug_constraint("term_slug_normal"),
            models.UniqueConstraint(
                fields=["language", "slug"],
                name="term_address_once",
                violation_error_message="Another term of this language has this address.",
            ),
            Check(
                surely=lambda term: term.replaced_by_id is None,
                condition=models.Q(replaced_by=None) | models.Q(status="deprecated"),
                name="term_replaced_only_when_deprecated",
                violation_error_message="Only a deprecated term is replaced by another.",
            ),
            Check(
                surely=lambda term: term.replaced_by_id is None,
                condition=models.Q(replaced_by=None) | ~models.Q(replaced_by=models.F("id")),
                name="term_not_replaced_by_itself",
                violation_error_message="A term cannot replace itself.",
            ),
            Check(
                surely=lambda term: term.status in Term.Status.values,
                condition=models.Q(status__in=["draft", "review", "published", "deprecated"]),
                name="term_status_known",
            ),
        ]
        indexes = [
            *name_indexes("term"),
            models.Index(fields=["-updated_at", "id"], name="term_changed"),
            models.Index(fields=["language", "name_key", "id"], name="term_alphabetical"),
        ]
        triggers = [
            bumps_version(),
            records_change(),
            keeps_former_slug(),
            passes_on_name(),
        ]

    def save(self, *args: object, **kwargs: object) -> None:
        """Like Model.save; an empty slug becomes a free one made from the name.

        The version counts in the database, so it is read back there, never written here.
        """
        if self.slug:
            super().save(*args, **kwargs)  # type: ignore[arg-type]
            return
        for attempt in range(SLUG_ATTEMPTS):
            self.slug = Term.objects.free_slug(self.language, slugify(self.name))
            try:
                with transaction.atomic():
                    super().save(*args, **kwargs)  # type: ignore[arg-type]
                return
            except IntegrityError as error:  # another writer took the address in between
                if attempt == SLUG_ATTEMPTS - 1 or "term_address_once" not in str(error):
                    raise

    def get_absolute_url(self) -> str:
        return reverse("term", args=[self.language, self.slug])

    def clean(self) -> None:
        """An empty slug becomes a free one, made from the name."""
        self.slug = self.slug or Term.objects.free_slug(self.language, slugify(self.name))

    @property
    def is_public(self) -> bool:
        return self.status in self.PUBLIC

    @property
    def is_deprecated(self) -> bool:
        return self.status == self.Status.DEPRECATED

    @property
    def successor(self) -> "Term | None":
        """The public term to use instead of this one."""
        return self.replaced_by if self.replaced_by and self.replaced_by.is_public else None

    @property
    def deprecation(self) -> str:
        """A sentence about a term that is no longer recommended, else nothing."""
        if not self.is_deprecated:
            return ""
        if self.successor:
            return gettext("No longer recommended: use “%(name)s”.") % {"name": self.successor.name}
        return gettext("No longer recommended.")

    @property
    def summary(self) -> str:
        """The gist, after a word about a term that is no longer recommended."""
        return " ".join(filter(None, [self.deprecation, self.gist]))

    @cached_property
    def shown_aliases(self) -> list[Alias]:
        """The aliases a reader sees: all but former addresses. Uses prefetched aliases."""
        return [alias for alias in self.aliases.all() if alias.kind != Alias.Kind.FORMER]

    @cached_property
    def gist(self) -> str:
        """The first sentence of the first sense; empty for a term without senses."""
        senses = self.senses.all()
        return senses[0].gist if senses else ""
