"""Whole files into the glossary and out again: nothing lost, nothing twice, all or nothing."""

import io
import json
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from terms.entry import Address, Entry, Link, SenseText, entries_of, entry_of
from terms.entry_import import LIMIT, Wrong, import_entries
from terms.formats import FormatError
from terms.formats.files import EntryFile
from terms.importing import OnConflict
from terms.models import Relation, Source, Term, Topic
from terms.models.history import events_of
from terms.writing import write
from tests.entries import ENTRIES
from tests.factories import make_alias, make_editor, make_example, make_term, make_topic, relate

pytestmark = pytest.mark.django_db
FILES = {"jsonl": "a.jsonl", "csv": "a.csv", "xlsx": "a.xlsx", "yaml": "a.yaml", "folder": "a"}


def stored() -> list[Entry]:
    return list(entries_of(Term.objects.order_by("language", "slug")))


def run(*entries: Entry, **options: Any) -> dict[str, int]:
    return dict(+import_entries(lambda: iter(entries), reason="import a.csv", **options))


def command(name: str, *arguments: Any) -> str:
    out = io.StringIO()
    call_command(name, *map(str, arguments), stdout=out)
    return out.getvalue()


def glossary() -> None:
    """Terms of two languages with all that an entry can have."""
    broader, other = make_term("thing"), make_term("object", "=1+1 | a :: b")
    cup = make_term("cup", "A *small* vessel.", status="deprecated", replaced_by=other)
    make_example(cup.senses.get(), "A cup of tea.", source="A book")
    make_example(cup.senses.get(), "- and another\nof two lines")
    cup.senses.get().topics.add(make_topic("Table ware"))
    cup.senses.get().sources.add(Source.objects.create(title="A | b", licence="CC0"))
    make_alias(cup, "mug")
    cup.slug = "tea-cup"
    cup.save()
    tasse = make_term("Tasse", language="de", is_linked=False)
    relate(cup, broader, "broader")
    relate(other, cup, "related", provenance="suggestion", score=0.7, model="a model")
    relate(tasse, cup, "translation", provenance="import")
    Term.objects.create(name="nothing yet", status="draft")


@pytest.mark.parametrize("name", FILES)
def test_what_is_exported_and_imported_into_an_empty_glossary_is_the_same(
    name: str, tmp_path: Path
) -> None:
    glossary()
    before, file = stored(), tmp_path / FILES[name]
    command("export_terms", file)
    Term.objects.all().delete()
    Topic.objects.all().delete()
    Source.objects.all().delete()
    assert "5 added" in command("import_terms", file)
    assert stored() == before
    assert "5 skipped" in command("import_terms", file)
    assert "Done: 5 unchanged." in command("import_terms", file, "--on-conflict", "update")
    assert stored() == before


@pytest.mark.parametrize("name", FILES)
@given(entries=st.lists(ENTRIES, max_size=3, unique_by=lambda entry: entry.address))
@settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
def test_any_glossary_comes_back(name: str, entries: list[Entry], tmp_path: Path) -> None:
    Term.objects.all().delete()
    Source.objects.all().delete()
    for entry in entries:
        write(entry)
    before, file = stored(), EntryFile(tmp_path / FILES[name], name)
    if not entries:
        return
    for old in tmp_path.rglob("*.md"):
        old.unlink()
    file.write(before)
    Term.objects.all().delete()
    Source.objects.all().delete()
    import_entries(file.read, reason="import")
    assert stored() == before


def cup(**fields: Any) -> Entry:
    return replace(Entry("cup", "cup", senses=[SenseText("A vessel.")]), **fields)


def test_a_term_that_is_there_is_left_made_the_same_or_refused() -> None:
    term = make_term("cup", "A prize.")
    make_alias(term, "mug")
    assert run(cup()) == {"skipped": 1}
    with pytest.raises(Wrong, match="is taken"):
        run(cup(), on_conflict=OnConflict.FAIL)
    assert term.senses.get().definition == "A prize."
    entry = cup(is_linked=False)
    assert run(entry, on_conflict=OnConflict.UPDATE) == {"updated": 1}
    key = term.senses.get().key
    assert entry_of(term) == replace(entry, senses=[SenseText("A vessel.", key=key)])


@pytest.mark.django_db(transaction=True)  # versions count transactions
def test_what_a_term_does_not_say_yet_is_added() -> None:
    term = make_term("cup", "A prize.", status="draft")
    entry = cup(relations=[Link("broader", "thing")])
    thing = Entry("thing", senses=[SenseText("Anything.")])
    counts = {"added": 1, "updated": 1}
    assert run(entry, thing, on_conflict=OnConflict.ADD_SENSE) == counts
    stored = entry_of(term)
    assert [sense.definition for sense in stored.senses] == ["A prize.", "A vessel."]
    assert [link.slug for link in stored.relations] == ["thing"]
    assert stored.status == "draft"
    assert run(entry, thing, on_conflict=OnConflict.ADD_SENSE) == {"unchanged": 2}


