"""`manage.py evaluate`: labelled and derived questions, floors, what a space is held to."""

import io
from dataclasses import replace
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from embeddings.evaluate import _sureness, overall
from embeddings.lookup import Hit, Strength, Why
from embeddings.models import Space
from embeddings.questions import Question
from tests.factories import make_example, make_term

pytestmark = pytest.mark.django_db

WORDS = {
    "token": "A piece of text that a model reads at once.",
    "corpus": "A large collection of written sentences for study.",
    "kernel": "The core of a nut, below its hard shell.",
    "epoch": "One full pass over every training sample.",
}


def command(*arguments: str) -> str:
    out = io.StringIO()
    call_command(*arguments, stdout=out)
    return out.getvalue()


@pytest.fixture
def glossary(space: Space) -> Space:
    for name, definition in WORDS.items():
        make_example(make_term(name, definition).senses.get(), f"Here one {name} is meant.")
    command("embed")
    return space


@pytest.fixture
def questions(tmp_path: Path) -> Path:
    for half in ("develop", "sealed"):
        (tmp_path / half).mkdir()
        (tmp_path / half / "descriptions.txt").write_text(
            "a piece of text a model reads => token\nthe core of a nut => kernel; corpus =1\n"
        )
        (tmp_path / half / "related.txt").write_text(
            "token => corpus =2; epoch =1\nno headword here => corpus\n"
        )
        (tmp_path / half / "unanswerable.txt").write_text("xylophone zebra\n")
    return tmp_path


def test_it_prints_and_keeps_the_figures_of_three_systems(glossary: Space, questions: Path) -> None:
    said = command("evaluate", "--questions", str(questions))
    assert "labelled questions, 4 senses" in said
    assert "these figures say little" in said
    for word in ("develop half", "sealed half", "look-up", "vectors", "BM25", "nDCG@10"):
        assert word in said
    assert "of 1 questions without an answer here" in said
    assert "called strong by meaning" in said
    glossary.refresh_from_db()
    kept = glossary.evaluation["figures"]["sealed"]["descriptions"]
    assert kept["look-up"]["hit_1"] == kept["BM25"]["hit_1"] == 1
    assert kept["look-up"]["questions"] == 2


def test_it_counts_what_was_called_strong_by_meaning_and_is_wrong() -> None:
    term = make_term("token")
    why = Why("meaning", "definition", "")
    strong = Hit(term, term.senses.get(), 0.8, Strength.STRONG, why)
    right, wrong, nowhere = (
        Question("develop", "everyday", "a piece of text", gains)
        for gains in ({"token": 1}, {"corpus": 1}, {})
    )
    weak = replace(strong, strength=Strength.WEAK)
    asked = [(right, strong), (wrong, strong), (nowhere, strong), (wrong, weak), (wrong, None)]
    found = _sureness(asked)
    assert found["strong_by_meaning"] == 3
    assert found["misled"] == pytest.approx(2 / 3, abs=0.001)


def test_one_half_alone_is_printed_and_not_kept(glossary: Space, questions: Path) -> None:
    said = command("evaluate", "--questions", str(questions), "--half", "develop")
    assert "sealed half" not in said
    glossary.refresh_from_db()
    assert glossary.evaluation == {}


def test_questions_about_another_glossary_give_way_to_derived_ones(
    glossary: Space, tmp_path: Path
) -> None:
    (tmp_path / "develop").mkdir()
    (tmp_path / "develop" / "names.txt").write_text("teh house => house\nbarn => barn\n")
    said = command("evaluate", "--questions", str(tmp_path))
    assert "derived questions, 4 senses" in said
    assert "definitions" in said
    assert "examples" in said


@pytest.mark.parametrize(
    ("floors", "missed"),
    [
        ("[at_least.sealed]\ndescriptions = {hit_1 = 1.1}", "sealed descriptions: hit_1 is 1.000"),
        ("[at_most]\nsealed = {answered = -0.1}", "sealed without an answer: answered is"),
    ],
)
def test_a_figure_below_its_floor_is_an_error(
    glossary: Space, questions: Path, floors: str, missed: str
) -> None:
    (questions / "floors.toml").write_text(floors)
    with pytest.raises(CommandError, match=missed):
        command("evaluate", "--questions", str(questions))


def test_held_floors_are_said(glossary: Space, questions: Path) -> None:
    (questions / "floors.toml").write_text("[at_least.sealed]\ndescriptions = {hit_1 = 0.5}")
    assert "Every floor of floors.toml is held" in command(
        "evaluate", "--questions", str(questions)
    )


def test_an_empty_folder_and_an_empty_space_are_named(space: Space, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="Nothing is embedded"):
        command("evaluate")
    make_term()
    command("embed")
    with pytest.raises(CommandError, match="holds no questions"):
        command("evaluate", "--questions", str(tmp_path))


def test_a_space_that_answers_worse_is_not_activated(glossary: Space, questions: Path) -> None:
    command("evaluate", "--questions", str(questions))
    command("spaces", "create", "second", "--encoder", "hashing")
    command("embed")
    with pytest.raises(
        CommandError, match=r"this one was not: run `manage\.py evaluate --space sec"
    ):
        command("spaces", "activate", "second")
    command("evaluate", "--questions", str(questions), "--space", "second")
    second = Space.objects.get(name="second")
    for systems in second.evaluation["figures"]["sealed"].values():
        systems["look-up"]["mrr"] = 0
    second.save()
    with pytest.raises(CommandError, match="It answers worse: mean reciprocal rank"):
        command("spaces", "activate", "second")
    command("spaces", "activate", "second", "--force")
    assert Space.objects.serving() == second


def test_nothing_evaluated_has_no_overall_figure() -> None:
    assert overall({}) is None
