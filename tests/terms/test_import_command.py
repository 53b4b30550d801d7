"""`manage.py import_terms` and the starter glossary, as an operator uses them."""

import io
import os
import sys
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from terms import starter
from terms.models import Bundle, Glossary, Relation, Sense, Term, Topic
from tests.factories import make_term, relate

pytestmark = pytest.mark.django_db

BUNDLE = Path(__file__).parent.parent / "fixtures" / "bundle.txt"
SEED = os.environ.get("LEXISPACE_SEED", "")


def run(*arguments: str) -> str:
    out = io.StringIO()
    call_command("import_terms", *arguments, stdout=out)
    return out.getvalue()


def test_it_imports_a_bundle_and_again_changes_nothing() -> None:
    run(str(BUNDLE))
    bundle = Bundle.objects.get()
    assert [entry.term.slug for entry in bundle.entries.all()] == ["map-projection", "contour-line"]
    version = Term.objects.get(slug="contour-line").version
    assert "Done: 2 unchanged." in run(str(BUNDLE))
    assert Term.objects.get(slug="contour-line").version == version
    assert Sense.objects.count() == 2


def test_it_shows_what_a_dry_run_would_do_and_does_nothing() -> None:
    said = run(str(BUNDLE), "--dry-run")
    assert "  new            Map projection\n" in said
    assert "Would be: 2 added, 1 bundle added.\n" in said
    assert not Term.objects.exists()
    assert not Bundle.objects.exists()


def test_it_reads_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    stdin = io.TextIOWrapper(io.BytesIO(BUNDLE.read_bytes()))
    monkeypatch.setattr(sys, "stdin", stdin)
    assert "2 added, 1 bundle added" in run("-", "--format", "bundle")


@pytest.mark.django_db(transaction=True)  # versions count transactions
def test_it_adds_a_sense_to_a_term_that_is_there() -> None:
    term = make_term("contour line", "The outline of a figure.")
    assert "1 added, 1 bundle added, 1 updated" in run(str(BUNDLE))
    assert term.senses.count() == 2
    entry = Bundle.objects.get().entries.get(term=term)
    assert entry.sense == term.senses.last()


@pytest.mark.django_db(transaction=True)  # versions count transactions
def test_it_leaves_alone_updates_or_fails_as_asked() -> None:
    term = make_term("contour line", "The outline of a figure.")
    assert "1 skipped" in run(str(BUNDLE), "--on-conflict", "skip")
    assert term.senses.get().definition == "The outline of a figure."
    with pytest.raises(CommandError, match="is taken"):
        run(str(BUNDLE), "--on-conflict", "fail")
    assert "1 updated" in run(str(BUNDLE), "--on-conflict", "update")
    assert term.senses.get().definition == "A contour line joins places of the same height."


def test_it_keeps_an_editors_text_on_the_next_import() -> None:
    run(str(BUNDLE))
    sense = Term.objects.get(slug="contour-line").senses.get()
    sense.definition = "Better words."
    sense.save()
    assert "left as it is  Contour line" in run(str(BUNDLE), "--dry-run")
    assert "Done: 1 kept, 1 unchanged." in run(str(BUNDLE))
    sense.refresh_from_db()
    assert sense.definition == "Better words."


def test_a_relation_that_leads_nowhere_is_told_by_its_line(tmp_path: Path) -> None:
    file = tmp_path / "maps.md"
    file.write_text("# Maps\n\n## scale\nSynonyms: ratio\nRelated: nothing\n\nA proportion.\n")
    with pytest.raises(CommandError, match=r"line 5, .*There is no term “nothing”"):
        run(str(file))
    assert not Topic.objects.exists()


def test_an_address_that_stands_twice_is_told_by_its_lines(tmp_path: Path) -> None:
    twice = tmp_path / "twice.txt"
    twice.write_text(BUNDLE.read_text().replace("define/contour-line", "define/map-projection"))
    with pytest.raises(CommandError, match=r"line 22: .* as has line 12"):
        run(str(twice))


def test_it_changes_nothing_and_exits_with_2_on_a_bad_file(tmp_path: Path) -> None:
    bad = tmp_path / "bad.txt"
    text = BUNDLE.read_text()
    bad.write_text(text.replace("Dictionary: https://dictionary.example.com/en/define/contour", ""))
    with pytest.raises(CommandError, match=r"bad\.txt: line 22: .*Nothing was changed") as caught:
        run(str(bad))
    assert caught.value.returncode == 2
    assert not Term.objects.exists()


@pytest.mark.skipif(not SEED, reason="LEXISPACE_SEED names no file")
def test_it_imports_the_real_seed() -> None:
    run(SEED)
    bundle = Bundle.objects.get()
    assert (bundle.byline, bundle.reading_minutes, bundle.word_count) == ("platphormnews", 3, 589)
    source = Path(SEED).read_text()
    assert bundle.title in source
    slugs = [entry.term.slug for entry in bundle.entries.all()]
    assert slugs == [
        "latent-space",
        "embedding-space",
        "latent-reasoning",
        "latent-operations",
        "latent-space-surgery",
        "latent-space-fine-tuning",
    ]
    for sense in Sense.objects.all():
        assert f"\n{sense.definition}\n" in source
        assert f"Example: {sense.examples.get().text}\n" in source
        assert f"Dictionary: {sense.sources.get().url}" in source
    assert "Done: 6 unchanged." in run(SEED)


def test_it_loads_the_starter_once_and_every_relation_resolves() -> None:
    count = starter.load()
    assert count >= 40
    assert Relation.objects.count() >= count
    assert starter.load() == 0
    Term.objects.all().delete()
    assert starter.load() == 0
    assert Glossary.current().starter_loaded_at is not None


@pytest.mark.django_db(transaction=True)  # each write in its own history context
def test_it_removes_the_starter_but_keeps_what_was_edited() -> None:
    Glossary.objects.get_or_create(id=1)
    starter.load()
    edited = Sense.objects.filter(term__slug="token").earliest("position")
    edited.definition += " Edited."
    edited.save()
    mine = make_term("my own word")
    related = Term.objects.get(slug="latent-space")
    relate(related, mine)
    removed, kept = starter.remove()
    assert removed > 30
    assert kept == 2
    left = set(Term.objects.values_list("slug", flat=True))
    assert left == {"token", "latent-space", "my-own-word"}
    assert related.senses.exists()
    assert starter.load() == 0
