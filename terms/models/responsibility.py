from django.conf import settings
from django.db import models


class Responsibility(models.Model):
    """Where an editor may publish: in a topic with all below it, or in the whole glossary."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="responsibilities"
    )
    topic = models.ForeignKey(
        "terms.Topic",
        models.CASCADE,
        null=True,
        blank=True,
        related_name="responsibilities",
        help_text="Left empty: the whole glossary.",
    )

    topic_id: int | None

    class Meta:
        verbose_name_plural = "responsibilities"
        ordering = ["user", "topic"]
        constraints = [
            models.UniqueConstraint(
                fields=["user", "topic"],
                name="responsible_once",
                nulls_distinct=False,
                violation_error_message="This responsibility is there already.",
            )
        ]

    def __str__(self) -> str:
        return f"{self.user}: {self.topic or 'the whole glossary'}"