def test_what_a_table_has_no_column_for_stays(tmp_path: Path) -> None:
    glossary()
    before = {entry.slug: entry for entry in stored()}
    file = tmp_path / "a.csv"
    file.write_text(
        "slug,name,definition\ntea-cup,Cup,A larger vessel.\nobject,object,=1+1 | a :: b\n"
    )
    assert "1 unchanged, 1 updated" in command("import_terms", file, "--on-conflict", "update")
    after = {entry.slug: entry for entry in stored()}
    expected = before["tea-cup"]
    expected.name, expected.senses[0].definition = "Cup", "A larger vessel."
    for entry in (before["thing"], before["object"], before["tasse"]):
        for link in entry.relations:
            link.name = "Cup" if link.slug == "tea-cup" else link.name
    assert after == before


def test_relations_may_lead_forward_and_are_said_at_either_end() -> None:
    linked = [
        cup(relations=[Link("broader", "vessel")]),
        Entry("vessel", senses=[SenseText("A thing.")]),
    ]
    assert run(*linked) == {"added": 2}
    assert run(*linked, on_conflict=OnConflict.UPDATE) == {"unchanged": 2}
    assert Relation.objects.count() == 1
    assert run(cup(), linked[1], on_conflict=OnConflict.UPDATE) == {"updated": 2}
    assert not Relation.objects.exists()


def test_all_that_is_wrong_is_told_with_its_place_and_nothing_is_changed(tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    file.write_text(
        "name,status,definition,part_of_speech,relations\n"
        "cup,published,A vessel.,,\n"
        f"mug,published,A vessel.,{'x' * 50},\n"
        "jug,published,,,\n"
        "CUP,draft,A prize.,,\n"
        "pot,perhaps,A pot.,,\n"
    )
    with pytest.raises(CommandError) as error:
        command("import_terms", file)
    told = str(error.value)
    assert error.value.returncode == 2
    for words in (
        "line 3, column “part_of_speech”",
        "line 4, column “senses”",
        "line 5: “CUP” has the address en/cup, as has line 2",
        "line 6, column “status”",
        "Nothing was changed.",
    ):
        assert words in told
    assert not Term.objects.exists()


def test_relations_that_lead_nowhere_are_told_and_nothing_is_changed() -> None:
    entry = cup(relations=[Link("related", "nothing")], replaced_by=Address("en", "x"), line=7)
    with pytest.raises(Wrong) as wrong:
        run(replace(entry, status="deprecated"))
    assert [(error.line, error.column) for error in wrong.value.errors] == [
        (7, "relations[0].term"),
        (7, "replaced_by"),
    ]
    assert not Term.objects.exists()


def test_it_gives_up_after_many_faults() -> None:
    faults = (FormatError(n, "wrong", "") for n in range(LIMIT * 2))
    with pytest.raises(Wrong) as wrong:
        import_entries(lambda: faults, reason="import")
    assert len(wrong.value.errors) == LIMIT


def test_a_dry_run_changes_nothing() -> None:
    assert run(cup(), dry_run=True) == {"added": 1}
    assert not Term.objects.exists()


def test_who_imports_may_publish_where_they_are_responsible() -> None:
    topic = make_topic("tableware")
    editor = make_editor(topic)
    own = cup(senses=[SenseText("A vessel.", topics=["tableware"])])
    other = Entry("atlas", senses=[SenseText("A book.", topics=["maps"])], line=3)
    with pytest.raises(Wrong, match="line 3: You may not publish “atlas”"):
        run(own, other, by=editor)
    assert not Term.objects.exists()
    with pytest.raises(Wrong, match="There is no topic “maps”"):
        run(own, replace(other, status="draft"), by=editor)
    run(own, by=editor)
    context = events_of(Term).get(slug="cup", pgh_label="insert").pgh_context.metadata
    assert context == {"user": editor.pk, "reason": "import a.csv"}


def test_it_exports_what_is_chosen(tmp_path: Path) -> None:
    glossary()
    file = tmp_path / "a.jsonl"
    topic = Topic.objects.get()
    for chosen, names in (
        (["--language", "de"], ["Tasse"]),
        (["--status", "draft", "--status", "deprecated"], ["cup", "nothing yet"]),
        (["--topic", topic.slug], ["cup"]),
    ):
        command("export_terms", file, *chosen)
        assert [json.loads(line)["name"] for line in file.read_text().splitlines()] == names
    with pytest.raises(CommandError, match="no topic"):
        command("export_terms", file, "--topic", "x")
    with pytest.raises(CommandError, match="--format"):
        command("export_terms", "-")


def test_it_writes_standard_output_and_reads_standard_input(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    glossary()
    before, out = stored(), io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(out))
    command("export_terms", "-", "--format", "csv")
    Term.objects.all().delete()
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(out.getvalue())))
    assert "5 added" in command("import_terms", "-", "--format", "csv")
    assert stored() == before
