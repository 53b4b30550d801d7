"""A file of entries, or a document, in memory; its columns may be called otherwise."""

import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from terms import formats
from terms.formats import Document, table
from terms.formats.whole import HEADERS, Read, headers, reader
from terms.importing import OnConflict


@dataclass(frozen=True)
class Upload:
    """`columns`: which column a header means, "" to leave it out. Each reading is a stream."""

    content: bytes
    format_name: str
    columns: Mapping[str, str]

    def read(self) -> Iterator[Read]:
        """Raises FormatError for what ends the reading."""
        if self.is_document:
            yield from (entry for document in self.documents for entry in document.entries)
            return
        read: Any = reader(self.format_name)
        named = (self.columns,) if self.is_table else ()
        yield from read(io.BytesIO(self.content), *named)

    @property
    def is_document(self) -> bool:
        return self.format_name in formats.READERS

    @cached_property
    def documents(self) -> list[Document]:
        """The one that it is, if it is one. Raises FormatError."""
        if not self.is_document:
            return []
        return [formats.read(formats.decode(self.content), self.format_name)]

    @property
    def on_conflict(self) -> OnConflict:
        """What is usual for the format. Raises FormatError."""
        usual = [document.on_conflict for document in self.documents]
        return OnConflict(usual[0]) if usual else OnConflict.SKIP

    @property
    def is_table(self) -> bool:
        return self.format_name in HEADERS

    @property
    def headers(self) -> list[str]:
        """Those of a table, in order. Raises FormatError."""
        return headers(self.format_name, io.BytesIO(self.content))

    @property
    def lacks(self) -> frozenset[str]:
        """What it never says all of, as it has no column for it. Raises FormatError."""
        if self.is_document:
            return Document.lacks
        return table.lacking(self.headers, self.columns) if self.is_table else frozenset()
