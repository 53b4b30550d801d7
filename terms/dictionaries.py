"""Writes a whole dictionary into the glossary, part by part: what was written stays written.

A hundred thousand entries are no transaction that anyone wants to wait for, or to lose. Each part
is one of its own, and the same dictionary given again goes on where the last part ended.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib import import_module
from itertools import count, groupby, islice
from pathlib import Path
from types import ModuleType

import pghistory
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from terms.entry import Citation, Entry, SenseText
from terms.formats import FormatError
from terms.importing import OnConflict
from terms.models import Alias, Example, Relation, Sense, Source, Term
from terms.models.sense import SenseSource
from terms.text import slugify
from terms.writing import cite, sense_fields

READERS = {
    "wordnet": "terms.formats.wordnet",
    "dictd": "terms.formats.dictd",
}
CONFLICTS = (OnConflict.SKIP, OnConflict.ADD_SENSE)
PART, LINKED = 1_000, 10_000  # entries written, and related, in one transaction


@dataclass(frozen=True)
class Dictionary:
    """A dictionary at `path`, in one of the formats of READERS. Each reading of it is a stream."""

    path: Path
    format_name: str

    @property
    def reader(self) -> ModuleType:
        return import_module(READERS[self.format_name])

    def count(self) -> int:
        """How many entries it has. Raises FormatError when it cannot be read."""
        entries: int = self.reader.count(self.path)
        return entries

    @classmethod
    def found(cls, path: Path, format_name: str = "") -> "Dictionary | None":
        """The dictionary that `path` is, by its looks unless the format is named; else None."""
        if format_name:
            return cls(path, format_name) if format_name in READERS else None
        if path.is_dir():
            return cls(path, "wordnet")
        return cls(path, "dictd") if path.name.endswith((".dict", ".dict.dz", ".index")) else None

    def parts(self, size: int) -> Iterator[list[Entry]]:
        entries: Iterator[Entry] = self.reader.entries(self.path)
        while part := list(islice(entries, size)):
            yield part


def write(
    dictionary: Dictionary,
    on_conflict: OnConflict,
    *,
    reason: str,
    advance: Callable[[int], object],
    dry_run: bool = False,
) -> Counter[str]:
    """Writes all entries, then all relations; `advance` hears of the entries of each part done.

    A term that is there already is left alone (SKIP) or given the senses that it lacks (ADD_SENSE).
    Returns what was done, by name. A dry run takes each part back, and leaves the relations out,
    whose ends would not be there. Raises FormatError for what cannot be read or is refused.
    """
    done: Counter[str] = Counter()
    rounds = [(write_entries, PART), (write_relations, LINKED)]
    for write_part, size in rounds[:1] if dry_run else rounds:
        for number, part in enumerate(dictionary.parts(size)):
            if number.bit_count() <= 1:
                count_rows()
            with refusals_named(part), transaction.atomic(), pghistory.context(reason=reason):
                done += write_part(part, on_conflict)
                transaction.set_rollback(dry_run)
            advance(len(part))
    return done


def count_rows() -> None:
    """Tells the planner how much there is by now; it would take a table that just grew for empty,
    and read all of it again and again.
    """
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE terms_term, terms_alias, terms_sense, terms_relation")


@contextmanager
def refusals_named(part: list[Entry]) -> Iterator[None]:
    """What the database refuses is told with the words between which it stands."""
    try:
        yield
    except DatabaseError as error:
        reason = f"an entry from “{part[0].name}” to “{part[-1].name}” is refused: {error}"
        raise FormatError(0, reason, "What came before it is kept.") from error


@dataclass
class Rows:
    """What a part adds, in the order in which it can be written."""

    senses: list[Sense] = field(default_factory=list)
    examples: list[Example] = field(default_factory=list)
    citations: list[SenseSource] = field(default_factory=list)
    sources: dict[Citation, Source] = field(default_factory=dict)

    def add(self, term: Term, position: int, text: SenseText) -> None:
        sense = Sense(term=term, **sense_fields(text, position))
        self.senses.append(sense)
        self.examples += [
            Example(sense=sense, position=number, text=content, source=source)
            for number, (content, source) in enumerate(text.examples, 1)
        ]
        for citation in text.sources:
            if citation not in self.sources:
                self.sources[citation] = cite(citation)
            self.citations.append(SenseSource(sense=sense, source=self.sources[citation]))

    def write(self) -> None:
        Sense.objects.bulk_create(self.senses)
        Example.objects.bulk_create(self.examples)
        SenseSource.objects.bulk_create(self.citations)


def write_entries(part: list[Entry], on_conflict: OnConflict) -> Counter[str]:
    """New terms with all they have; of known ones, the senses they lack if so asked."""
    known = known_terms(part)
    new = [entry for entry in part if identity(entry) not in known]
    terms = Term.objects.bulk_create(with_free_addresses(new))
    rows = Rows()
    for entry, term in zip(new, terms, strict=True):
        for position, text in enumerate(entry.senses, 1):
            rows.add(term, position, text)
    met = [entry for entry in part if identity(entry) in known]
    if on_conflict == OnConflict.ADD_SENSE:
        add_lacking(met, known, rows)
    rows.write()
    aliases = [
        Alias(term=term, slug=slugify(name), name=name, kind=kind, position=position)
        for entry, term in zip(new, terms, strict=True)
        for position, (kind, name, _) in enumerate(entry.aliases, 1)
    ]
    Alias.objects.bulk_create(aliases, ignore_conflicts=True)
    return Counter(
        {"terms added": len(new), "terms met": len(met), "senses added": len(rows.senses)}
    )


def identity(entry: Entry) -> tuple[str, str]:
    return entry.language, entry.name.casefold()


def known_terms(part: list[Entry]) -> dict[tuple[str, str], list[Term]]:
    """The terms that the glossary has of these names, by language and name, the oldest first."""
    languages = {entry.language for entry in part}
    terms = Term.objects.filter(language__in=languages).named([entry.name for entry in part])
    known: dict[tuple[str, str], list[Term]] = {}
    for term in terms.order_by("id"):
        known.setdefault((term.language, term.name.casefold()), []).append(term)
    return known


def with_free_addresses(entries: list[Entry]) -> list[Term]:
    """Terms to be added; one whose address another name has gets a number behind it."""
    now = timezone.now()  # a value, not the database's default: rows of plain values go in faster
    slugs = [entry.slug for entry in entries]
    taken = set(Term.objects.filter(slug__in=slugs).values_list("language", "slug"))
    terms = []
    for entry in entries:
        address = (entry.language, entry.slug)
        for number in count(2):
            if address not in taken:
                break
            address = (entry.language, f"{entry.slug}-{number}")
            taken |= set(Term.objects.filter(slug=address[1]).values_list("language", "slug"))
        taken.add(address)
        language, slug = address
        term = Term(language=language, slug=slug, name=entry.name, status=Term.Status.PUBLISHED)
        term.created_at = term.updated_at = now
        terms.append(term)
    return terms


def add_lacking(met: list[Entry], known: dict[tuple[str, str], list[Term]], rows: Rows) -> None:
    """Senses that no term of the name has yet, behind those of the oldest of them."""
    terms = [term for named in known.values() for term in named]
    held: dict[int, list[str]] = {}
    last: dict[int, int] = {}
    stored = Sense.objects.filter(term__in=terms).order_by("position")
    for term_id, definition, position in stored.values_list("term_id", "definition", "position"):
        held.setdefault(term_id, []).append(definition)
        last[term_id] = position
    for entry in met:
        named = known[identity(entry)]
        theirs = {definition for term in named for definition in held.get(term.id, ())}
        for text in entry.senses:
            if text.definition not in theirs:
                last[named[0].id] = last.get(named[0].id, 0) + 1
                rows.add(named[0], last[named[0].id], text)


def write_relations(part: list[Entry], _: OnConflict) -> Counter[str]:
    """Relations to whatever the glossary has under the names; those that lead nowhere are left."""
    links: dict[tuple[int, int, str], Relation] = {}
    for language, entries in groupby(part, key=lambda entry: entry.language):
        listed = list(entries)
        names = {entry.name for entry in listed}
        names |= {link.name for entry in listed for link in entry.relations}
        ids = ids_of(language, names)
        for entry in listed:
            for link in entry.relations:
                one, other = ids.get(entry.name), ids.get(link.name)
                if one and other and one != other:
                    relation = imported(one, other, link.kind)
                    links[relation.from_term_id, relation.to_term_id, link.kind] = relation
    Relation.objects.bulk_create(links.values(), ignore_conflicts=True)
    return Counter({"relations": len(links)})


def imported(one: int, other: int, kind: str) -> Relation:
    """A relation between two terms by their ids, as it will be stored."""
    relation = Relation(
        from_term_id=one, to_term_id=other, kind=kind, provenance=Relation.Provenance.IMPORT
    )
    relation.put_in_order()
    return relation


NAMED = """
SELECT asked.name, found.id FROM unnest(%(names)s::text[]) asked(name)
CROSS JOIN LATERAL (
    SELECT id, 1 AS rank FROM terms_term
    WHERE name_key = name_key(asked.name) AND language = %(language)s
    UNION ALL
    SELECT term_id, 2 FROM terms_alias
    WHERE name_key = name_key(asked.name) AND language = %(language)s
    ORDER BY rank, id LIMIT 1) found
"""


def ids_of(language: str, names: Iterable[str]) -> dict[str, int]:
    """The term that each name names, by its headword or else by an alias."""
    with connection.cursor() as cursor:
        cursor.execute(NAMED, {"names": list(names), "language": language})
        return dict(cursor.fetchall())
