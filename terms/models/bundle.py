import re

from django.db import models
from django.urls import reverse
from django.utils.safestring import SafeString

from terms import markup
from terms.models.fields import LineField, ProseField, not_blank, slug_constraint
from terms.models.history import tracked
from terms.models.triggers import bumps_revision
from terms.querysets import BundleQuerySet
from terms.text import slugify

_ADDRESS = re.compile(r"https?://[^\s/]\S*")


@tracked()
class Bundle(models.Model):
    """A named, ordered reading list with an introduction."""

    title = LineField(max_length=200)
    slug = models.CharField(max_length=120, unique=True, blank=True)
    introduction = ProseField(blank=True, default="")
    byline = LineField(max_length=200, blank=True, default="")
    reading_minutes = models.PositiveSmallIntegerField(null=True, blank=True)
    word_count = models.PositiveIntegerField(null=True, blank=True)
    source = LineField(
        max_length=300, blank=True, default="", help_text="What the document calls its source."
    )
    updated_at = models.DateTimeField(auto_now=True)

    objects = BundleQuerySet.as_manager()

    class Meta:
        ordering = ["title"]
        constraints = [
            not_blank("title", "bundle_title_not_blank"),
            slug_constraint("bundle_slug_normal"),
        ]
        triggers = [bumps_revision()]

    def __str__(self) -> str:
        return self.title

    def save(self, *args: object, **kwargs: object) -> None:
        self.clean()
        super().save(*args, **kwargs)  # type: ignore[arg-type]

    def get_absolute_url(self) -> str:
        """Its address for machines. It is of no language: a page leads to it in its own."""
        return reverse("bundle", args=["en", self.slug])

    def clean(self) -> None:
        self.slug = self.slug or slugify(self.title)

    @property
    def source_url(self) -> str:
        """The source where it is an address, else nothing."""
        return self.source if _ADDRESS.fullmatch(self.source) else ""

    @property
    def introduction_text(self) -> str:
        return markup.line(self.introduction)

    @property
    def introduction_html(self) -> SafeString:
        return markup.html(self.introduction)


@tracked()
class BundleEntry(models.Model):
    """A term's place in a bundle, and which of its senses the bundle means."""

    bundle = models.ForeignKey(Bundle, models.CASCADE, related_name="entries")
    term = models.ForeignKey("terms.Term", models.CASCADE, related_name="places")
    sense = models.ForeignKey(
        "terms.Sense",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="places",
        help_text="The sense the bundle shows; all senses of the term when empty.",
    )
    position = models.PositiveIntegerField()

    class Meta:
        verbose_name_plural = "bundle entries"
        ordering = ["bundle_id", "position"]
        constraints = [
            models.UniqueConstraint(fields=["bundle", "term"], name="bundle_term_once"),
            models.UniqueConstraint(
                fields=["bundle", "position"],
                name="bundle_position_once",
                deferrable=models.Deferrable.DEFERRED,
            ),
        ]
        triggers = [bumps_revision()]

    def __str__(self) -> str:
        return f"{self.position}. {self.term}"
