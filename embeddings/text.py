"""The exact texts that are embedded, and their hashes."""

import hashlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.db.models import QuerySet

    from terms.models import Sense

MAX_CHARACTERS = 4_000  # far beyond what the model reads (256 tokens); bounds the tokeniser's work


def views(sense: "Sense") -> dict[str, str]:
    """View → text, of a sense that is `readable`.

    A sense without an example has no such view; of several, the first one counts.
    """
    examples = [example.text for example in sense.examples.all()] if sense.pk else []
    return views_of(sense.term.name, sense.definition_text, examples)


def views_of(name: str, definition: str, examples: "Sequence[str]") -> dict[str, str]:
    """The same of a sense that need not be stored; the definition without markup."""
    definition = definition[:MAX_CHARACTERS]
    texts = {"entry": entry(name, definition), "definition": definition or name, "name": name}
    if examples:
        texts["example"] = examples[0][:MAX_CHARACTERS]
    return texts


def entry(name: str, definition: str) -> str:
    """The name with the definition as plain text.

    >>> entry("token", "A unit of text.")
    'token: A unit of text.'
    """
    return f"{name}: {definition[:MAX_CHARACTERS]}"


def readable(senses: "QuerySet[Sense]") -> "QuerySet[Sense]":
    """With all that `views` reads, in a fixed number of queries."""
    return senses.select_related("term").prefetch_related("examples")


def fingerprint(text: str) -> bytes:
    """16 bytes that stand for the exact text."""
    return hashlib.blake2b(text.encode(), digest_size=16).digest()
