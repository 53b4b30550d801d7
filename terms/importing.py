"""Writes a Document into the glossary: all of a file or nothing, and again without any change."""

from collections import Counter
from dataclasses import dataclass, field
from enum import StrEnum

import pghistory
from django.core.exceptions import ValidationError
from django.db import transaction

from terms.entry import Entry, Link, SenseText
from terms.formats import Document, FormatError
from terms.models import Alias, Bundle, BundleEntry, Relation, Sense, Term, Topic
from terms.text import slugify
from terms.writing import cite, sense_fields, write_examples


class OnConflict(StrEnum):
    """What to do with an entry whose address the glossary has already."""

    SKIP = "skip"  # leave the term alone
    UPDATE = "update"  # make the term's senses say what the file says
    ADD_SENSE = "add-sense"  # add what the term does not say yet
    FAIL = "fail"  # change nothing at all


@dataclass
class Report:
    """What an import did, or would do: a line for each entry, in the order of the file."""

    lines: list[tuple[str, str, str]] = field(default_factory=list)  # (action, name, detail)

    def note(self, action: str, name: str, detail: str = "") -> None:
        self.lines.append((action, name, detail))

    @property
    def counts(self) -> Counter[str]:
        return Counter(action for action, _, _ in self.lines)

    @property
    def changed(self) -> int:
        return sum(count for action, count in self.counts.items() if action not in UNCHANGED)


UNCHANGED = {"unchanged", "skipped", "kept"}


class _Undo(Exception):
    """Ends the transaction of a dry run."""


def import_documents(
    *documents: Document,
    on_conflict: OnConflict | None = None,
    reason: str,
    dry_run: bool = False,
) -> Report:
    """Writes the documents in one transaction; a dry run does all of it and takes it back.

    Relations may point from one document to another. Raises FormatError, with the entry's line,
    for what the glossary refuses.
    """
    report = Report()
    try:
        with transaction.atomic(), pghistory.context(reason=reason):
            writers = [Writer(document, on_conflict, report) for document in documents]
            for writer in writers:
                writer.write_entries()
            for writer in writers:
                writer.write_relations()
                writer.write_bundle()
            if dry_run:
                raise _Undo
    except _Undo:
        pass
    return report


