"""Every text of the interface is marked, and each language of locale/ has all of them, compiled."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import polib
import pytest
from django.conf import settings
from django.template import Node
from django.template.loader import get_template
from django.templatetags.i18n import BlockTranslateNode, TranslateNode

from tests.test_architecture import ROOT, sources

TEMPLATES = ROOT / "templates"
CATALOGUES = sorted((ROOT / "locale").glob("*/LC_MESSAGES/django.po"))
MARKERS = {"_", "gettext", "gettext_lazy", "ngettext"}
# What is read alike in every language, and pages that are for editors or for machines.
NAMES = {"APA", "Atom", "BibTeX", "CSL", "Ctrl", "Feed", "JSON", "Lexispace", "Markdown"}
NOT_FOR_READERS = {"admin", "drf_spectacular", "robots.txt"}

IGNORED = re.compile(
    r"{% blocktranslate.*?{% endblocktranslate %}|{%.*?%}|{{.*?}}|{#.*?#}|<!DOCTYPE html>|<\?xml.*?\?>"
    r"|<(pre|code)\b.*?</\1>",
    re.DOTALL,
)
SAID_IN_ATTRIBUTES = re.compile(r'\b(?:aria-label|title|placeholder|alt)="([^"]*)"')
WORD = re.compile(r"[^\W\d_]{2,}")


def templates() -> list[Path]:
    paths = sorted(path for path in TEMPLATES.rglob("*.*") if path.suffix == ".html")
    return [path for path in paths if not NOT_FOR_READERS & {*path.parts, path.name}]


def unmarked(source: str) -> set[str]:
    """Words that a reader of the page sees and that no translator does.

    >>> sorted(unmarked('<p title="One">{% translate "two" %} three</p>'))
    ['One', 'three']
    """
    bare = IGNORED.sub(" ", source)
    said = [re.sub(r"<[^>]*>", " ", bare), *SAID_IN_ATTRIBUTES.findall(bare)]
    return {word for text in said for word in WORD.findall(text)} - NAMES


@pytest.mark.parametrize("path", templates(), ids=lambda path: str(path.relative_to(TEMPLATES)))
def test_each_text_of_a_template_is_marked(path: Path) -> None:
    assert unmarked(path.read_text()) == set()


def texts_of_templates() -> Iterator[str]:
    for path in templates():
        template = get_template(str(path.relative_to(TEMPLATES)))
        nodes: list[Node] = template.template.nodelist.get_nodes_by_type(Node)  # type: ignore[attr-defined]
        for node in nodes:
            if isinstance(node, BlockTranslateNode):
                yield node.render_token_list(node.singular)[0]
        yield from re.findall(r'{% translate "(.*?)"|\b_\("(.*?)"\)', path.read_text())


def texts_of_python() -> Iterator[str]:
    for path in sources():
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                if node.func.id in MARKERS and isinstance(node.args[0], ast.Constant):
                    yield str(node.args[0].value)
