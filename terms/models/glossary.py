from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from terms.models.fields import LineField, ProseField
from terms.models.triggers import counts_revision


def english() -> list[str]:
    return ["en"]


class Glossary(models.Model):
    """The one row about the glossary as a whole."""

    class Links(models.TextChoices):
        ALL = "all", _("every name")
        TELLING = "telling", _("names of several words, and abbreviations in capitals")
        NONE = "none", _("nothing")

    name = LineField(max_length=120, default="Lexispace")
    description = ProseField(blank=True, default="")
    licence = LineField(max_length=200, blank=True, default="")
    languages = ArrayField(models.CharField(max_length=35), default=english)
    links = models.CharField(
        _("what definitions link to"),
        max_length=10,
        choices=Links.choices,
        default=Links.ALL,
        db_default=Links.ALL,
        help_text=_(
            "Of the terms that a definition mentions. In the dictionary of a whole language nearly"
            " every word is one."
        ),
    )
    revision = models.BigIntegerField(
        default=1, editable=False, help_text="Grows with every change that a reader can see."
    )
    starter_loaded_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        verbose_name = verbose_name_plural = "glossary"
        constraints = [
            models.CheckConstraint(condition=models.Q(id=1), name="glossary_one_row"),
            models.CheckConstraint(
                condition=models.Q(links__in=["all", "telling", "none"]),
                name="glossary_links_known",
            ),
        ]
        triggers = [counts_revision()]

    def __str__(self) -> str:
        return self.name

    @property
    def main_language(self) -> str:
        return self.languages[0] if self.languages else "en"

    def is_read_in(self, language: str) -> bool:
        """Whether there are pages in a language: it is a declared one, the interface speaks it, or
        an entry is written in it. Only the last has to be asked of the database.
        """
        from terms.models import Term  # which imports this package

        known = language in self.languages or language in dict(settings.LANGUAGES)
        return known or Term.objects.published().in_language(language).exists()

    @classmethod
    def current(cls) -> "Glossary":
        """The row, made by a migration; without it (a truncated table) the defaults, unsaved."""
        return cls.objects.filter(id=1).first() or cls(id=1)
