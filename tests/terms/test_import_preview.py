"""What an import would do is told row by row, and nothing is done."""

import pytest
from django.contrib.auth.models import User

from terms.entry import Address, AliasText, Entry, Link, SenseText, entries_of
from terms.formats import FormatError
from terms.import_preview import CHANGED, LEFT, NEW, SAME, WRONG, Row, preview
from terms.importing import OnConflict
from terms.models import Term
from tests.factories import make_editor, make_term, make_topic, relate

pytestmark = pytest.mark.django_db


@pytest.fixture
def editor() -> User:
    return make_editor(whole=True)


def entry(name: str, definition: str = "Meant.", line: int = 0, **fields: object) -> Entry:
    return Entry(name, senses=[SenseText(definition)], line=line, **fields)  # type: ignore[arg-type]


def texts(row: Row) -> list[tuple[str, str]]:
    return [part for edit in row.edits for _, parts in edit.fields for part in parts]


def test_it_tells_new_changed_same_and_wrong_and_changes_nothing(editor: User) -> None:
    make_term("cup", "A small vessel.")
    make_term("same", "Same.")
    before = list(entries_of(Term.objects.all()))
    rows = preview(
        [
            entry("cup", "A small prize."),
            entry("same", "Same."),
            entry("new", relations=[Link("related", "cup")]),
            entry("bad", "", line=7),
            FormatError(9, "no", ""),
            entry("new", line=11),
        ],
        OnConflict.UPDATE,
        by=editor,
    )
    assert [row.what for row in rows] == [CHANGED, SAME, NEW, WRONG, WRONG, WRONG]
    assert ("del", "vessel.") in texts(rows[0])
    assert ("ins", "prize.") in texts(rows[0])
    assert "line 7" in str(rows[3].faults[0])
    assert "has the address en/new" in str(rows[5].faults[0])
    assert list(entries_of(Term.objects.all())) == before


def test_a_relation_that_goes_and_one_that_comes_are_changes(editor: User) -> None:
    cup, plate, _ = make_term("cup", "A."), make_term("plate", "B."), make_term("saucer", "C.")
    relate(cup, plate)
    [row] = preview(
        [entry("cup", "A.", relations=[Link("related", "saucer")])], OnConflict.UPDATE, by=editor
    )
    assert row.what == CHANGED
    assert {text for _, text in texts(row)} & {"plate", "saucer"} == {"plate", "saucer"}


def test_what_leads_out_of_the_rows_is_told_and_is_no_fault(editor: User) -> None:
    [row] = preview(
        [
            entry(
                "cup",
                relations=[Link("related", "elsewhere")],
                status="deprecated",
                replaced_by=Address("en", "mug"),
            )
        ],
        OnConflict.UPDATE,
        by=editor,
    )
    assert (row.what, row.nowhere) == (NEW, ["elsewhere", "en/mug"])


def test_what_is_there_is_left_or_wrong_as_asked(editor: User) -> None:
    make_term("cup", "A vessel.")
    [left] = preview([entry("cup")], OnConflict.SKIP, by=editor)
    [wrong] = preview([entry("cup")], OnConflict.FAIL, by=editor)
    assert (left.what, wrong.what) == (LEFT, WRONG)


def test_what_a_table_lacks_is_no_change(editor: User) -> None:
    make_term("cup", "A vessel.").aliases.create(name="mug", language="en")
    entries = [entry("cup", "A vessel.")]
    [row] = preview(entries, OnConflict.UPDATE, by=editor, lacks={"aliases"})
    assert row.what == SAME
    [row] = preview([entry("cup", "A vessel.", aliases=[AliasText("synonym", "mug")])],
                    OnConflict.UPDATE, by=editor)  # fmt: skip
    assert row.what == SAME


def test_a_step_that_one_may_not_take_is_wrong() -> None:
    topic = make_topic("ware")
    rows = preview([entry("cup"), entry("draft", status="draft")], OnConflict.SKIP,
                   by=make_editor(topic))  # fmt: skip
    assert [row.what for row in rows] == [WRONG, NEW]
    assert "You may not publish" in str(rows[0].faults[0])
