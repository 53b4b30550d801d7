"""Tables in definitions: drawn, sanitised, and read on one line."""

import pytest
from django.test import Client

from terms.markup import escaped, html, line, plain
from terms.models import Term
from tests.factories import make_term

TABLE = (
    "It has sizes:\n\n| Model | Size |\n|:--|--:|\n| *small* | $10^8$ |\n| a \\| b | 2 |\n\nMore."
)


def test_a_table_is_drawn_with_its_sides_in_a_box_that_the_keyboard_scrolls() -> None:
    shown = html(TABLE)
    assert '<div tabindex="0"><table>' in shown
    assert '<th data-align="right">Size</th>' in shown
    assert '<td data-align="left"><em>small</em></td>' in shown
    assert "style" not in shown


def test_on_one_line_its_cells_and_rows_are_told_apart() -> None:
    words = "It has sizes: Model, Size; small, 10^8; a | b, 2. More."
    assert plain(TABLE) == line(TABLE) == words


@pytest.mark.parametrize("text", ["a | b", "| a |", "|a|\n|b|", "a\n---\nb"])
def test_pipes_alone_are_no_table(text: str) -> None:
    assert "<table" not in html(text)


def test_a_table_without_a_word_is_shown_as_it_was_written() -> None:
    assert html("| |\n|-|") == "<p>| |\n|-|</p>\n"


def test_text_that_only_looks_like_a_table_can_be_escaped() -> None:
    assert "<table" not in html(escaped(TABLE))
    assert plain(escaped("|a|\n|-|")) == "|a| |-|"


def test_a_table_cannot_grow_beyond_what_was_written() -> None:
    header = "|a" * 4000
    assert len(html(f"{header}\n{'|-' * 4000}\n{'|' * 10}\n" + "x\n" * 1500)) < 4_000_000


@pytest.mark.django_db
def test_what_a_cell_mentions_is_linked(client: Client) -> None:
    make_term("encoder")
    make_term("parts", "| Part |\n|--|\n| encoder |")
    shown = client.get("/en/define/parts").content.decode()
    assert '<td><a class="mention" href="/en/define/encoder">encoder</a></td>' in shown
    assert Term.objects.get(slug="parts").gist == "Part; encoder."
