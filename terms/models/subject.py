"""What senses are about, and where they come from."""

from django.db import models
from django.urls import reverse

from terms.models.fields import LineField, ProseField, not_blank, slug_constraint
from terms.models.history import tracked
from terms.models.triggers import bumps_revision
from terms.querysets import TopicQuerySet
from terms.text import slugify


@tracked()
class Topic(models.Model):
    """A subject; subjects form a tree."""

    name = LineField(max_length=120)
    slug = models.CharField(max_length=120, unique=True, blank=True)
    description = ProseField(blank=True, default="")
    parent = models.ForeignKey(
        "self", models.SET_NULL, null=True, blank=True, related_name="children"
    )

    term_count: int  # annotated by with_counts()

    objects = TopicQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        constraints = [
            not_blank("name", "topic_name_not_blank"),
            slug_constraint("topic_slug_normal"),
            models.CheckConstraint(
                condition=~models.Q(parent=models.F("id")), name="topic_not_its_own_parent"
            ),
        ]
        triggers = [bumps_revision()]

    def __str__(self) -> str:
        return self.name

    def save(self, *args: object, **kwargs: object) -> None:
        self.clean()
        super().save(*args, **kwargs)  # type: ignore[arg-type]

    def get_absolute_url(self) -> str:
        """Its address for machines. It is of no language: a page leads to it in its own."""
        return reverse("topic", args=["en", self.slug])

    def clean(self) -> None:
        self.slug = self.slug or slugify(self.name)


@tracked()
class Source(models.Model):
    """A citation: where a sense, or a whole bundle, comes from."""

    title = LineField(max_length=500)
    url = models.URLField(max_length=1000, blank=True, default="")
    licence = LineField(max_length=200, blank=True, default="")

    class Meta:
        ordering = ["title"]
        constraints = [
            not_blank("title", "source_title_not_blank"),
            models.UniqueConstraint(fields=["title", "url"], name="source_once"),
        ]
        triggers = [bumps_revision()]

    def __str__(self) -> str:
        return self.title