class Writer:
    """The import of one document: its rule for conflicts, and what it has written so far."""

    def __init__(self, document: Document, on_conflict: OnConflict | None, report: Report) -> None:
        self.document = document
        self.on_conflict = on_conflict or OnConflict(document.on_conflict)
        self.report = report
        self.topic = self._topic()
        self.placed: list[tuple[Entry, Term, Sense | None]] = []

    def write_entries(self) -> None:
        for entry in self.document.entries:
            self.placed.append((entry, *self._write_entry(entry)))

    def write_relations(self) -> None:
        for entry, term, _ in self.placed:
            for each in entry.relations:
                link(term, _target(term, each), each.kind)

    def write_bundle(self) -> None:
        """The bundle, with the terms that it does not hold yet added at its end."""
        if not self.document.bundle:
            return
        text = vars(self.document.bundle)
        bundle, created = Bundle.objects.get_or_create(slug=slugify(text["title"]), defaults=text)
        held = set(bundle.entries.values_list("term_id", flat=True))
        new = [(term, sense) for _, term, sense in self.placed if term.id not in held]
        for position, (term, sense) in enumerate(new, len(held) + 1):
            BundleEntry.objects.create(bundle=bundle, term=term, sense=sense, position=position)
        action = "added" if created else "extended" if new else "unchanged"
        self.report.note(action, bundle.title, f"bundle of {len(held) + len(new)} terms")

    def _topic(self) -> Topic | None:
        if not self.document.topic:
            return None
        name, description = self.document.topic
        topic, _ = Topic.objects.get_or_create(
            slug=slugify(name), defaults={"name": name, "description": description}
        )
        return topic

    def _write_entry(self, entry: Entry) -> tuple[Term, Sense | None]:
        term = Term.objects.at(entry.language, entry.slug).first()
        try:
            if term is None:
                return self._add_term(entry)
            return term, self._meet(term, entry)
        except ValidationError as error:
            message = "; ".join(error.messages)
            raise FormatError(
                entry.line, f"“{entry.name}”: {message}", "Mend the entry."
            ) from error

    def _add_term(self, entry: Entry) -> tuple[Term, Sense]:
        term = Term(
            language=entry.language,
            slug=entry.slug,
            name=entry.name,
            status=Term.Status.PUBLISHED,
        )
        term.full_clean()
        term.save()
        senses = [self._add_sense(term, text) for text in entry.senses]
        self._add_aliases(term, entry)
        self.report.note("added", entry.name)
        return term, senses[0]

    def _meet(self, term: Term, entry: Entry) -> Sense | None:
        """An entry whose address is taken; returns the sense that the file's first one became."""
        if self.on_conflict == OnConflict.FAIL:
            raise FormatError(
                entry.line,
                f"“{entry.name}”: the address {term.slug} is taken",
                "Use --on-conflict skip, update or add-sense.",
            )
        if self.on_conflict == OnConflict.SKIP:
            self.report.note("skipped", entry.name, "the term is there already")
            return term.senses.first()
        update = self.on_conflict == OnConflict.UPDATE
        senses = [self._meet_sense(term, entry, n, update) for n in range(len(entry.senses))]
        self._add_aliases(term, entry)
        return senses[0]

    def _meet_sense(self, term: Term, entry: Entry, number: int, update: bool) -> Sense:
        text = entry.senses[number]
        known = find_sense(term, text)
        if known is None and update:
            known = term.senses.filter(position=number + 1).first()
        if known is None:
            sense = self._add_sense(term, text)
            self.report.note("sense added", entry.name, f"as sense {sense.position}")
            return sense
        if says(known, text):
            self.report.note("unchanged", entry.name)
        elif update:
            rewrite(known, text)
            self.report.note("updated", entry.name, f"sense {known.position}")
        else:
            detail = "edited since it was imported; --on-conflict update would overwrite it"
            self.report.note("kept", entry.name, detail)
        return known

    def _add_sense(self, term: Term, text: SenseText) -> Sense:
        last = term.senses.order_by("-position").first()
        sense = Sense(term=term, **sense_fields(text, last.position + 1 if last else 1))
        sense.full_clean()
        sense.save()
        if self.topic:
            sense.topics.add(self.topic)
        sense.sources.add(*map(cite, text.sources))
        write_examples(sense, text.examples)
        return sense

    def _add_aliases(self, term: Term, entry: Entry) -> None:
        for kind, name, _ in entry.aliases:
            Alias.objects.get_or_create(
                term=term,
                slug=slugify(name),
                language=term.language,
                defaults={"name": name, "kind": kind},
            )


def _target(term: Term, link: Link) -> Term:
    target: Term | None = Term.objects.at(*link.address(term.language)).first()
    if target is None:
        raise FormatError(link.line, f"no term “{link.name}”", "Relations name headwords exactly.")
    return target


def find_sense(term: Term, text: SenseText) -> Sense | None:
    """A sense known again by a source's address, or by its very text."""
    urls = [source.url for source in text.sources if source.url]
    by_address = term.senses.filter(sources__url__in=urls).first() if urls else None
    return by_address or term.senses.filter(definition=text.definition).first()


def says(sense: Sense, text: SenseText) -> bool:
    examples = list(sense.examples.values_list("text", flat=True))
    return sense.definition == text.definition and examples == [t for t, _ in text.examples]


def rewrite(sense: Sense, text: SenseText) -> None:
    sense.definition = text.definition
    sense.full_clean()
    sense.save()
    write_examples(sense, text.examples)
    sense.sources.add(*map(cite, text.sources))


def imported(one: int, other: int, kind: str) -> Relation:
    """A relation between two terms by their ids, as it will be stored."""
    relation = Relation(
        from_term_id=one, to_term_id=other, kind=kind, provenance=Relation.Provenance.IMPORT
    )
    relation.put_in_order()
    return relation


def link(term: Term, other: Term, kind: str) -> None:
    relation = imported(term.id, other.id, kind)
    Relation.objects.get_or_create(
        from_term_id=relation.from_term_id,
        to_term_id=relation.to_term_id,
        kind=kind,
        defaults={"provenance": relation.provenance},
    )
