"""The recall of the approximate index is sampled against truth, never against itself."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from embeddings import indexes, pipeline, recall
from embeddings.encoders import load
from embeddings.models import Space
from tests.factories import make_term


@pytest.fixture
def filled(space: Space) -> Space:
    for number in range(30):
        make_term(f"thing {number}", f"The thing that has the number {number}.")
    pipeline.embed_due(space, load(space.encoder))
    return space


@pytest.mark.django_db
def test_it_finds_all_without_an_index(filled: Space) -> None:
    asked = recall.sample(filled, 5)
    found = recall.measure(filled, asked, asked)
    assert (found.questions, found.recall, found.is_indexed) == (5, 1.0, False)


@pytest.mark.django_db(transaction=True)
def test_it_compares_the_index_with_an_exact_search(
    filled: Space, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(indexes, "EXACT_BELOW", 20)
    indexes.maintain()
    [vector] = recall.sample(filled, 1)
    with recall.exact_search(filled, vector):
        plan = recall.plan(filled, vector)
    assert indexes.name_of(filled) not in plan
    said = StringIO()
    call_command("check_recall", questions=3, stdout=said)
    assert "over 3 questions" in said.getvalue()


@pytest.mark.django_db
def test_it_fails_below_the_least_recall(filled: Space) -> None:
    with pytest.raises(CommandError, match=r"below 1\.1"):
        call_command("check_recall", least=1.1, stdout=StringIO())


@pytest.mark.django_db
def test_it_says_that_there_is_nothing_to_ask(space: Space) -> None:
    with pytest.raises(CommandError, match="nothing is embedded"):
        call_command("check_recall")
