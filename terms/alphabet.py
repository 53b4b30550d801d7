"""The A–Z index: every public name and alias of a language, by letter, a page at a time."""

from dataclasses import dataclass
from typing import Any

from django.db.models import CharField, Count, F, QuerySet, TextField, Value
from django.db.models.functions import Cast, Concat, Left, Upper

from terms.models import Alias, Term
from terms.querysets import PUBLIC

OTHER = "#"  # stands for names that begin with no letter
_NO_LETTER = r"^[^[:alpha:]]"


@dataclass(frozen=True)
class Entry:
    """A line of the index: a headword, or an alias that points to one."""

    name: str
    target: str
    slug: str
    language: str
    cursor: str

    @property
    def is_alias(self) -> bool:
        return self.name != self.target


def letters(language: str) -> list[tuple[str, int]]:
    """First letters with the number of lines under each, in order; OTHER comes first."""
    counts: dict[str, int] = {}
    for names in _names(language):
        rows = names.values_list(Upper(Left("name_key", 1))).annotate(Count("id")).order_by()
        for first, count in rows:
            letter = first if first.isalpha() else OTHER
            counts[letter] = counts.get(letter, 0) + count
    return sorted(counts.items(), key=lambda row: (row[0] != OTHER, row[0]))


def letter_of(term: Term) -> str:
    """The letter that a headword stands under."""
    first = term.name_key[:1].upper()
    return first if first.isalpha() else OTHER


def entries(language: str, letter: str = "", after: str = "", limit: int = 100) -> list[Entry]:
    """Lines of the index in order, those after the cursor `after`, `limit` at the most."""
    terms, aliases = (_lines(names, letter, after) for names in _names(language))
    rows = terms.union(aliases, all=True).order_by("cursor")[:limit]
    return [
        Entry(row["name"], row["of"], row["at"], row["language"], row["cursor"]) for row in rows
    ]


def _names(language: str) -> tuple[QuerySet[Any], QuerySet[Any]]:
    terms = Term.objects.published().in_language(language).annotate(of=F("name"), at=F("slug"))
    aliases = (
        Alias.objects.exclude(kind=Alias.Kind.FORMER)
        .filter(language=language, term__status__in=PUBLIC)
        .annotate(of=F("term__name"), at=F("term__slug"))
    )
    return terms, aliases


def _lines(names: QuerySet[Any], letter: str, after: str) -> QuerySet[Any]:
    if letter == OTHER:
        names = names.filter(name_key__regex=_NO_LETTER)
    elif letter:
        names = names.filter(name_key__startswith=letter.lower())
    tab = Value("\t")
    cursor = Concat("name_key", tab, "at", tab, Cast("id", CharField()), output_field=TextField())
    names = names.annotate(cursor=cursor)
    if after:
        names = names.filter(cursor__gt=after)
    return names.order_by().values("name", "of", "at", "language", "cursor")
