"""The exact texts that are embedded, and their hashes."""

import hashlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from terms.models import Sense

MAX_CHARACTERS = 4_000  # far beyond what the model reads (256 tokens); bounds the tokeniser's work


def views(sense: "Sense") -> dict[str, str]:
    """View → text, of a sense that is `readable`.

    A sense without an example has no such view; of several, the first one counts.
    """
    name, definition = sense.term.name, sense.definition_text[:MAX_CHARACTERS]
    texts = {"entry": entry(name, definition), "definition": definition or name, "name": name}
    if sense.pk and (examples := sense.examples.all()):
        texts["example"] = examples[0].text[:MAX_CHARACTERS]
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
