"""Readers: what a file says, and the line of whatever is wrong with it."""

from pathlib import Path

import pytest

from terms import formats
from terms.entry import AliasText, Link
from terms.formats import FormatError

FIXTURES = Path(__file__).parent.parent / "fixtures"
BUNDLE = (FIXTURES / "bundle.txt").read_text()
MARKDOWN = """# Maps

Words of the trade.

## map projection
Abbreviations: MP
Related: contour line

A rule that carries places from a globe
to a flat sheet.

> The Mercator sheet.

Source: Snyder (1987). Map Projections. https://doi.org/10.3133/pp1395

## contour line
### noun · cartography
It joins places of the same height.
### noun · design
The outline of a figure.
"""


def test_it_reads_a_bundle_word_for_word() -> None:
    document = formats.read(BUNDLE)
    assert document.bundle is not None
    assert vars(document.bundle) == {
        "title": "Maps and Their Makers, in Six Minutes",
        "introduction": "A first walk through the words of the trade.",
        "byline": "examplenews",
        "reading_minutes": 6,
        "word_count": 1204,
        "source": "example-dictionary-map-bundle",
    }
    first, second = document.entries
    assert (first.name, first.slug, first.language) == ("Map projection", "map-projection", "en")
    assert first.senses[0].definition == (
        "A map projection is a rule that carries places from a globe to a flat sheet. No rule keeps"
        " angles, areas and distances all at once.\n\nEach one chooses what to keep."
    )
    example = 'On a "Mercator" sheet Greenland looks as large as Africa.'
    assert first.senses[0].examples == [(example, "")]
    address = "https://dictionary.example.com/en/define/contour-line"
    assert second.senses[0].sources[0].url == address


@pytest.mark.parametrize(
    ("old", "new", "line", "words"),
    [
        ("Dictionary: https://dictionary.example.com/en/define/contour-line\n", "", 22, "no “Dict"),
        ("A contour line joins places of the same height.\n", "", 23, "definition is empty"),
        ("/en/define/contour-line", "/wiki/contour", 28, "another shape"),
        ("same height", "same\x00 height", 24, "NUL"),
        ("same height", "same\u202e height", 24, "bidi"),
        ("same height", "same " + "high " * 5000, 23, "more than 20,000"),
    ],
)
def test_it_names_the_line_of_a_fault(old: str, new: str, line: int, words: str) -> None:
    assert old in BUNDLE
    with pytest.raises(FormatError) as caught:
        formats.read(BUNDLE.replace(old, new))
    assert caught.value.line == line
    assert words in str(caught.value)


def test_it_refuses_what_is_not_utf_8_with_the_line() -> None:
    with pytest.raises(FormatError, match="line 2: byte 9 is not UTF-8"):
        formats.decode(b"plain\nca\xff")


def test_it_refuses_a_file_far_too_large() -> None:
    with pytest.raises(FormatError, match="more than"):
        formats.decode(b"x" * (formats.MAX_BYTES + 1))


def test_it_reads_markdown_with_aliases_relations_and_senses() -> None:
    document = formats.read(MARKDOWN)
    assert document.topic == ("Maps", "Words of the trade.")
    projection, contour = document.entries
    assert projection.aliases == [AliasText("abbreviation", "MP")]
    assert projection.relations == [Link("related", "contour line", provenance="import")]
    assert projection.relations[0].line == 7
    sense = projection.senses[0]
    assert sense.definition == "A rule that carries places from a globe to a flat sheet."
    assert sense.examples == [("The Mercator sheet.", "")]
    assert sense.sources[0].title == "Snyder (1987). Map Projections."
    assert [s.register for s in contour.senses] == ["cartography", "design"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("# T\n\n## a\nRelatd: b\n\nText.", "none of"),
        ("# T\n\n## a\n\n## b\n\nText.", "no definition"),
        ("# T\n\nOnly a topic.\n\n## ", "empty"),
    ],
)
def test_it_names_what_is_wrong_in_markdown(text: str, words: str) -> None:
    with pytest.raises(FormatError, match=words):
        formats.read(text, "markdown")


def test_it_says_when_no_format_fits() -> None:
    with pytest.raises(FormatError, match="--format"):
        formats.read("Dear diary")
