"""Many new terms in few statements: for imports, where one at a time would take hours.

Whatever is in any way unusual is left to `writing.write`, which can tell what is wrong with it.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from django.core.exceptions import ValidationError
from django.utils import timezone

from terms.entry import Address, Citation, Entry, SenseText
from terms.models import Alias, Example, Relation, Sense, Source, Term, Topic
from terms.models.sense import SenseSource, SenseTopic
from terms.text import slugify
from terms.writing import cite, relation_of, sense_fields


class Unusual(Exception):
    """Left to the way of a single entry."""


@dataclass
class Rows:
    """What some entries become, in the order in which it can be written."""

    terms: list[Term] = field(default_factory=list)
    senses: list[Sense] = field(default_factory=list)
    examples: list[Example] = field(default_factory=list)
    topics: list[Any] = field(default_factory=list)
    sources: list[SenseSource] = field(default_factory=list)
    aliases: list[Alias] = field(default_factory=list)

    def __iadd__(self, other: "Rows") -> "Rows":
        for name, rows in vars(other).items():
            getattr(self, name).extend(rows)
        return self

    def write(self) -> None:
        Term.objects.bulk_create(self.terms)
        Sense.objects.bulk_create(self.senses)
        Example.objects.bulk_create(self.examples)
        SenseTopic.objects.bulk_create(self.topics)
        SenseSource.objects.bulk_create(self.sources)
        Alias.objects.bulk_create(self.aliases)


class Bulk:
    """Adds terms; topics and sources that were met are remembered."""

    def __init__(self) -> None:
        self.topics: dict[str, Topic] = {}
        self.sources: dict[Citation, Source] = {}

    def add(self, entries: Iterable[Entry]) -> dict[Address, int]:
        """The ids of the terms that were added, by address. The others were not.

        In the transaction of its caller: rows of a savepoint's count as another's, and every
        statement would touch each term anew.
        """
        listed = list(entries)
        said = Counter(sense.key for entry in listed for sense in entry.senses if sense.key)
        taken = set(Sense.objects.filter(key__in=said).values_list("key", flat=True))
        taken |= {key for key, count in said.items() if count > 1}
        rows = Rows()
        for entry in listed:
            if taken.isdisjoint(sense.key for sense in entry.senses):
                rows += self._rows(entry) or Rows()
        rows.write()
        return {Address(term.language, term.slug): term.pk for term in rows.terms}

    def _rows(self, entry: Entry) -> Rows | None:
        try:
            return self._checked(replace(entry, slug=entry.address.slug))
        except (Unusual, ValidationError):
            return None

    def _checked(self, entry: Entry) -> Rows:
        if entry.replaced_by or (entry.status in Term.PUBLIC and not entry.senses):
            raise Unusual
        term = Term(
            language=entry.language,
            slug=_normal(entry.slug),
            name=entry.name,
            status=entry.status,
            is_linked=entry.is_linked,
        )
        term.created_at = term.updated_at = timezone.now()  # plain values go in faster
        term.clean_fields(exclude={"replaced_by"})
        rows = Rows([term], aliases=_aliases(entry, term))
        for position, text in enumerate(entry.senses, 1):
            self._add(rows, term, position, text)
        return rows

    def _add(self, rows: Rows, term: Term, position: int, text: SenseText) -> None:
        sense = Sense(term=term, **sense_fields(text, position))
        sense.clean_fields(exclude={"term"})
        rows.senses.append(sense)
        for number, (content, source) in enumerate(text.examples, 1):
            example = Example(sense=sense, position=number, text=content, source=source)
            example.clean_fields(exclude={"sense"})
            rows.examples.append(example)
        for topic in {each.pk: each for each in map(self._topic, text.topics)}.values():
            rows.topics.append(SenseTopic(sense=sense, topic=topic))
        for source_row in {each.pk: each for each in map(self._source, text.sources)}.values():
            rows.sources.append(SenseSource(sense=sense, source=source_row))

    def _topic(self, name: str) -> Topic:
        slug = slugify(name)
        if slug not in self.topics:
            found = Topic.objects.filter(slug=slug).first()
            if found is None:
                raise Unusual
            self.topics[slug] = found
        return self.topics[slug]

    def _source(self, citation: Citation) -> Source:
        if citation not in self.sources:
            title, url, licence = citation
            Source(title=title, url=url, licence=licence).clean_fields()
            self.sources[citation] = cite(citation)
        return self.sources[citation]


def _aliases(entry: Entry, term: Term) -> list[Alias]:
    found: dict[str, Alias] = {}
    for position, text in enumerate(entry.aliases, 1):
        slug = _normal(text.address)
        if slug in found:
            raise Unusual
        said = {"slug": slug, "name": text.name, "kind": text.kind, "position": position}
        alias = Alias(term=term, language=entry.language, **said)
        alias.clean_fields(exclude={"term"})
        found[slug] = alias
    return list(found.values())


def _normal(slug: str) -> str:
    if slugify(slug) != slug:
        raise Unusual
    return slug


def relations(entry: Entry, term: int, ids: Mapping[tuple[str, str], int]) -> list[Relation] | None:
    """Those of a new term; None where one leads nowhere, or to the term itself."""
    found = []
    for link in entry.relations:
        other = ids.get(link.address(entry.language))
        if other is None or other == term:
            return None
        relation = relation_of(link, term, other)
        relation.put_in_order()
        found.append(relation)
    return found
