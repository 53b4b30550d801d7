"""A file of entries in memory, whose columns may be called otherwise."""

import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from terms.formats import table
from terms.formats.whole import HEADERS, Read, headers, reader


@dataclass(frozen=True)
class Upload:
    """`columns`: which column a header means, "" to leave it out. Each reading is a stream."""

    content: bytes
    format_name: str
    columns: Mapping[str, str]

    def read(self) -> Iterator[Read]:
        read: Any = reader(self.format_name)
        named = (self.columns,) if self.is_table else ()
        yield from read(io.BytesIO(self.content), *named)

    @property
    def is_table(self) -> bool:
        return self.format_name in HEADERS

    @property
    def headers(self) -> list[str]:
        """Those of a table, in order. Raises FormatError."""
        return headers(self.format_name, io.BytesIO(self.content))

    @property
    def lacks(self) -> frozenset[str]:
        """The fields of an entry that it has no column for. Raises FormatError."""
        return table.lacking(self.headers, self.columns) if self.is_table else frozenset()
