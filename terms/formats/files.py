"""Files and folders of entries, by their paths."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from terms.entry import Entry
from terms.formats import Document, folder, table
from terms.formats.whole import HEADERS, READERS, Read, format_of, headers, reader, writer
from terms.importing import OnConflict


@dataclass(frozen=True)
class EntryFile:
    """A file, or a folder, of entries in a format of READERS. Each reading of it is a stream."""

    documents: ClassVar[list[Document]] = []
    on_conflict: ClassVar[OnConflict] = OnConflict.SKIP

    path: Path
    format_name: str

    @classmethod
    def found(cls, path: Path, format_name: str = "") -> "EntryFile | None":
        """The file that `path` is, by its looks unless the format is named; else None."""
        if not path.exists() or (format_name and format_name not in READERS):
            return None
        if path.is_dir():
            return cls(path, "folder") if any(path.rglob("*.md")) else None
        with path.open("rb") as file:
            name = format_name or format_of(path.name, file.read(4_096))
        return cls(path, name) if name else None

    def read(self) -> Iterator[Read]:
        if self.path.is_dir():
            yield from folder.read_folder(self.path)
            return
        with self.path.open("rb") as file:
            yield from reader(self.format_name)(file)

    def write(self, entries: Iterable[Entry]) -> None:
        if self.format_name == "folder" and not self.path.suffix:
            folder.write_folder(entries, self.path)
            return
        with self.path.open("wb") as file:
            writer(self.format_name)(entries, file)

    @property
    def lacks(self) -> frozenset[str]:
        """The fields of an entry that it has no column for. Raises FormatError."""
        if self.format_name not in HEADERS:
            return frozenset()
        with self.path.open("rb") as file:
            return table.lacking(headers(self.format_name, file))
