"""Examples as a text: one a paragraph, so that a sense and its examples are edited together."""

from collections.abc import Iterable

from django import forms
from django.core.exceptions import ValidationError

from terms.models import Sense
from terms.models.sense import MAX_EXAMPLE
from terms.text import TextError, clean

SOURCE = "Source:"


class ExamplesField(forms.CharField):
    """A text area; its value is a list of (text, source)."""

    widget = forms.Textarea(attrs={"rows": 3, "cols": 80})

    def __init__(self) -> None:
        help_text = (
            "One example a paragraph, a blank line between them. A last line “Source: …” says where"
            " it is from."
        )
        super().__init__(required=False, label="Examples", help_text=help_text)

    def clean(self, value: str) -> list[tuple[str, str]]:
        try:
            text = clean(super().clean(value) or "")
        except TextError as error:
            raise ValidationError(str(error)) from error
        examples = [split(paragraph) for paragraph in text.split("\n\n") if paragraph.strip()]
        for content, _ in examples:
            if not content:
                raise ValidationError("A source without an example before it.")
            if len(content) > MAX_EXAMPLE:
                raise ValidationError(f"An example has more than {MAX_EXAMPLE:,} characters.")
        return examples


def split(paragraph: str) -> tuple[str, str]:
    """(text, source) of a paragraph whose last line may be a source."""
    *lines, last = paragraph.strip().split("\n")
    if last.startswith(SOURCE):
        return "\n".join(lines).strip(), last.removeprefix(SOURCE).strip()
    return paragraph.strip(), ""


def join(sense: Sense) -> str:
    """The text that `split` turns back into the sense's examples."""
    return joined((example.text, example.source) for example in sense.examples.all())


def joined(examples: Iterable[tuple[str, str]]) -> str:
    """The text of these (text, source).

    >>> joined([("One.", ""), ("Two.", "A book")])
    'One.\\n\\nTwo.\\nSource: A book'
    """
    return "\n\n".join(
        f"{text}\n{SOURCE} {source}" if source else text for text, source in examples
    )
