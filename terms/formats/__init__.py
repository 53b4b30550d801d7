"""Readers turn a file's text into a Document; `READERS` names them. No database is touched.

A reader is a function `read(text: str) -> Document`; beside it stands `looks_like(text) -> bool`,
by which the format of a file is found when it is not named.
"""

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from types import ModuleType
from typing import ClassVar

from terms.entry import Entry
from terms.models.sense import MAX_DEFINITION, MAX_EXAMPLE
from terms.text import TextError, clean, clean_line

READERS = {
    "bundle": "terms.formats.bundle",
    "markdown": "terms.formats.markdown",
}
MAX_BYTES = 20_000_000


class FormatError(ValueError):
    """What cannot be read: line (0: the whole file) and column, what is wrong, the remedy."""

    def __init__(self, line: int, reason: str, remedy: str, column: str = "") -> None:
        place = ", ".join(
            filter(None, [f"line {line}" if line else "", f"column “{column}”" if column else ""])
        )
        said = " ".join(filter(None, [f"{reason.rstrip('.')}.", remedy]))
        super().__init__(f"{place}: {said}" if place else said)
        self.line, self.reason, self.remedy, self.column = line, reason, remedy, column


@dataclass
class BundleText:
    title: str
    introduction: str = ""
    byline: str = ""
    reading_minutes: int | None = None
    word_count: int | None = None
    source: str = ""


@dataclass
class Document:
    """What a file says: entries in order, the bundle they form, the topic they are about.

    Its entries say some senses, names and relations of a term, never all that there are.
    """

    lacks: ClassVar[frozenset[str]] = frozenset({"senses"})

    entries: list[Entry]
    bundle: BundleText | None = None
    topic: tuple[str, str] | None = None  # (name, description)
    on_conflict: str = "skip"  # the format's own default


def decode(raw: bytes) -> str:
    """The file's text. Raises FormatError for what is not UTF-8 or far too large."""
    if len(raw) > MAX_BYTES:
        raise FormatError(
            0,
            f"the file has {len(raw):,} bytes, more than {MAX_BYTES:,}",
            "Split it into smaller files.",
        )
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        remedy = "Save the file as UTF-8 and import it again."
        raise FormatError(line, f"byte {error.start + 1} is not UTF-8", remedy) from error
    return text.replace("\r\n", "\n").replace("\r", "\n")


def read(text: str, format_name: str = "") -> Document:
    """The document in `text`, in the named format or the one that it looks like.

    Raises FormatError when it cannot be read, ValueError for an unknown format.
    """
    document: Document = _reader(format_name or format_of(text)).read(text)
    return document


def _reader(name: str) -> ModuleType:
    if name not in READERS:
        raise ValueError(f"no format {name!r}; there are: {', '.join(READERS)}")
    return import_module(READERS[name])


def format_of(text: str) -> str:
    """The format that the text looks like. Raises FormatError."""
    for name in READERS:
        if _reader(name).looks_like(text):
            return name
    raise FormatError(0, "the format is not one of ours", f"Name it: --format {'|'.join(READERS)}.")


def cleaned(value: str, line: int, cleaner: Callable[[str], str] = clean) -> str:
    """The text as it will be stored; FormatError with the exact line of what cannot be."""
    try:
        return cleaner(value)
    except TextError as error:
        at = line + value.count("\n", 0, error.position)
        raise FormatError(at, str(error), "Remove that character.") from error


def one_line(value: str, line: int, limit: int, what: str) -> str:
    kept = cleaned(value, line, clean_line)
    if not kept:
        raise FormatError(line, f"the {what} is empty", f"Write a {what}, or remove the entry.")
    return _within(kept, limit, line, what)


def definition(value: str, line: int) -> str:
    kept = cleaned(value, line)
    if not kept:
        remedy = "Write a definition under the heading, or remove the entry."
        raise FormatError(line, "the definition is empty", remedy)
    return _within(kept, MAX_DEFINITION, line, "definition")


def example(value: str, line: int) -> str:
    return _within(cleaned(value, line), MAX_EXAMPLE, line, "example")


def _within(value: str, limit: int, line: int, what: str) -> str:
    if len(value) > limit:
        reason = f"the {what} has {len(value):,} characters, more than {limit:,}"
        raise FormatError(line, reason, "Shorten it, or make several entries of it.")
    return value
