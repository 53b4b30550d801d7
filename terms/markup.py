"""Definitions are written in a subset of Markdown; here they become HTML or plain text."""

import re
from functools import lru_cache

import nh3
from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt
from markdown_it.token import Token

_MARKDOWN = MarkdownIt("commonmark", {"html": False, "linkify": False}).disable(
    ["image", "heading", "lheading", "hr", "html_block", "html_inline", "reference"]
)
_TAGS = {"a", "blockquote", "br", "code", "em", "li", "ol", "p", "pre", "strong", "ul"}
_ATTRIBUTES = {"a": {"href"}}
_SCHEMES = {"http", "https", "mailto"}
_MEANS_SOMETHING = re.compile(r"[\\`*_~\[\]<>&]|^\s*(?:[-+#]|\d+(?=[.)]))", re.MULTILINE)


@lru_cache(maxsize=4096)
def html(definition: str) -> SafeString:
    """Sanitised HTML of a definition. Raw HTML in it is shown as text."""
    rendered = nh3.clean(
        _MARKDOWN.render(definition),
        tags=_TAGS,
        attributes=_ATTRIBUTES,
        url_schemes=_SCHEMES,
        link_rel="nofollow noopener noreferrer",
    )
    return mark_safe(rendered)  # noqa: S308 - nh3 has just reduced it to the tags above


@lru_cache(maxsize=4096)
def plain(definition: str) -> str:
    """The definition's words without markup, on one line: what is listed, searched and embedded."""
    if _MEANS_SOMETHING.search(definition):
        definition = "".join(_words(_MARKDOWN.parse(definition)))
    return " ".join(definition.split())


def escaped(text: str) -> str:
    """Markdown that reads as `text` does: for definitions that come from plain text.

    >>> escaped("x * y < 3")
    'x \\\\* y \\\\< 3'
    """
    return _MEANS_SOMETHING.sub(_escape, text)


def _escape(sign: re.Match[str]) -> str:
    found = sign.group()
    return f"{found}\\" if found[-1].isdigit() else f"{found[:-1]}\\{found[-1]}"


def _words(tokens: list[Token]) -> list[str]:
    words = []
    for token in tokens:
        if token.children:
            words += _words(token.children)
        elif token.type in {"softbreak", "hardbreak"} or (token.nesting == -1 and token.block):
            words.append(" ")
        else:
            words.append(token.content)
    return words
