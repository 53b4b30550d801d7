from typing import TYPE_CHECKING

from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.core.validators import MaxLengthValidator
from django.db import models
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from terms import markup
from terms.models.fields import KEY_LENGTH, LineField, ProseField, new_key, not_blank
from terms.models.history import tracked
from terms.models.triggers import fills_words, touches_term
from terms.querysets import SenseQuerySet
from terms.text import gist

if TYPE_CHECKING:
    pass

MAX_DEFINITION = 20_000  # characters; a definition is read in one sitting
MAX_EXAMPLE = 4_000
TERM_OF_SENSE = "(SELECT term_id FROM terms_sense WHERE id = {row}.sense_id)"


@tracked(exclude=("words",))
class Sense(models.Model):
    """One meaning of a term. Its key never changes: anchors, REST and citations use it."""

    key = models.CharField(max_length=KEY_LENGTH + 8, unique=True, default=new_key, editable=False)
    term = models.ForeignKey("terms.Term", models.CASCADE, related_name="senses")
    position = models.PositiveIntegerField(default=1)
    definition = ProseField(validators=[MaxLengthValidator(MAX_DEFINITION)])
    part_of_speech = LineField(max_length=40, blank=True, default="")
    register = LineField(
        max_length=80, blank=True, default="", help_text=_("The field or style it belongs to.")
    )
    topics = models.ManyToManyField("terms.Topic", blank=True, related_name="senses")
    sources = models.ManyToManyField("terms.Source", blank=True, related_name="senses")
    words = SearchVectorField(null=True, editable=False)

    term_id: int
    linked_html: SafeString | None = None  # with links to the terms mentioned: terms/annotate.py

    objects = SenseQuerySet.as_manager()

    class Meta:
        ordering = ["term_id", "position"]
        constraints = [
            not_blank("definition", "sense_definition_not_blank"),
            models.UniqueConstraint(
                fields=["term", "position"],
                name="sense_position_once",
                deferrable=models.Deferrable.DEFERRED,
            ),
        ]
        indexes = [GinIndex(fields=["words"], name="sense_words")]
        triggers = [fills_words(), *touches_term("{row}.term_id")]

    def __str__(self) -> str:
        return f"{self.position}. {self.definition_line[:80]}"

    def get_absolute_url(self) -> str:
        return f"{self.term.get_absolute_url()}#{self.key}"

    @property
    def gist(self) -> str:
        """The definition's first sentence, without markup."""
        return gist(self.definition_line)

    @property
    def definition_html(self) -> SafeString:
        return markup.html(self.definition)

    @property
    def definition_text(self) -> str:
        """The words as they are embedded."""
        return markup.plain(self.definition)

    @property
    def definition_line(self) -> str:
        """The words as they are read, where there is no room for more than text."""
        return markup.line(self.definition)


@tracked()
class Example(models.Model):
    """A sense in use."""

    sense = models.ForeignKey(Sense, models.CASCADE, related_name="examples")
    position = models.PositiveIntegerField(default=1)
    text = ProseField(validators=[MaxLengthValidator(MAX_EXAMPLE)])
    source = LineField(max_length=300, blank=True, default="")

    class Meta:
        ordering = ["sense_id", "position"]
        constraints = [
            not_blank("text", "example_text_not_blank"),
            models.UniqueConstraint(
                fields=["sense", "position"],
                name="example_position_once",
                deferrable=models.Deferrable.DEFERRED,
            ),
        ]
        triggers = touches_term(TERM_OF_SENSE)

    def __str__(self) -> str:
        return self.text[:80]


@tracked()
class SenseTopic(Sense.topics.through):  # type: ignore[name-defined]  # made by the field
    """Carries the trigger on a sense's topics."""

    class Meta:
        proxy = True
        default_permissions = ()
        triggers = touches_term(TERM_OF_SENSE)


@tracked()
class SenseSource(Sense.sources.through):  # type: ignore[name-defined]  # made by the field
    """Carries the trigger on a sense's sources."""

    class Meta:
        proxy = True
        default_permissions = ()
        triggers = touches_term(TERM_OF_SENSE)
