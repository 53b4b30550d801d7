"""Writes a stream of entries into the glossary, each as `write` would: all of them or none.

The stream is read twice, for words and then for what leads from one entry to another, so that
memory stays flat. Everything that is wrong is collected, up to LIMIT, before the import gives up.
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from itertools import islice
from operator import attrgetter
from typing import TYPE_CHECKING, TypeVar

import pghistory
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, connection, transaction

from terms import placing, rights
from terms.completing import completed, enlarged, is_kept
from terms.dictionaries import count_rows
from terms.entry import CHUNK, Address, Entry, as_entry, by_address, says, whole
from terms.entry_bulk import Bulk, relations
from terms.formats import Document, FormatError
from terms.formats.whole import Read, told
from terms.importing import OnConflict
from terms.models import ImportRun, Relation, Term
from terms.writing import Refused, write_links, write_words

if TYPE_CHECKING:
    from django.contrib.auth.models import User

T = TypeVar("T")
LIMIT = 100  # faults that are told of one file
IMPORTING = 7_201_001  # the lock that has imports wait for each other
VERSIONS = """
SELECT count(*) FROM unnest(%s::bigint[], %s::int[]) met(id, version)
JOIN terms_term term ON term.id = met.id AND term.version <> met.version
"""


class Wrong(ValueError):
    """What is wrong with a file; nothing was changed."""

    def __init__(self, errors: list[FormatError]) -> None:
        super().__init__("\n".join(map(str, errors)))
        self.errors = errors


def import_entries(
    read: Callable[[], Iterator[Read]],
    on_conflict: OnConflict = OnConflict.SKIP,
    *,
    reason: str,
    by: "User | None" = None,
    lacks: Collection[str] = (),
    advance: Callable[[int], object] = lambda _: None,
    dry_run: bool = False,
    run: ImportRun | None = None,
    documents: Sequence[Document] = (),
) -> Counter[str]:
    """Writes what `read()` gives, as `by` may, or as the operator; returns what became of it.

    A term that has the address already is left (SKIP), made to say exactly the entry (UPDATE),
    given what of the entry it does not say (ADD_SENSE), or refused (FAIL). Of the fields in
    `lacks`, which a table has no column for, it keeps its own. The topics and bundles of the
    `documents`, whose entries these are, are made with them. `run` is kept with it, so that it can
    be undone. Raises Wrong.
    """
    context = {"reason": reason} | ({"user": by.pk} if by else {})
    with transaction.atomic(), pghistory.context(**context) as history:
        wait_for_others()
        imports = EntryImport(read, on_conflict, by, frozenset(lacks), advance)
        done = imports.run(documents)
        if run:
            run.keep(imports.added, imports.met, done, history.id)
        transaction.set_rollback(dry_run)
    return done


def chunks(items: Iterable[T], size: int = CHUNK) -> Iterator[list[T]]:
    """
    >>> list(chunks("abcde", 2))
    [['a', 'b'], ['c', 'd'], ['e']]
    """
    rest = iter(items)
    while some := list(islice(rest, size)):
        yield some


def wait_for_others() -> None:
    """Until the transaction ends, no other import goes on."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [IMPORTING])


