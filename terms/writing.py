"""Makes a term say what an entry says, changing only the rows that differ.

Every way to write a whole term comes here: REST, proposals, imports, merging, restoring. What is
wrong is told of all fields at once, each by its path (`senses[0].definition`), and changes nothing.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import prefetch_related_objects

from terms.entry import AliasText, Citation, Entry, Link, SenseText
from terms.models import Alias, Example, Relation, Sense, Source, Term, Topic
from terms.models.relation import INVERSE, seen_from
from terms.text import slugify

M = TypeVar("M", bound=models.Model)
TURNED = {turned: kind for kind, turned in INVERSE.items()}  # as read from the other end
PARENT = {Sense: "term", Example: "sense", Alias: "term"}


class Refused(ValueError):
    """An entry that cannot be kept. `errors`: messages by the path of what is wrong."""

    def __init__(self, errors: dict[str, list[str]]) -> None:
        told = (f"{path}: {message}" for path, messages in errors.items() for message in messages)
        super().__init__("; ".join(told))
        self.errors = errors


@transaction.atomic
def write(entry: Entry, term: Term | None = None, *, make_topics: bool = False) -> Term:
    """The term, new unless given, made to say the whole of the entry.

    Former addresses stay. Topics are looked up by slug or name; unknown ones are made only where
    `make_topics` says so. Raises Refused.
    """
    term = write_words(entry, term, make_topics=make_topics)
    write_links(entry, term)
    return term


def write_words(entry: Entry, term: Term | None = None, *, make_topics: bool = False) -> Term:
    """All but what leads to other terms, which may not be there yet."""
    return _Words(entry, term or Term(), make_topics=make_topics).write()


def check(entry: Entry, term: Term | None = None) -> None:
    """Raises Refused for what is wrong with the words of the entry; writes nothing."""
    _Words(entry, Term.objects.get(pk=term.pk) if term else Term(), make_topics=False)


class _Words:
    """The rows that an entry becomes, checked before one of them is written.

    Those that say it already are neither checked nor written, so history tells of no change.
    """

    def __init__(self, entry: Entry, term: Term, *, make_topics: bool) -> None:
        self.entry = entry
        self.make_topics = make_topics
        self.errors: dict[str, list[str]] = {}
        self.changed: set[int] = set()  # by the id() of rows, as those that are new have no key
        self.term = self._valid(term, "", _term_fields(entry, term))
        self.stored = list(term.senses.all()) if term.pk else []
        self.senses = [
            self._valid(sense, f"senses[{n}].", sense_fields(text, n + 1))
            for n, (text, sense) in enumerate(paired(entry.senses, self.stored))
        ]
        self._check_senses()
        self.aliases = self._aliases()
        self.topics = [self._topics(text, n) for n, text in enumerate(entry.senses)]
        if self.errors:
            raise Refused(self.errors)

    def write(self) -> Term:
        self._save(self.term)
        for gone in [sense for sense in self.stored if sense not in self.senses]:
            gone.delete()
        for sense in self.senses:
            sense.term = self.term
            self._save(sense)
        prefetch_related_objects(self.senses, "examples", "topics", "sources")
        for sense, text, topics in zip(self.senses, self.entry.senses, self.topics, strict=True):
            write_examples(sense, text.examples)
            _put(sense.topics, topics)
            if {(each.title, each.url) for each in sense.sources.all()} != _cited(text):
                _put(sense.sources, map(cite, text.sources))
        self._write_aliases()
        return self.term

    def _save(self, row: models.Model) -> None:
        if id(row) in self.changed:
            row.save()

    def _valid(self, row: M, path: str, values: dict[str, Any]) -> M:
        """The row with these values; what is wrong with them is noted under the path."""
        before = {name: getattr(row, name) for name in values} if row.pk else None
        if before == values:
            return row
        for name, value in values.items():
            setattr(row, name, value)
        with self._noting(path):
            row.full_clean(exclude={PARENT.get(type(row), ""), "position"})
        if before != {name: getattr(row, name) for name in values}:
            self.changed.add(id(row))
        return row

    @contextmanager
    def _noting(self, path: str) -> Iterator[None]:
        try:
            yield
        except ValidationError as error:
            for name, messages in error.message_dict.items():
                whole = path.rstrip(".") if name == "__all__" else path + name
                self.errors.setdefault(whole, []).extend(messages)

    def _note(self, path: str, message: str) -> None:
        self.errors.setdefault(path, []).append(message)

    def _check_senses(self) -> None:
        if not self.entry.senses and self.entry.status in Term.PUBLIC:
            self._note("senses", "A public term has one sense or more.")
        for n, text in enumerate(self.entry.senses):
            for k, (content, source) in enumerate(text.examples):
                example = Example(position=k + 1)
                values = {"text": content, "source": source}
                self._valid(example, f"senses[{n}].examples[{k}].", values)
            for k, (title, url, licence) in enumerate(text.sources):
                values = {"title": title, "url": url, "licence": licence}
                with self._noting(f"senses[{n}].sources[{k}]."):
                    Source(**values).clean_fields()

    def _aliases(self) -> dict[str, AliasText]:
        """The wanted ones by address."""
        wanted: dict[str, AliasText] = {}
        for n, text in enumerate(self.entry.aliases):
            values = {"kind": text.kind, "name": text.name, "slug": text.address}
            self._valid(Alias(language=self.entry.language), f"aliases[{n}].", values)
            if text.address in wanted:
                self._note(f"aliases[{n}].name", "This name is there already.")
            wanted[text.address] = text
        return wanted

    def _topics(self, text: SenseText, number: int) -> list[Topic]:
        found = {name: _topic(name, make=self.make_topics) for name in text.topics}
        for k, name in enumerate(text.topics):
            if found[name] is None:
                self._note(f"senses[{number}].topics[{k}]", f"There is no topic “{name}”.")
        return [topic for topic in found.values() if topic]

    def _write_aliases(self) -> None:
        stored = {alias.slug: alias for alias in self.term.aliases.all()}
        for slug, alias in stored.items():
            if slug not in self.aliases and alias.kind != Alias.Kind.FORMER:
                alias.delete()
        for position, (slug, text) in enumerate(self.aliases.items(), 1):
            alias = stored.get(slug) or Alias(term=self.term, slug=slug)
            said = (text.kind, text.name, position)
            if alias.pk is None or (alias.kind, alias.name, alias.position) != said:
                alias.kind, alias.name, alias.position = said
                alias.save()


def _term_fields(entry: Entry, term: Term) -> dict[str, Any]:
    """`replaced_by` is a link, and waits for those; only one that may not stay goes now."""
    fields: dict[str, Any] = {
        "name": entry.name,
        "language": entry.language,
        "slug": entry.slug or term.slug,
        "status": entry.status,
        "is_linked": entry.is_linked,
    }
    return fields if entry.replaced_by else fields | {"replaced_by_id": None}


def sense_fields(text: SenseText, position: int) -> dict[str, Any]:
    """The columns of the sense that says the text; its key where the text names one."""
    fields = {
        "position": position,
        "definition": text.definition,
        "part_of_speech": text.part_of_speech,
        "register": text.register,
    }
    return fields | ({"key": text.key} if text.key else {})


def paired(texts: Sequence[SenseText], stored: Sequence[Sense]) -> list[tuple[SenseText, Sense]]:
    """Each text with the sense that it becomes: by key, then by what it says, then by its place.

    One with a key that no sense of the term has is new, as is one for which none is left.
    """
    free = list(stored)
    found: dict[int, Sense] = {}

    def take(n: int, fits: Any) -> None:
        if n not in found and (sense := next(filter(fits, free), None)):
            found[n] = sense
            free.remove(sense)

    for n, text in enumerate(texts):
        take(n, lambda sense, text=text: text.key == sense.key)
    for n, text in enumerate(texts):
        take(n, lambda sense, text=text: not text.key and text.definition == sense.definition)
    for n, text in enumerate(texts):
        take(n, lambda sense, text=text, n=n: not text.key and sense.position == n + 1)
    return [(text, found.get(n) or Sense()) for n, text in enumerate(texts)]


def _cited(text: SenseText) -> set[tuple[str, str]]:
    return {(citation.title, citation.url) for citation in text.sources}


def _put(held: Any, wanted: Iterable[models.Model]) -> None:
    """Makes a sense hold just these, without reading again what it holds."""
    before, after = set(held.all()), set(wanted)
    held.remove(*before - after)
    held.add(*after - before)


def write_examples(sense: Sense, texts: Sequence[tuple[str, str]]) -> None:
    """Makes the sense's examples these (text, source)."""
    stored = list(sense.examples.all())
    for position, (text, source) in enumerate(texts, 1):
        free = len(stored) < position
        example = Example(sense=sense, position=position) if free else stored[position - 1]
        if example.pk is None or (example.text, example.source) != (text, source):
            example.text, example.source = text, source
            example.save()
    for gone in stored[len(texts) :]:
        gone.delete()


