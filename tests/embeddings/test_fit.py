"""The weights of the views are fitted on labelled questions; where that hardly gains, they stay."""

from io import StringIO
from pathlib import Path

import numpy as np
import pytest
from django.core.management import CommandError, call_command

from embeddings import fit, pipeline
from embeddings.encoders import load
from embeddings.fit import VIEWS, Candidates
from embeddings.models import Space
from tests.factories import make_example, make_term

NAN = float("nan")


def asked(right_cosines: list[float], wrong_cosines: list[float]) -> Candidates:
    """Term 1 is right; term 2 is not, and has two senses."""
    cosines = np.array([right_cosines, wrong_cosines, [0.1] * len(VIEWS)])
    return Candidates(cosines, np.array([1, 2, 2]), frozenset({1}))


def test_it_finds_the_view_that_answers() -> None:
    by_name = asked([0.5, 0.2, NAN, 0.9], [0.6, 0.3, 0.3, 0.1])
    assert fit.reciprocal_rank(by_name, {"entry": 1.0}) == 0.5
    weights, found = fit.best([by_name], {"entry": 1.0})
    assert weights["name"] > 0
    assert found == 1.0


def test_it_leaves_weights_alone_that_answer_as_well() -> None:
    fine = asked([0.9, 0.9, 0.9, 0.9], [0.1, 0.1, 0.1, 0.1])
    present = {"entry": 1.0, "definition": 0.33}
    assert fit.best([fine], present) == (present, 1.0)


def test_it_counts_a_wrong_term_once_and_a_missing_answer_as_nothing() -> None:
    found = asked([0.05] * 4, [0.9] * 4)
    assert fit.reciprocal_rank(found, {"entry": 1.0}) == 0.5
    lost = Candidates(found.cosines, found.terms, frozenset({3}))
    assert fit.reciprocal_rank(lost, {"entry": 1.0}) == 0.0


@pytest.fixture
def questions(tmp_path: Path) -> Path:
    (tmp_path / "develop").mkdir()
    lines = [f"something with number {n} => thing {n}" for n in range(6)]
    (tmp_path / "develop" / "descriptions.txt").write_text("\n".join(lines))
    return tmp_path


def fill(space: Space) -> None:
    for number in range(6):
        term = make_term(f"thing {number}", "What all of them are, in the same words.")
        make_example(term.senses.get(), f"Here is something with number {number}.")
    pipeline.embed_due(space, load(space.encoder))


@pytest.mark.django_db
def test_it_stores_better_weights_with_the_space(space: Space, questions: Path) -> None:
    fill(space)
    Space.objects.update(lookup={"definition": 1.0})
    call_command("fit", questions=questions, dry_run=True, stdout=StringIO())
    assert Space.objects.get().lookup == {"definition": 1.0}
    said = StringIO()
    call_command("fit", questions=questions, stdout=said)
    assert "6 questions: MRR" in said.getvalue()
    assert Space.objects.get().lookup["entry"] == 1.0


@pytest.mark.django_db
def test_it_asks_nothing_but_questions_on_this_glossary(space: Space, questions: Path) -> None:
    make_term("something else")
    pipeline.embed_due(space, load(space.encoder))
    with pytest.raises(CommandError, match="no questions on this glossary"):
        call_command("fit", questions=questions)