class EntryImport:
    """The import of one stream, within a transaction."""

    def __init__(
        self,
        read: Callable[[], Iterator[Read]],
        on_conflict: OnConflict,
        by: "User | None",
        lacks: frozenset[str],
        advance: Callable[[int], object],
    ) -> None:
        self.read, self.on_conflict, self.by = read, on_conflict, by
        self.lacks, self.advance = lacks, advance
        self.makes_topics = by is None or by.has_perm("terms.add_topic")
        self.errors: list[FormatError] = []
        self.lines: dict[int, int] = {}  # the hash of an address → where it stands
        self.met: dict[int, int] = {}  # terms that were there, with the version that they had
        self.same: set[int] = set()  # of these, the ones that stay as they are
        self.kept: set[int] = set()  # and of these, the ones that the file words otherwise
        self.bulk = Bulk()
        self.added: set[int] = set()
        self.unsaid: Counter[int] = Counter()  # relations, by how many ends leave them out
        self.done: Counter[str] = Counter()

    def run(self, documents: Sequence[Document] = ()) -> Counter[str]:
        """Raises Wrong, after either round, for all that was wrong in it."""
        for document in documents:
            self.begin(document)
        for write_some in (self._write_words, self._write_links):
            for number, some in enumerate(chunks(self._entries())):
                if number.bit_count() <= 1:
                    count_rows()
                write_some(some)
                self.advance(len(some))
            if self.errors:
                raise Wrong(sorted(self.errors, key=attrgetter("line")))
        self.drop_unsaid()
        self._count()
        return sum(map(placing.place, documents), self.done)

    def begin(self, document: Document) -> None:
        self._note(*placing.check(document, self.by))
        if self.makes_topics:
            placing.make_topic(document)

    def _entries(self) -> Iterator[Entry]:
        try:
            for each in self.read():
                if isinstance(each, Entry):
                    yield each
                else:
                    self._note(each)
        except FormatError as error:
            self._note(error)

    def _note(self, *errors: FormatError) -> None:
        for error in errors:
            self.errors.append(error)
            if len(self.errors) >= LIMIT:
                raise Wrong(self.errors)

    def _refuse(self, entry: Entry, refused: Refused) -> None:
        parts = [[part.line for part in parts] for parts in (entry.senses, entry.relations)]
        self._note(*told(refused, entry.line, *parts))

    def _write_words(self, some: list[Entry]) -> None:
        """New terms together; those that are there, and what is unusual, one at a time."""
        some = [entry for entry in some if self.is_first(entry)]
        known = self.stored([entry.address for entry in some])
        new = (entry for entry in some if entry.address not in known and self._may_add(entry))
        with _refusals_told(some, self.errors):
            added = self.bulk.add(new)
        self.added.update(added.values())
        for entry in some:
            if entry.address not in added:
                self.write_words(entry, known.get(entry.address))

    def stored(self, addresses: Collection[Address]) -> dict[Address, Term]:
        """The terms that are there, with all their parts; nobody else writes them from now on."""
        locked = Term.objects.at_any(addresses).order_by("pk").select_for_update(of=("self",))
        return by_address(whole(locked))

    def is_first(self, entry: Entry) -> bool:
        """Whether nothing before it in the file has its address."""
        known = hash(tuple(entry.address))
        if known in self.lines:
            place = f"line {self.lines[known]}"
            reason = f"“{entry.name}” has the address {entry.address}, as has {place}"
            remedy = "Give each entry an address of its own, or make them senses of one."
            self._note(FormatError(entry.line, reason, remedy))
            return False
        self.lines[known] = entry.line
        return True

    def _may_add(self, entry: Entry) -> bool:
        try:
            if self.by:
                rights.check_step(self.by, None, entry)
        except PermissionDenied:
            return False
        return True

    def write_words(self, entry: Entry, term: Term | None) -> None:
        if term and self.on_conflict == OnConflict.FAIL:
            reason = f"“{entry.name}”: the address {entry.address} is taken"
            self._note(FormatError(entry.line, reason, "Import with skip, update or add-sense."))
        elif term and self.on_conflict == OnConflict.SKIP:
            self.done["skipped"] += 1
        else:
            self._place(replace(entry, slug=entry.address.slug), term)

    def _place(self, entry: Entry, term: Term | None) -> None:
        version = term.version if term else 0
        said, entry = entry, self._whole(entry, term)
        if term and says(as_entry(term), entry):
            self.met[term.pk] = version
            self.same.add(term.pk)
            if self.on_conflict == OnConflict.ADD_SENSE and is_kept(entry, said):
                self.kept.add(term.pk)
            return
        try:
            if self.by:
                rights.check_step(self.by, term, entry)
            with _refusals_told([entry], self.errors):
                written = write_words(entry, term, make_topics=self.makes_topics)
        except Refused as refused:
            self._refuse(entry, refused)
        except PermissionDenied as denied:
            self._note(FormatError(entry.line, str(denied), ""))
        else:
            if term:
                self.met[written.pk] = version
            else:
                self.added.add(written.pk)

    def _whole(self, entry: Entry, term: Term | None) -> Entry:
        """What the term is to say: a file may leave a part of it to what is there."""
        if term is None:
            return entry
        if self.on_conflict == OnConflict.ADD_SENSE or "senses" in self.lacks:
            reword = self.on_conflict == OnConflict.UPDATE
            return enlarged(as_entry(term), entry, reword=reword)
        return completed(entry, term, self.lacks) if self.lacks else entry

    def _write_links(self, some: list[Entry]) -> None:
        """Those of new terms together, where all of them lead somewhere."""
        ends = [link.address(entry.language) for entry in some for link in entry.relations]
        ids = Term.objects.ids_at([*(entry.address for entry in some), *ends])
        together: list[Relation] = []
        for entry in some:
            term = ids.get(entry.address, 0)
            if term in self.same:
                continue
            is_plain = term in self.added and entry.replaced_by is None
            found = relations(entry, term, ids) if is_plain else None
            if found is None:
                self.write_links(entry)
            else:
                together += found
        Relation.objects.bulk_create(together, ignore_conflicts=True)

    def write_links(self, entry: Entry) -> None:
        term: Term | None = Term.objects.at(*entry.address).first()
        if term is None or not self._is_placed(term.pk):
            return
        if term.pk in self.met:
            entry = self._whole(entry, term)
        try:
            write_links(entry, term, drop=self._leave_out)
        except Refused as refused:
            self._refuse(entry, refused)

    def _is_placed(self, term: int) -> bool:
        return term in self.added or term in self.met

    def _leave_out(self, relation: Relation) -> None:
        """A relation is said at either end; it goes when no end that the file has says it."""
        self.unsaid[relation.pk] += 1

    def drop_unsaid(self) -> None:
        for relation in Relation.objects.filter(pk__in=self.unsaid).iterator():
            ends = (relation.from_term_id, relation.to_term_id)
            if self.unsaid[relation.pk] == sum(map(self._is_placed, ends)):
                relation.delete()

    def _count(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute(VERSIONS, [list(self.met), list(self.met.values())])
            updated = int(cursor.fetchone()[0])
        counts = {"added": len(self.added), "updated": updated, "kept": len(self.kept)}
        unchanged = len(self.met) - updated - len(self.kept)
        self.done += Counter(counts | {"unchanged": unchanged})


@contextmanager
def _refusals_told(entries: list[Entry], errors: list[FormatError]) -> Iterator[None]:
    """What the database refuses ends the import: it hears of nothing more."""
    try:
        yield
    except DatabaseError as error:
        names = " to ".join(dict.fromkeys(f"“{entries[n].name}”" for n in (0, -1)))
        reason = f"{names} is refused: {str(error).splitlines()[0]}"
        raise Wrong([*errors, FormatError(entries[0].line, reason, "")]) from error
