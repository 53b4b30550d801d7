"""Formulas in definitions: LaTeX between dollars becomes MathML, which browsers draw themselves."""

import re
from collections.abc import Sequence
from html import escape, unescape
from types import MappingProxyType
from typing import Any
from xml.etree.ElementTree import Element, tostring

from latex2mathml.converter import Converter
from markdown_it import MarkdownIt
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token
from mdit_py_plugins.dollarmath import dollarmath_plugin
from mdit_py_plugins.dollarmath.index import math_inline_dollar

LONGEST = 500  # characters; what nesting costs grows with the square of them

_SIZES = {"width", "height", "depth", "lspace", "voffset"}
_ELEMENTS: dict[str, set[str]] = {
    "math": {"alttext", "display", "tabindex"},
    "menclose": {"notation"},
    "mfrac": {"linethickness"},
    "mi": {"mathvariant"},
    "mn": {"mathvariant"},
    "mo": {
        "accent",
        "fence",
        "form",
        "largeop",
        "lspace",
        "maxsize",
        "minsize",
        "movablelimits",
        "rspace",
        "separator",
        "stretchy",
    },
    "mover": {"accent"},
    "mpadded": _SIZES,
    "mspace": _SIZES,
    "mstyle": {"displaystyle", "scriptlevel"},
    "mtable": {"columnalign", "columnlines", "rowlines"},
    "mtd": {"columnalign"},
    "mtext": {"mathvariant"},
    "munder": {"accentunder"},
}
_BARE = "mmultiscripts mphantom mprescripts mroot mrow msqrt msub msubsup msup mtr munderover"
ELEMENTS = _ELEMENTS | {bare: set[str]() for bare in _BARE.split()}  # with their attributes
# Of commands that lack an argument the converter makes elements that lack a child.
_CHILDREN = {"mfrac": 2, "mroot": 2, "msub": 2, "msup": 2, "mover": 2, "munder": 2}
_CHILDREN |= {"msubsup": 3, "munderover": 3}
# Words, a level, or a size below 10 em, so that no formula stretches the page.
VALUE = re.compile(r"[a-z]+(?:[ -][a-z]+)*|[-+]?\d?(?:\.\d{1,4})?(?:e[mx]|p[tx])?")

_dollars = math_inline_dollar(allow_space=False, allow_double=True)
_BEFORE = re.compile(r"[A-Za-z0-9_$]")  # as in US$; other scripts may have no spaces there
_AFTER = re.compile(r"[A-Z0-9_$]")  # as in $5-$10 and $HOME/$USER; “the $k$th” is a formula


def read_dollars(markdown: MarkdownIt) -> None:
    """Makes formulas part of what the parser knows."""
    dollarmath_plugin(markdown, allow_labels=False, allow_blank_lines=False)
    markdown.inline.ruler.at("math_inline", _formula)
    for kind in ("math_inline", "math_inline_double", "math_block"):
        markdown.add_render_rule(kind, _rendered)


def _formula(state: StateInline, silent: bool) -> bool:
    """The plugin's rule, but for dollars of prices, currencies and shells."""
    start = state.pos
    found = _dollars(state, True)
    end, state.pos = state.pos, start
    before, after = state.src[max(start - 1, 0) : start], state.src[end : end + 1]
    if not found or _BEFORE.match(before) or _AFTER.match(after):
        return False
    return _dollars(state, silent)


def _rendered(renderer: Any, tokens: Sequence[Token], at: int, options: Any, env: Any) -> str:
    token = tokens[at]
    source = f"{token.markup}{token.content}{token.markup}"
    html = mathml(token.content, token.markup == "$$") or f"<code>{escape(source)}</code>"
    return f"<p>{html}</p>\n" if token.block else html


def mathml(latex: str, display: bool = False) -> str:
    """The formula as MathML to be sanitised, empty where the LaTeX is wrong, too long or too deep.

    >>> mathml("1").partition(" alttext=")[2], mathml("{")
    ('"1"><mrow><mn>1</mn></mrow></math>', '')
    """
    found = tree(latex, display)
    return "" if found is None else tostring(found, encoding="unicode", short_empty_elements=False)


def tree(latex: str, display: bool = False) -> Element | None:
    """The same as elements, None where the LaTeX is wrong, too long or too deep."""
    if len(latex) > LONGEST:
        return None
    converter = Converter(display="block" if display else "inline")
    converter.macros = MappingProxyType({})  # type: ignore[assignment]  # macros multiply: none
    try:
        found = converter.convert_to_element(latex)
        found.set("alttext", " ".join(latex.split()))
        if display:
            found.set("tabindex", "0")  # so that the keyboard scrolls what is too wide
        return _checked(found)
    except Exception:  # whatever it is that the converter stumbles over
        return None


def _checked(tree: Element) -> Element | None:
    nodes = list(tree.iter())
    if any(len(node) != _CHILDREN.get(node.tag, len(node)) for node in nodes):
        return None
    for node in nodes:
        node.text = unescape(node.text or "")  # signs are there as references
    return tree
