"""Definitions are written in a subset of Markdown; here they become HTML or plain text."""

import re
from collections.abc import Callable, Sequence
from functools import lru_cache
from itertools import pairwise

import nh3
from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt
from markdown_it.token import Token

from terms import formulas, linear, tables

_MARKDOWN = MarkdownIt("commonmark", {"html": False, "linkify": False}).disable(
    ["image", "heading", "lheading", "hr", "html_block", "html_inline", "reference"]
)
formulas.read_dollars(_MARKDOWN)
tables.read_pipes(_MARKDOWN)
_TAGS = {"a", "blockquote", "br", "code", "em", "li", "ol", "p", "pre", "strong", "ul"}
_MEANS_SOMETHING = re.compile(r"[\\`*_~\[\]<>&$|]|^\s*(?:[-+#]|\d+(?=[.)]))", re.MULTILINE)


def _value(tag: str, attribute: str, value: str) -> str | None:
    """The attribute's value, None where it is not kept."""
    is_free = tag == "a" or attribute == "alttext"
    return value if is_free or formulas.VALUE.fullmatch(value) else None


_SANITISER = nh3.Cleaner(
    tags=_TAGS | formulas.ELEMENTS.keys() | tables.ELEMENTS.keys(),
    attributes={"a": {"href"}} | formulas.ELEMENTS | tables.ELEMENTS,
    attribute_filter=_value,
    # What is too wide is scrolled by the keyboard too.
    set_tag_attribute_values={"pre": {"tabindex": "0"}, "div": {"tabindex": "0"}},
    url_schemes={"http", "https", "mailto"},
    link_rel="nofollow noopener noreferrer",
)


@lru_cache(maxsize=4096)
def html(definition: str) -> SafeString:
    """Sanitised HTML of a definition, formulas as MathML. Raw HTML in it is shown as text."""
    drawn = _MARKDOWN.renderer.render(_parsed(definition), _MARKDOWN.options, {})
    rendered = _SANITISER.clean(drawn)
    return mark_safe(rendered)  # noqa: S308 - nh3 has just reduced it to the tags above


@lru_cache(maxsize=4096)
def plain(definition: str) -> str:
    """The definition's words without markup, on one line: what is searched and embedded.

    A formula is its LaTeX: what it is in signs alone would lose fractions and indices.
    """
    return _on_one_line(definition, str)


@lru_cache(maxsize=4096)
def line(definition: str) -> str:
    """The same for readers, who get a formula as a line of signs.

    >>> line(r"With $\\frac{1}{n}$ of *it*."), plain(r"With $\\frac{1}{n}$ of *it*.")
    ('With 1/n of it.', 'With \\\\frac{1}{n} of it.')
    """
    return _on_one_line(definition, linear.written) if "$" in definition else plain(definition)


def _on_one_line(definition: str, formula: Callable[[str], str]) -> str:
    if _MEANS_SOMETHING.search(definition):
        definition = "".join(_words(_parsed(definition), formula))
    return " ".join(definition.split())


def escaped(text: str) -> str:
    """Markdown that reads as `text` does: for definitions that come from plain text.

    >>> escaped("x * y < 3")
    'x \\\\* y \\\\< 3'
    """
    return _MEANS_SOMETHING.sub(_escape, text)


def _parsed(definition: str) -> list[Token]:
    """The definition as it is read, or its text as it is where the marks leave no word of it.

    So it is with what is nested deeper than Markdown is read, and with a link without a text.
    """
    tokens = _MARKDOWN.parse(definition)
    return tokens if _has_words(tokens) else _MARKDOWN.parse(escaped(definition))


def _has_words(tokens: Sequence[Token]) -> bool:
    return any(
        _has_words(token.children) if token.children else token.content.strip() for token in tokens
    )


def _escape(sign: re.Match[str]) -> str:
    found = sign.group()
    return f"{found}\\" if found[-1].isdigit() else f"{found[:-1]}\\{found[-1]}"


def _words(tokens: Sequence[Token], formula: Callable[[str], str] = str) -> list[str]:
    words = []
    for before, token in pairwise([Token("", "", 0), *tokens]):
        if token.children:
            words += _words(token.children, formula)
        elif token.tag in tables.ELEMENTS:
            words.append(tables.separator(before.type, token.type))
        elif token.type in {"softbreak", "hardbreak"}:
            words.append(" ")
        else:
            text = formula(token.content) if token.type.startswith("math") else token.content
            words.append(f"{text} " if token.block else text)
    return words
