"""Tables in definitions, as on GitHub: sanitised, each in a box that scrolls when too wide."""

from collections.abc import Sequence
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.token import Token

# Tags with their attributes. The sides are named by data, because styles are not let through.
ELEMENTS: dict[str, set[str]] = {
    "div": set(),
    "table": set(),
    "thead": set(),
    "tbody": set(),
    "tr": set(),
    "th": {"data-align"},
    "td": {"data-align"},
}


def read_pipes(markdown: MarkdownIt) -> None:
    """Makes tables part of what the parser knows."""
    markdown.enable("table")
    for kind in ("table_open", "table_close", "th_open", "td_open"):
        markdown.add_render_rule(kind, _rendered)


def _rendered(renderer: Any, tokens: Sequence[Token], at: int, options: Any, env: Any) -> str:
    token = tokens[at]
    if token.type == "table_open":
        return "<div><table>\n"
    if token.type == "table_close":
        return "</table></div>\n"
    side = str(token.attrGet("style") or "").removeprefix("text-align:")
    return f'<{token.tag} data-align="{side}">' if side else f"<{token.tag}>"


def separator(before: str, here: str) -> str:
    """What stands between the cells and rows of a table on one line, by the types of two tokens.

    >>> separator("td_close", "td_open"), separator("tr_close", "tr_open")
    (', ', '; ')
    """
    if here in {"td_open", "th_open"}:
        return "" if before == "tr_open" else ", "
    if here == "tr_open":
        return "" if before == "thead_open" else "; "
    return ". " if here == "table_close" else ""
