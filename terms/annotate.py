"""Terms that a definition mentions become links, when a page is read: nothing is kept."""

import re
from collections.abc import Collection, Iterator, Sequence
from html import escape, unescape

from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe

from terms.mentions import Names, look_up, mentions
from terms.models import Sense, Term

_TAG = re.compile(r'(<(?:[^<>"]|"[^"]*")*>)')
_NOT_INSIDE = re.compile(r"</?(?:a|code|math|pre)\b")
_HREF = re.compile(r'<a [^>]*?\bhref="([^"]*)"')


def annotated(term: Term) -> list[Sense]:
    """The term's senses with `linked_html`: each term is linked once, itself never. One query.

    Uses the prefetched senses and aliases.
    """
    senses = list(term.senses.all())
    fragments = [sense.definition_html for sense in senses]
    texts = [text for html in fragments for text in linkable(html)]
    own = addresses_of(term)
    for sense, html in zip(
        senses, linked(fragments, look_up(texts, term.language), own), strict=True
    ):
        sense.linked_html = html
    return senses


def addresses_of(term: Term) -> list[str]:
    """Where a reader of the term's page is already, by name or by an alias that others share."""
    slugs = [term.slug, *(alias.slug for alias in term.shown_aliases)]
    return [reverse("term", args=[term.language, slug]) for slug in slugs]


def linkable(html: str) -> Iterator[str]:
    """The texts of sanitised HTML in which a link may stand.

    >>> list(linkable("<p>a &lt; <em>b</em> <code>c</code></p>"))
    ['a < ', 'b', ' ']
    """
    return (unescape(piece) for piece, may_link in _pieces(html) if may_link and piece)


def linked(fragments: Sequence[str], names: Names, own: Collection[str] = ()) -> list[SafeString]:
    """Pieces of sanitised HTML, in which the first mention of each target is a link.

    Nothing is linked inside links, code and formulas, and nothing to the addresses in `own` or to
    where a link leads already.

    >>> from terms.mentions import Target
    >>> linked(["<p>A net of nets</p>"], {"net": Target((1,), "/en/define/net")})
    ['<p>A <a class="mention" href="/en/define/net">net</a> of nets</p>']
    """
    seen = {"", *own}
    return [mark_safe("".join(_linked(html, names, seen))) for html in fragments]  # noqa: S308 - the texts are escaped, the tags are those of the sanitised HTML


def _linked(html: str, names: Names, seen: set[str]) -> Iterator[str]:
    for piece, may_link in _pieces(html):
        if may_link:
            yield from _with_links(unescape(piece), names, seen)
        else:
            seen.update(map(unescape, _HREF.findall(piece)))
            yield piece


def _with_links(text: str, names: Names, seen: set[str]) -> Iterator[str]:
    done = 0
    for start, end, target in mentions(text, names):
        if target.url not in seen:
            seen.add(target.url)
            yield escape(text[done:start], quote=False)
            name = escape(text[start:end], quote=False)
            yield f'<a class="mention" href="{escape(target.url)}">{name}</a>'
            done = end
    yield escape(text[done:], quote=False)


def _pieces(html: str) -> Iterator[tuple[str, bool]]:
    """Tags and texts in turn, and whether links may be put there."""
    depth = 0
    for place, piece in enumerate(_TAG.split(html)):
        is_tag = place % 2 == 1
        if is_tag and _NOT_INSIDE.match(piece):
            depth += -1 if piece.startswith("</") else 1
        yield piece, not is_tag and not depth
