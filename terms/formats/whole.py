"""Formats that hold all that an entry holds, read and written as streams: memory stays flat.

A reader is a function `read(stream) -> Iterator[Read]` over a binary stream. What is wrong with one
entry stands in its place, a FormatError each; what ends the reading is raised. A writer is
`write(entries, stream)`. Reading what was written gives the same entries.
"""

import zipfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import PurePath
from typing import Any, BinaryIO

from django.utils.module_loading import import_string

from terms.entry import Entry
from terms.entry_json import from_json
from terms.formats import FormatError
from terms.writing import Refused

READERS = {
    "jsonl": "terms.formats.jsonl.read",
    "csv": "terms.formats.csv.read",
    "xlsx": "terms.formats.xlsx.read",
    "yaml": "terms.formats.yaml.read",
    "folder": "terms.formats.folder.read",
}
WRITERS = {
    "jsonl": "terms.formats.jsonl.write",
    "csv": "terms.formats.csv.write",
    "xlsx": "terms.formats.xlsx.write",
    "yaml": "terms.formats.yaml.write",
    "folder": "terms.formats.folder.write",
}
SUFFIXES = {
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".csv": "csv",
    ".tsv": "csv",
    ".xlsx": "xlsx",
    ".yaml": "yaml",
    ".yml": "yaml",
    ".zip": "folder",
}
# Of formats with columns, which may be named otherwise or left out.
HEADERS = {
    "csv": "terms.formats.csv.headers",
    "xlsx": "terms.formats.xlsx.headers",
}
MAX_BYTES = 1_000_000_000
MAX_LINE = 4_000_000  # characters; an entry of a hundred long senses has half of it

Read = Entry | FormatError
Reader = Callable[[BinaryIO], Iterator[Read]]
Writer = Callable[[Iterable[Entry], BinaryIO], None]


def reader(name: str) -> Reader:
    found: Reader = import_string(READERS[name])
    return found


def writer(name: str) -> Writer:
    found: Writer = import_string(WRITERS[name])
    return found


def headers(name: str, stream: BinaryIO) -> list[str]:
    """Those of a table, in order; none of another format. Raises FormatError."""
    found: list[str] = import_string(HEADERS[name])(stream) if name in HEADERS else []
    return found


def format_of(name: str, head: bytes = b"") -> str:
    """The format of a file by its name, or by how it begins; "" for one that is none of these.

    >>> format_of("terms.TSV"), format_of("-", b'{"name": "cup"}'), format_of("-", b"# Maps")
    ('csv', 'jsonl', '')
    """
    return SUFFIXES.get(PurePath(name).suffix.lower(), "") or _looks_like(head.lstrip())


def _looks_like(head: bytes) -> str:
    if head.startswith(b"PK\x03\x04"):
        return "xlsx" if b"[Content_Types].xml" in head or b"xl/" in head else "folder"
    if head.startswith(b"{"):
        return "jsonl"
    return "yaml" if head.startswith((b"---\n", b"name:")) else ""


def entry_from(data: Any, line: int, sense_lines: Sequence[int] = ()) -> Iterator[Read]:
    """The entry that JSON-like data describes, or all that is wrong with it."""
    try:
        entry = from_json(data)
    except Refused as refused:
        yield from told(refused, line, sense_lines)
        return
    entry.line = line
    for sense, at in zip(entry.senses, sense_lines, strict=False):
        sense.line = at
    yield entry


def told(
    refused: Refused, line: int, sense_lines: Sequence[int] = (), link_lines: Sequence[int] = ()
) -> Iterator[FormatError]:
    """What is wrong with one entry, each at its line and column."""
    for path, messages in refused.errors.items():
        at, column = place(path, line, sense_lines, link_lines)
        yield FormatError(at, " ".join(messages), "", column)


def place(
    path: str, line: int, sense_lines: Sequence[int] = (), link_lines: Sequence[int] = ()
) -> tuple[int, str]:
    """(line, column) of what a path names: a sense or a relation may have a line of its own.

    >>> place("senses[0].examples[1].text", 6, [7]), place("senses[0].key", 6)
    ((7, 'examples[1].text'), (6, 'senses[0].key'))
    """
    head, _, rest = path.partition(".")
    name, _, number = head.rstrip("]").partition("[")
    lines = {"senses": sense_lines, "relations": link_lines}.get(name, ())
    own = lines[int(number)] if rest and number and int(number) < len(lines) else 0
    return (own, rest) if own else (line, path)


def opened_archive(stream: BinaryIO) -> zipfile.ZipFile:
    """The archive, unless it would unpack to far more than it shows."""
    try:
        archive = zipfile.ZipFile(stream)
    except (zipfile.BadZipFile, OSError) as error:
        raise FormatError(0, f"the archive cannot be read: {error}", "Save it again.") from error
    unpacked = sum(info.file_size for info in archive.infolist())
    packed = sum(info.compress_size for info in archive.infolist())
    if unpacked > MAX_BYTES or unpacked > 1_000_000 + 200 * packed:
        reason = f"the archive unpacks from {packed:,} to {unpacked:,} bytes"
        raise FormatError(0, reason, "Split it into smaller files.")
    return archive
