"""What an import would do with each entry, found by doing it and taking it back."""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import pghistory
from django.db import transaction

from terms.differences import edits
from terms.entry import Address, Entry, as_entry, entry_of
from terms.entry_import import EntryImport, Wrong
from terms.formats import Document, FormatError
from terms.formats.whole import Read
from terms.importing import OnConflict
from terms.models import Term
from terms.revisions import Edit

if TYPE_CHECKING:
    from django.contrib.auth.models import User

PAGE = 200  # rows that are looked at together
NEW, CHANGED, SAME, LEFT, WRONG = "new", "changed", "the same", "left as it is", "wrong"


@dataclass
class Row:
    """An entry of the file, or what is wrong with it, and what would become of it.

    `nowhere`: what it leads to that is neither in the glossary nor in the rows looked at.
    """

    line: int
    what: str
    entry: Entry | None = None
    faults: list[FormatError] = field(default_factory=list)
    edits: list[Edit] = field(default_factory=list)
    nowhere: list[str] = field(default_factory=list)

    @property
    def is_new(self) -> bool:
        return self.what == NEW


def preview(
    read: Iterable[Read],
    on_conflict: OnConflict,
    *,
    by: "User | None" = None,
    lacks: Collection[str] = (),
    documents: Sequence[Document] = (),
) -> list[Row]:
    """A row for each entry or fault, in order; nothing is changed.

    Raises FormatError for what ends the reading.
    """
    listed = list(read)
    with transaction.atomic(), pghistory.context(reason="preview"):
        trial = _Preview(on_conflict, by, frozenset(lacks))
        for document in documents:
            trial.begin(document)
        rows = trial.begun_wrong() + trial.rows(listed)
        transaction.set_rollback(True)
    return rows


class _Preview(EntryImport):
    def __init__(self, on_conflict: OnConflict, by: "User | None", lacks: frozenset[str]) -> None:
        super().__init__(lambda: iter(()), on_conflict, by, lacks, lambda _: None)
        self.there: dict[Address, Term] = {}
        self.before: dict[int, Entry] = {}

    def begun_wrong(self) -> list[Row]:
        """What is wrong with what stands around the entries."""
        return [self._begun(error) for error in self.errors]

    def rows(self, listed: Iterable[Read]) -> list[Row]:
        rows = [self._begun(each) for each in listed]
        self.there = self.stored([row.entry.address for row in rows if row.entry])
        try:
            for row in rows:
                self._try(row, self._words_of)
            for row in rows:
                self._try(row, self._links_of)
            self.drop_unsaid()
        except Wrong:  # by a row that the database refuses, after which it hears of nothing more
            return rows
        for row in rows:
            self._compare(row)
        return rows

    @staticmethod
    def _begun(each: Read) -> Row:
        if isinstance(each, FormatError):
            return Row(each.line, WRONG, faults=[each])
        return Row(each.line, NEW, each)

    def _try(self, row: Row, step: Callable[[Row, Entry], None]) -> None:
        if row.entry is None or row.what in (WRONG, LEFT):
            return
        self.errors = row.faults
        try:
            step(row, row.entry)
        except Wrong as wrong:
            row.faults, row.what = wrong.errors, WRONG
            raise
        if row.faults:
            row.what = WRONG

    def _words_of(self, row: Row, entry: Entry) -> None:
        if not self.is_first(entry):
            return
        term = self.there.get(entry.address)
        if term:
            self.before[term.pk] = as_entry(term)
            row.what = LEFT if self.on_conflict == OnConflict.SKIP else SAME
        self.write_words(entry, term)
        if term and term.pk in self.kept:
            row.what = LEFT

    def _links_of(self, row: Row, entry: Entry) -> None:
        """Of a part of a file, what leads to another part cannot be followed."""
        ends = {link.address(entry.language): link.name for link in entry.relations}
        if entry.replaced_by:
            ends[entry.replaced_by] = str(entry.replaced_by)
        there = Term.objects.ids_at(list(ends))
        row.nowhere = [name or str(end) for end, name in ends.items() if end not in there]
        kept = [link for link in entry.relations if link.address(entry.language) in there]
        successor = entry.replaced_by if entry.replaced_by in there else None
        self.write_links(replace(entry, relations=kept, replaced_by=successor))

    def _compare(self, row: Row) -> None:
        if row.entry is None or row.what != SAME:
            return
        term = Term.objects.at(*row.entry.address).first()
        if term and (changes := edits(self.before[term.pk], entry_of(term))):
            row.what, row.edits = CHANGED, changes