def write_links(
    entry: Entry, term: Term, *, drop: Callable[[Relation], object] = Relation.delete
) -> None:
    """What leads to other terms, when all of them are there. Raises Refused.

    Relations that the entry does not say are given to `drop`.
    """
    errors: dict[str, list[str]] = {}
    wanted: dict[tuple[str, int], Link] = {}
    ids = Term.objects.ids_at({link.address(term.language) for link in entry.relations})
    for n, link in enumerate(entry.relations):
        found = ids.get(link.address(term.language))
        if fault := fault_of(link, found, term):
            errors[f"relations[{n}].term"] = [fault]
        elif found:
            wanted[link.kind, found] = link
    successor = _successor(entry, term, errors)
    if errors:
        raise Refused(errors)
    _write_relations(term, wanted, drop)
    if successor != term.replaced_by:
        term.replaced_by = successor
        term.save()


def fault_of(link: Link, found: int | None, term: Term | None) -> str:
    """Why a link of the term cannot lead to the one found at its address; nothing if it can."""
    if found is None:
        return f"There is no term “{link.name or link.slug}”."
    return "A term is not related to itself." if term and found == term.pk else ""


def _successor(entry: Entry, term: Term, errors: dict[str, list[str]]) -> Term | None:
    if entry.replaced_by is None:
        return None
    found: Term | None = Term.objects.at(*entry.replaced_by).first()
    if found is None:
        errors["replaced_by"] = [f"There is no term at {entry.replaced_by}."]
    elif found == term:
        errors["replaced_by"] = ["A term cannot replace itself."]
    elif entry.status != Term.Status.DEPRECATED:
        errors["replaced_by"] = ["Only a deprecated term is replaced by another."]
    return found


def _write_relations(
    term: Term, wanted: dict[tuple[str, int], Link], drop: Callable[[Relation], object]
) -> None:
    for relation in Relation.objects.of(term):
        if wanted.pop(seen_from(term.pk, relation), None) is None:
            drop(relation)
    for (_, other), link in wanted.items():
        relation_of(link, term.pk, other).save()


def relation_of(link: Link, term: int, other: int) -> Relation:
    """The relation that a link of the term makes it have to another."""
    ends = (term, other) if link.kind not in TURNED else (other, term)
    return Relation(
        from_term_id=ends[0],
        to_term_id=ends[1],
        kind=TURNED.get(link.kind, link.kind),
        provenance=link.provenance,
        score=link.score,
        model=link.model,
    )


def cite(citation: Citation) -> Source:
    """The source, made unless it is there; what is said of its licence stays as it is."""
    source, _ = Source.objects.get_or_create(
        title=citation.title, url=citation.url, defaults={"licence": citation.licence}
    )
    return source


def _topic(name: str, *, make: bool) -> Topic | None:
    found = Topic.objects.filter(slug=slugify(name)).first()
    return found if found or not make else Topic.objects.create(name=name)
