"""The exact texts that are embedded, and their hashes."""

import hashlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from terms.models import Sense

MAX_CHARACTERS = 4_000  # far beyond what the model reads (256 tokens); bounds the tokeniser's work


def views(sense: "Sense") -> dict[str, str]:
    """View → text. Reads the sense's term: select it with the sense."""
    name, definition = sense.term.name, sense.definition_text[:MAX_CHARACTERS]
    return {"entry": f"{name}: {definition}", "definition": definition or name, "name": name}


def fingerprint(text: str) -> bytes:
    """16 bytes that stand for the exact text."""
    return hashlib.blake2b(text.encode(), digest_size=16).digest()
