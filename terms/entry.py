"""An entry as a value: all that is said of one headword. Files are read into it, and forms, REST,
proposals, drafts and releases speak of it; `terms/writing.py` makes a term say what it says.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from django.db.models import Prefetch

from terms.models import Alias, Relation, Sense, Source, Term
from terms.querysets import TermQuerySet
from terms.text import slugify

CHUNK = 500  # terms that are read at a time


class Address(NamedTuple):
    language: str
    slug: str

    def __str__(self) -> str:
        return f"{self.language}/{self.slug}"


class Citation(NamedTuple):
    title: str
    url: str = ""
    licence: str = ""


class AliasText(NamedTuple):
    """A slug is said only where it is not what the name makes."""

    kind: str
    name: str
    slug: str = ""

    @property
    def address(self) -> str:
        return self.slug or slugify(self.name)


@dataclass
class Link:
    """A relation as read at the entry: “narrower” and “uses” are said as such.

    What it leads to is named by a headword of the entry's language, or by language and slug.
    """

    kind: str
    name: str
    language: str = ""
    slug: str = ""
    provenance: str = Relation.Provenance.EDITOR
    score: float | None = None
    model: str = ""
    line: int = field(default=0, compare=False)

    def address(self, language: str) -> Address:
        """Where it leads, read in an entry of that language."""
        return Address(self.language or language, self.slug or slugify(self.name))


@dataclass
class SenseText:
    """A sense. Without a key it is known again by what it says, or by its place."""

    definition: str
    examples: list[tuple[str, str]] = field(default_factory=list)  # (text, source)
    part_of_speech: str = ""
    register: str = ""
    sources: list[Citation] = field(default_factory=list)
    topics: list[str] = field(default_factory=list)  # slugs or names
    key: str = ""
    line: int = field(default=0, compare=False)


@dataclass
class Entry:
    """A headword with its senses in order, its other names and its relations."""

    name: str
    slug: str = ""
    language: str = "en"
    senses: list[SenseText] = field(default_factory=list)
    aliases: list[AliasText] = field(default_factory=list)
    relations: list[Link] = field(default_factory=list)
    status: str = Term.Status.PUBLISHED
    replaced_by: Address | None = None
    is_linked: bool = True
    line: int = field(default=0, compare=False)

    @property
    def address(self) -> Address:
        return Address(self.language, self.slug or slugify(self.name))


def entry_of(term: Term) -> Entry:
    """The term as it is stored now."""
    return next(entries_of(Term.objects.filter(pk=term.pk)))


def entries_of(terms: TermQuerySet) -> Iterator[Entry]:
    """The terms as they are stored, in the order of the queryset, CHUNK of them at a time."""
    return map(as_entry, whole(terms).iterator(CHUNK))


def with_parts(terms: TermQuerySet) -> TermQuerySet:
    """With their senses, and what belongs to these."""
    senses = Sense.objects.order_by("position").prefetch_related("examples", "topics", "sources")
    return terms.prefetch_related(Prefetch("senses", senses))


def lend(read: Term, term: Term) -> None:
    """Gives the term the senses that were read `with_parts` before, if they are still those.

    They are while the version is: every change of a row counts that of its term up.
    """
    if (read.pk, read.version) == (term.pk, term.version):
        vars(term)["_prefetched_objects_cache"] = {"senses": read.senses.all()}


def whole(terms: TermQuerySet) -> TermQuerySet:
    """With every row that an entry is made of."""
    return with_parts(terms.select_related("replaced_by")).prefetch_related(
        "aliases",
        "relations_out__to_term",
        "relations_in__from_term",
    )


def by_address(terms: Iterable[Term]) -> dict[Address, Term]:
    return {Address(term.language, term.slug): term for term in terms}


def as_entry(term: Term) -> Entry:
    """The term with its rows as they were read, without another query where they all were."""
    replaced_by = term.replaced_by
    return Entry(
        name=term.name,
        slug=term.slug,
        language=term.language,
        senses=[_sense(sense) for sense in term.senses.all()],
        aliases=in_order(term.aliases.all()),
        relations=sorted(_links(term), key=place_of),
        status=term.status,
        replaced_by=Address(replaced_by.language, replaced_by.slug) if replaced_by else None,
        is_linked=term.is_linked,
    )


def _sense(sense: Sense) -> SenseText:
    return SenseText(
        definition=sense.definition,
        examples=[(example.text, example.source) for example in sense.examples.all()],
        part_of_speech=sense.part_of_speech,
        register=sense.register,
        sources=sorted(map(citation_of, sense.sources.all())),
        topics=sorted(topic.slug for topic in sense.topics.all()),
        key=sense.key,
    )


def citation_of(source: Source) -> Citation:
    return Citation(source.title, source.url, source.licence)


def in_order(aliases: Iterable[Any]) -> list[AliasText]:
    """Aliases as they are stored, or as they were recorded; former addresses at the end."""

    def place(alias: Any) -> tuple[bool, int, str, str]:
        return alias.kind == Alias.Kind.FORMER, alias.position, alias.kind, alias.name

    return [_alias(alias) for alias in sorted(aliases, key=place)]


def _alias(alias: Any) -> AliasText:
    plain = slugify(alias.name) == alias.slug
    return AliasText(alias.kind, alias.name, "" if plain else alias.slug)


def place_of(link: Link) -> tuple[str, str, str]:
    """Where a relation stands among those of its entry."""
    return link.kind, link.language, link.slug


def _links(term: Term) -> Iterable[Link]:
    for relation in [*term.relations_out.all(), *term.relations_in.all()]:
        other = relation.other_end(term)
        yield Link(
            relation.kind_seen_from(term),
            other.name,
            other.language,
            other.slug,
            relation.provenance,
            relation.score,
            relation.model,
        )


def says(stored: Entry, entry: Entry) -> bool:
    """Whether a term that is stored as the one would stay as it is, were it written as the other.

    Keys that are left out, names for topics and the order of what has none make no difference; nor
    does what is not said by entries: former addresses, where a relation came from, licences.
    """
    return (
        _said(stored) == _said(entry)
        and _has_aliases(stored, entry)
        and len(stored.senses) == len(entry.senses)
        and all(map(_means, stored.senses, entry.senses))
    )


def _has_aliases(stored: Entry, entry: Entry) -> bool:
    there, said = (list(map(_named, each.aliases)) for each in (stored, entry))
    return said == [each for each in there if each.kind != Alias.Kind.FORMER or each in said]


def _means(sense: SenseText, text: SenseText) -> bool:
    return text.key in {"", sense.key} and _meant(sense) == _meant(text)


def _said(entry: Entry) -> tuple[object, ...]:
    links = {(link.kind, link.address(entry.language)) for link in entry.relations}
    return entry.name, entry.language, entry.status, entry.is_linked, entry.replaced_by, links


def _named(alias: AliasText) -> AliasText:
    return alias._replace(slug=alias.address)


def _meant(text: SenseText) -> tuple[object, ...]:
    sources = {(source.title, source.url) for source in text.sources}
    return (
        text.definition,
        text.examples,
        text.part_of_speech,
        text.register,
        sources,
        set(map(slugify, text.topics)),
    )
