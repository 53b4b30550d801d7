"""Every text of the interface is marked, and each language in locale/ has all of them, compiled."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import polib
import pytest
from django.conf import settings
from django.template import Node
from django.template.loader import get_template
from django.templatetags.i18n import BlockTranslateNode

from tests.test_architecture import ROOT, sources

TEMPLATES = ROOT / "templates"
CATALOGUES = sorted((ROOT / "locale").glob("*/LC_MESSAGES/django.po"))
REMEDY = "run: make messages"
# What is read alike in every language, and pages that are for editors or for machines.
NAMES = {"APA", "Atom", "BibTeX", "CSL", "Chicago", "Ctrl", "Feed", "JSON", "Lexispace", "MLA"}
NAMES |= {"Lines", "Markdown", "SHA"}
NOT_FOR_READERS = {"admin", "drf_spectacular", "second_reader.html"}

MARKED = r"{% blocktranslate.*?{% endblocktranslate %}"
NO_TEXT = r"{%.*?%}|{{.*?}}|{#.*?#}|<!DOCTYPE html>|<(pre|code|kbd)\b.*?</\1>"
SAID = re.compile(r'\b(?:aria-label|title|placeholder|alt)="([^"]*)"')
TAG_OR_ATTRIBUTE = re.compile(r'<[^>]*>|[\w-]+="[^"]*"')
WORD = re.compile(r"[^\W\d_]{2,}")
TRANSLATE = re.compile(r"""(?:{% translate |\b_\()(["'])(.*?)\1""")


def templates() -> list[Path]:
    return [
        path for path in sorted(TEMPLATES.rglob("*.html")) if not NOT_FOR_READERS & {*path.parts}
    ]


def unmarked(source: str) -> set[str]:
    """Words that a reader of the page sees and that no translator does.

    >>> sorted(unmarked('<p class="a" title="One">{% translate "two" %} three</p>'))
    ['One', 'three']
    """
    bare = re.sub(f"{MARKED}|{NO_TEXT}", " ", source, flags=re.DOTALL)
    said = [TAG_OR_ATTRIBUTE.sub(" ", bare), *SAID.findall(bare)]
    return {word for text in said for word in WORD.findall(text)} - NAMES


@pytest.mark.parametrize("path", templates(), ids=lambda path: str(path.relative_to(TEMPLATES)))
def test_each_text_of_a_template_is_marked(path: Path) -> None:
    assert unmarked(path.read_text()) == set()


def texts_of_templates() -> Iterator[str]:
    for path in templates():
        found: Any = get_template(str(path.relative_to(TEMPLATES)))
        for node in found.template.nodelist.get_nodes_by_type(Node):
            if isinstance(node, BlockTranslateNode):
                yield node.render_token_list(node.singular)[0]
        found = TRANSLATE.findall(path.read_text())
        yield from (text.replace("%", "%%") for _, text in found)  # as Django looks them up


def texts_of_python() -> Iterator[str]:
    for path in sources():
        for node in ast.walk(ast.parse(path.read_text())):
            match node:
                case ast.Call(
                    func=ast.Name(id="_" | "gettext" | "gettext_lazy" | "ngettext"),
                    args=[ast.Constant(value=str(text)), *_],
                ):
                    yield text


@pytest.mark.parametrize("path", CATALOGUES, ids=lambda path: path.parent.parent.name)
def test_each_language_has_every_text(path: Path) -> None:
    catalogue = {entry.msgid for entry in polib.pofile(str(path))}
    assert {*texts_of_templates(), *texts_of_python()} - catalogue == set(), REMEDY


@pytest.mark.parametrize("path", CATALOGUES, ids=lambda path: path.parent.parent.name)
def test_each_text_is_translated_with_its_places(path: Path) -> None:
    """The first and last plural forms stand for counts that have to be named in some languages."""
    for entry in polib.pofile(str(path)):
        forms = list(entry.msgstr_plural.values()) if entry.msgid_plural else [entry.msgstr]
        assert all(forms), entry.msgid
        assert not entry.fuzzy, entry.msgid
        wanted = places(entry.msgid_plural or entry.msgid)
        assert all(places(form) <= wanted for form in forms), entry.msgid
        assert places(forms[-1]) == wanted, entry.msgid


def places(text: str) -> set[str]:
    """The variables and the tags of a text."""
    return {*re.findall(r"%\(\w+\)[sd]", text), *re.findall(r"</?\w+", text)}


@pytest.mark.parametrize("path", CATALOGUES, ids=lambda path: path.parent.parent.name)
def test_what_is_compiled_is_what_is_written(path: Path) -> None:
    def texts(catalogue: Any) -> dict[Any, Any]:
        return {(each.msgctxt, each.msgid): each.msgstr_plural or each.msgstr for each in catalogue}

    written, compiled = polib.pofile(str(path)), polib.mofile(str(path.with_suffix(".mo")))
    assert texts(compiled) == texts(written), REMEDY


def test_the_languages_of_the_settings_are_those_of_locale() -> None:
    known = {path.parent.parent.name for path in CATALOGUES} | {settings.LANGUAGE_CODE}
    assert {tag for tag, _ in settings.LANGUAGES} == known


PHYSICAL = re.compile(
    r"(?:margin|padding|border)-(?:left|right|top|bottom)\b"
    r"|(?:^|[\s;{])(?:left|right|top|bottom|width|height|(?:min|max)-(?:width|height))\s*:(?!.*\{)"
    r"|(?:text-align|float|clear)\s*:\s*(?:left|right)"
    r"|border-(?:top|bottom)-(?:left|right)-radius",
    re.MULTILINE,
)


@pytest.mark.parametrize("path", sorted((ROOT / "static/css").glob("*.css")), ids=lambda p: p.name)
def test_styles_name_no_side_that_right_to_left_would_turn(path: Path) -> None:
    assert PHYSICAL.findall(path.read_text()) == []
