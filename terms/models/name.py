"""Names: what a term is called, how each name is compared, and the other names it goes by."""

from typing import TYPE_CHECKING

from django.contrib.postgres.indexes import GinIndex, OpClass
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import F, Func
from django.utils.translation import gettext_lazy as _

from terms.models.fields import LineField, not_blank, slug_constraint
from terms.models.history import tracked
from terms.models.triggers import comes_last, follows_term, touches_term
from terms.querysets import DeletionKeys
from terms.text import LANGUAGE_TAG, SLUG_LENGTH, slugify

if TYPE_CHECKING:
    pass

DERIVED = ("name_key", "name_stems")

language_tag = RegexValidator(rf"^{LANGUAGE_TAG}\Z", _("A language tag such as “en” or “pt-BR”."))


class Named(models.Model):
    """A name in a language, with its address and, made by the database, what look-up compares."""

    language = models.CharField(max_length=35, default="en", validators=[language_tag])
    slug = models.CharField(
        max_length=SLUG_LENGTH + 8,
        blank=True,
        help_text=_("The last part of the address. Left empty, it is made from the name."),
    )
    name = LineField(max_length=200)
    name_key = models.GeneratedField(
        expression=Func(F("name"), function="name_key"),
        output_field=models.TextField(db_collation="C"),
        db_persist=True,
    )
    name_stems = models.GeneratedField(
        expression=Func(F("language"), F("name"), function="name_stems"),
        output_field=models.TextField(),
        db_persist=True,
    )

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.name


def name_indexes(prefix: str) -> list[models.Index]:
    """The indexes by which a name is found: whole or by its beginning, by stems, misspelt."""
    return [
        models.Index(fields=["name_key"], name=f"{prefix}_name_key"),
        models.Index(fields=["name_stems"], name=f"{prefix}_name_stems"),
        GinIndex(
            OpClass(DeletionKeys(F("name")), name="array_ops"), name=f"{prefix}_deletion_keys"
        ),
    ]


@tracked(exclude=DERIVED)
class Alias(Named):
    """Another name of a term. One that several terms share answers with a choice."""

    class Kind(models.TextChoices):
        SYNONYM = "synonym", _("synonym")
        ABBREVIATION = "abbreviation", _("abbreviation")
        SPELLING = "spelling", _("spelling")
        FORMER = "former", _("former address")

    term = models.ForeignKey("terms.Term", models.CASCADE, related_name="aliases")
    position = models.PositiveIntegerField(
        blank=True, help_text=_("Its place among the names. Left empty, it comes last.")
    )
    kind = models.CharField(max_length=12, choices=Kind.choices, default=Kind.SYNONYM)

    term_id: int

    class Meta:
        verbose_name_plural = "aliases"
        ordering = ["position", "kind", "name"]
        constraints = [
            not_blank("name", "alias_name_not_blank"),
            slug_constraint("alias_slug_normal"),
            models.UniqueConstraint(fields=["language", "slug", "term"], name="alias_once"),
        ]
        indexes = name_indexes("alias")
        triggers = [follows_term(), comes_last(), *touches_term("{row}.term_id")]

    def save(self, *args: object, **kwargs: object) -> None:
        self.slug = self.slug or slugify(self.name)
        super().save(*args, **kwargs)  # type: ignore[arg-type]

    def clean(self) -> None:
        """What the constraint says, in words: a form inside a term's leaves a column of it out."""
        self.slug = self.slug or slugify(self.name)
        same = Alias.objects.filter(term=self.term_id, slug=self.slug).exclude(pk=self.pk)
        if self.term_id and same.exists():
            raise ValidationError({"name": _("This name is there already.")})
