"""An entry as Markdown, to be pasted into notes: definitions as stored, all else escaped."""

import re
from collections.abc import Iterable, Iterator
from typing import Any

from django.utils.formats import date_format
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from terms.addresses import absolute
from terms.markup import escaped
from terms.models import Glossary, Sense, Source, Term

CLOSING = re.compile(r"(?<=\s)(?=#+$)")


def written(term: Term, relations: Iterable[dict[str, Any]], glossary: Glossary) -> str:
    """The whole entry. Uses prefetched senses and aliases; relations as on the term's page."""
    blocks = [heading(term.name), *_aliases(term)]
    blocks += [escaped(term.deprecation)] if term.deprecation else []
    senses = term.senses.all()
    for sense in senses:
        blocks += _sense(sense, numbered=len(senses) > 1)
    blocks += [_relation(relation) for relation in relations]
    return "\n\n".join([*blocks, _colophon(term, glossary)]) + "\n"


def heading(text: str) -> str:
    """A heading; number signs that end the text would be taken for the heading's own end."""
    return "# " + CLOSING.sub(r"\\", escaped(text))


def _aliases(term: Term) -> Iterator[str]:
    if term.shown_aliases:
        names = _(", ").join(escaped(alias.name) for alias in term.shown_aliases)
        yield _("Also: %(names)s") % {"names": names}


def _sense(sense: Sense, *, numbered: bool) -> Iterator[str]:
    labels = " · ".join(escaped(part) for part in (sense.part_of_speech, sense.register) if part)
    if head := " ".join(filter(None, [f"{sense.position}." if numbered else "", labels])):
        yield f"## {head}"
    yield sense.definition
    for example in sense.examples.all():
        yield quoted(example.text, example.source)
    for source in sense.sources.all():
        yield _("Source: %(source)s") % {"source": _source(source)}


def quoted(text: str, source: str = "") -> str:
    """A quotation of plain text, its source under it.

    >>> print(quoted("One *line*.\\n\\nAnother.", "A book"))
    > One \\*line\\*.
    >
    > Another.
    >
    > — A book
    """
    lines = [*escaped(text).split("\n"), *(["", f"— {escaped(source)}"] if source else [])]
    return "\n".join(f"> {line}".rstrip() for line in lines)


def link(text: str, address: str) -> str:
    """A link; its address stands in angle brackets, so that parentheses in it do not end it.

    >>> print(link("f(x) [sic]", "https://example.org/f_(x)"))
    [f(x) \\[sic\\]](<https://example.org/f_(x)>)
    """
    return f"[{escaped(text)}](<{address}>)"


def _source(source: Source) -> str:
    title = link(source.title, source.url) if source.url else escaped(source.title)
    return f"{title} ({escaped(source.licence)})" if source.licence else title


def _relation(relation: dict[str, Any]) -> str:
    terms = [row["term"] for row in relation["terms"]]
    links = [link(term.name, absolute(term.get_absolute_url())) for term in terms]
    return f"{capfirst(relation['label'])}: {_(', ').join(links)}"


def _colophon(term: Term, glossary: Glossary) -> str:
    address = absolute(term.get_absolute_url())
    about = {"glossary": escaped(glossary.name), "day": date_format(term.updated_at, "DATE_FORMAT")}
    said = _("From %(glossary)s, changed %(day)s:") % about + f" <{address}>"
    licence = _("Licence: %(licence)s") % {"licence": escaped(glossary.licence)}
    return f"{said}\n\n{licence}" if glossary.licence else said
