"""A whole import is taken back: what was touched since stays."""

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.core.management import CommandError, call_command

from terms import restoring, rights
from terms.entry import Entry, Link, SenseText, entries_of, entry_of
from terms.entry_import import import_entries
from terms.importing import OnConflict
from terms.models import Bundle, BundleEntry, ImportRun, Relation, Source, Term, Topic
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
    assert "Would be: 1 term deleted" in command("undo_import", done.pk, "--dry-run")
    assert Term.objects.exists()
    assert "Done: 1 term deleted." in command("undo_import", done.pk)
    assert not Term.objects.exists()
    with pytest.raises(CommandError, match="is undone"):
        command("undo_import", done.pk)
    with pytest.raises(CommandError, match="There is no import 0"):
        command("undo_import", 0)


BUNDLE = Path(__file__).parent.parent / "fixtures" / "bundle.txt"
MARKDOWN = """# Maps

## contour line
Related: scale

A line.

> It is brown.

Source: A book

## scale

A proportion.
"""


def bundled(text: str = "", tmp: Path | None = None) -> ImportRun:
    file = tmp / "more.txt" if tmp else BUNDLE
    if tmp:
        file.write_text(text)
    command("import_terms", file)
    return ImportRun.objects.latest("id")


def more(tmp_path: Path) -> ImportRun:
    """Of the same bundle, with one term more."""
    text = BUNDLE.read_text().replace("Contour line #", "Isobar #")
    return bundled(text.replace("define/contour-line", "define/isobar"), tmp_path)


def places() -> list[str]:
    return list(BundleEntry.objects.order_by("position").values_list("term__slug", flat=True))


def test_a_bundle_goes_with_the_import_that_made_it() -> None:
    term = make_term("contour line", "The outline of a figure.")
    before = stored()
    done = bundled()
    assert done.counts == {"added": 1, "updated": 1, "bundle added": 1}
    assert [bundle.title for bundle in done.bundles] == ["Maps and Their Makers, in Six Minutes"]
    assert "1 term deleted, 1 as before, 1 bundle taken back" in command("undo_import", done.pk)
    assert stored() == before
    assert term.senses.count() == 1
    assert not Bundle.objects.exists()
    assert not Source.objects.exists()
    bundled()
    assert places() == ["map-projection", "contour-line"]


def test_a_bundle_that_was_only_extended_loses_what_was_added(tmp_path: Path) -> None:
    first, second = bundled(), more(tmp_path)
    assert second.counts == {"added": 1, "bundle extended": 1, "unchanged": 1}
    assert undo(second).bundles == 1
    assert places() == ["map-projection", "contour-line"]
    assert (undo(first).left, Bundle.objects.count()) == ([], 0)


def test_a_bundle_that_was_touched_since_is_left_with_its_terms(tmp_path: Path) -> None:
    first, _ = bundled(), more(tmp_path)
    title = "the bundle “Maps and Their Makers, in Six Minutes”"
    assert undo(first).left == [title, "Map projection", "Contour line"]
    assert places() == ["map-projection", "contour-line", "isobar"]


def reworded() -> None:
    Bundle.objects.update(introduction="Better words.")


def moved() -> None:
    BundleEntry.objects.filter(position=2).update(position=7)


def shortened() -> None:
    BundleEntry.objects.filter(position=2).delete()


@pytest.mark.parametrize("touch", [reworded, moved, shortened])
def test_each_change_of_a_bundle_is_a_touch(touch: Callable[[], None]) -> None:
    done = bundled()
    touch()
    assert "the bundle" in undo(done).left[0]
    assert Bundle.objects.exists()


def test_a_term_that_was_touched_since_stays_without_its_bundle() -> None:
    done = bundled()
    Term.objects.filter(slug="contour-line").update(is_linked=False)
    undone = undo(done, dry_run=True)
    assert Bundle.objects.exists()
    assert undo(done) == undone
    assert undone.left == ["Contour line"]
    assert not Bundle.objects.exists()
    assert Source.objects.count() == 1


def test_topics_and_sources_go_where_nothing_uses_them(tmp_path: Path) -> None:
    file = tmp_path / "maps.md"
    for use, left in ((False, 0), (True, 1)):
        file.write_text(MARKDOWN)
        command("import_terms", file)
        done = ImportRun.objects.latest("id")
        topic, source = Topic.objects.get(), Source.objects.get()
        assert Relation.objects.get().provenance == "import"
        if use:
            sense = make_term("other").senses.get()
            sense.topics.add(topic)
            sense.sources.add(source)
        undo(done)
        assert (Topic.objects.count(), Source.objects.count()) == (left, left)


def test_what_was_there_before_stays(tmp_path: Path) -> None:
    make_topic("Maps")
    Source.objects.create(title="A book")
    file = tmp_path / "maps.md"
    file.write_text(MARKDOWN)
    command("import_terms", file)
    undo(ImportRun.objects.get())
    assert not Term.objects.exists()
    assert (Topic.objects.count(), Source.objects.count()) == (1, 1)


def test_who_may_make_no_bundle_takes_none_back() -> None:
    done, editor = bundled(), make_editor(whole=True)
    editor.groups.get().permissions.remove(Permission.objects.get(codename="add_bundle"))
    with pytest.raises(rights.Denied):
        undo(done, by=editor)
    assert len(stored()) == 2
    undo(done)
    assert not stored()
