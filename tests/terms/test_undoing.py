"""A whole import is taken back: what was touched since stays."""

import io
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from terms import restoring, rights
from terms.entry import Entry, Link, SenseText, entries_of, entry_of
from terms.entry_import import import_entries
from terms.importing import OnConflict
from terms.models import ImportRun, Term
from terms.undoing import NotDone, undo
from tests.factories import make_bundle, make_editor, make_term, make_topic, relate

pytestmark = pytest.mark.django_db(transaction=True)  # versions count transactions


def run(*entries: Entry, **options: Any) -> ImportRun:
    options = {"on_conflict": OnConflict.UPDATE, "reason": "import a.csv"} | options
    run = ImportRun(file_name="a.csv", format_name="csv")
    import_entries(lambda: iter(entries), run=run, **options)
    return run


def stored() -> list[Entry]:
    return list(entries_of(Term.objects.order_by("slug")))


def entry(name: str, definition: str = "Meant.", **fields: Any) -> Entry:
    return Entry(name, senses=[SenseText(definition)], **fields)


def test_it_deletes_what_was_added_and_puts_back_what_was_changed() -> None:
    cup, plate, same = make_term("cup", "A vessel."), make_term("plate"), make_term("same", "Same.")
    relate(cup, plate)
    before = stored()
    done = run(
        entry("cup", "A prize.", relations=[Link("broader", "trophy")]),
        entry("trophy", relations=[Link("related", "plate")]),
        entry("same", "Same."),
    )
    assert done.counts == {"added": 1, "updated": 1, "unchanged": 1}
    assert set(done.terms.values_list("term_id", flat=True)).isdisjoint({same.pk, plate.pk})
    undone = undo(done)
    assert (undone.deleted, undone.changed, undone.left) == (1, 1, [])
    assert stored() == before
    assert restoring.changes(cup)[0].why == f"undo import {done.pk} of a.csv"


def test_what_was_touched_since_is_left_and_told() -> None:
    cup, plate = make_term("cup", "A vessel."), make_term("plate", "Flat.")
    done = run(entry("cup", "A prize."), entry("plate", "Round."), *map(entry, "abcd"))
    cup.senses.update(definition="A trophy.")
    plate.delete()
    Term.objects.filter(slug="a").update(is_linked=False)
    make_bundle(Term.objects.get(slug="b"))
    make_term("old", status="deprecated", replaced_by=Term.objects.get(slug="c"))
    undone = undo(done)
    assert sorted(undone.left) == ["a", "b", "c", "cup", "plate (deleted)"]
    assert (undone.deleted, undone.changed) == (1, 0)
    assert {each.slug for each in stored()} == {"a", "b", "c", "cup", "old"}
    done.refresh_from_db()
    assert (done.state, sorted(done.left)) == ("undone", sorted(undone.left))
    with pytest.raises(NotDone):
        undo(done)


def test_a_later_import_of_the_same_term_is_a_touch() -> None:
    term = make_term("cup", "One.")
    first, second = run(entry("cup", "Two.")), run(entry("cup", "Three."))
    assert undo(first).left == ["cup"]
    assert undo(second).changed == 1
    assert entry_of(term).senses[0].definition == "Two."


def test_it_takes_the_right_to_each_step_or_nothing_changes() -> None:
    topic = make_topic("ware")
    term = make_term("cup", "One.")
    term.senses.get().topics.add(topic)
    done = run(entry("cup", "Two."), entry("new"))
    after = stored()
    with pytest.raises(rights.Denied):
        undo(done, by=make_editor(topic))
    assert stored() == after
    undone = undo(done, by=make_editor(whole=True))
    assert (undone.deleted, undone.changed) == (1, 1)


def test_what_was_deleted_by_undoing_can_be_restored() -> None:
    undo(run(entry("cup", "A vessel.")))
    assert not Term.objects.exists()
    [event] = restoring.deleted()
    restored = restoring.restore_deleted(event.pgh_obj_id, by=make_editor(whole=True))
    assert restored
    assert restored.term.slug == "cup"


def command(name: str, *arguments: Any) -> str:
    out = io.StringIO()
    call_command(name, *map(str, arguments), stdout=out)
    return out.getvalue()


def test_the_operator_does_the_same_by_a_command(tmp_path: Path) -> None:
    file = tmp_path / "words.csv"
    file.write_text("name,definition\ncup,A vessel.\n")
    assert not ImportRun.objects.exists()
    command("import_terms", file, "--dry-run")
    assert not ImportRun.objects.exists()
    said = command("import_terms", file)
    done = ImportRun.objects.get()
    assert f"undo_import {done.pk}" in said
    assert "words.csv  done  1 added" in command("undo_import")
    assert "Would be: 1 deleted" in command("undo_import", done.pk, "--dry-run")
    assert Term.objects.exists()
    assert "Done: 1 deleted, 0 as before, 0 left." in command("undo_import", done.pk)
    assert not Term.objects.exists()
    with pytest.raises(CommandError, match="is undone"):
        command("undo_import", done.pk)
    with pytest.raises(CommandError, match="There is no import 0"):
        command("undo_import", 0)
