"""Definitions are written in a subset of Markdown; here they become HTML or plain text."""

import re
from functools import lru_cache

import nh3
from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt
from markdown_it.token import Token

from terms import formulas

_MARKDOWN = MarkdownIt("commonmark", {"html": False, "linkify": False}).disable(
    ["image", "heading", "lheading", "hr", "html_block", "html_inline", "reference"]
)
formulas.read_dollars(_MARKDOWN)
_TAGS = {"a", "blockquote", "br", "code", "em", "li", "ol", "p", "pre", "strong", "ul"}
_MEANS_SOMETHING = re.compile(r"[\\`*_~\[\]<>&$]|^\s*(?:[-+#]|\d+(?=[.)]))", re.MULTILINE)


def _value(tag: str, attribute: str, value: str) -> str | None:
    """The attribute's value, None where it is not kept."""
    is_free = tag == "a" or attribute == "alttext"
    return value if is_free or formulas.VALUE.fullmatch(value) else None


_SANITISER = nh3.Cleaner(
    tags=_TAGS | formulas.ELEMENTS.keys(),
    attributes={"a": {"href"}} | formulas.ELEMENTS,
    attribute_filter=_value,
    set_tag_attribute_values={"pre": {"tabindex": "0"}},  # the keyboard scrolls what is too wide
    url_schemes={"http", "https", "mailto"},
    link_rel="nofollow noopener noreferrer",
)


@lru_cache(maxsize=4096)
def html(definition: str) -> SafeString:
    """Sanitised HTML of a definition, formulas as MathML. Raw HTML in it is shown as text."""
    rendered = _SANITISER.clean(_MARKDOWN.render(_readable(definition)))
    return mark_safe(rendered)  # noqa: S308 - nh3 has just reduced it to the tags above


@lru_cache(maxsize=4096)
def plain(definition: str) -> str:
    """The definition's words without markup, on one line: what is listed, searched and embedded.

    A formula is its LaTeX: what it is in signs alone would lose fractions and indices.
    """
    if _MEANS_SOMETHING.search(definition):
        definition = "".join(_words(_MARKDOWN.parse(_readable(definition))))
    return " ".join(definition.split())


def escaped(text: str) -> str:
    """Markdown that reads as `text` does: for definitions that come from plain text.

    >>> escaped("x * y < 3")
    'x \\\\* y \\\\< 3'
    """
    return _MEANS_SOMETHING.sub(_escape, text)


def _readable(definition: str) -> str:
    """The definition, or its text as it is where the marks leave no word of it.

    So it is with what is nested deeper than Markdown is read, and with a link without a text.
    """
    has_words = "".join(_words(_MARKDOWN.parse(definition))).strip()
    return definition if has_words else escaped(definition)


def _escape(sign: re.Match[str]) -> str:
    found = sign.group()
    return f"{found}\\" if found[-1].isdigit() else f"{found[:-1]}\\{found[-1]}"


def _words(tokens: list[Token]) -> list[str]:
    words = []
    for token in tokens:
        if token.children:
            words += _words(token.children)
        elif token.type in {"softbreak", "hardbreak"}:
            words.append(" ")
        else:
            words.append(f"{token.content} " if token.block else token.content)
    return words
