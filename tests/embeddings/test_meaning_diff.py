"""What an edit would change, told before it is kept."""

import json
from dataclasses import replace
from typing import Any

import pytest
from django.test import Client

from embeddings import meaning_diff as diffs
from embeddings import pipeline
from embeddings.encoders import load
from embeddings.lookup import look_up
from embeddings.meaning_diff import meaning_diff
from embeddings.models import Space
from terms.entry import Entry, SenseText, entry_of
from terms.entry_json import to_json
from terms.models import Miss, Term
from terms.writing import write
from tests.factories import make_term, make_user

pytestmark = pytest.mark.django_db
WORDS = {
    "store": "A database that keeps vectors.",
    "shop": "Where one buys bread and milk.",
    "lake": "Water with land all around.",
}


def embed(space: Space) -> None:
    while pipeline.embed_due(space, load(space.encoder)):
        pass


@pytest.fixture
def store(space: Space, monkeypatch: Any, tmp_path: Any) -> Term:
    """A glossary of three, with one labelled question."""
    for half in ("develop", "sealed"):
        (tmp_path / half).mkdir()
        (tmp_path / half / "descriptions.txt").write_text(
            "where one buys bread and milk or butter => shop\n"
        )
    monkeypatch.setattr(diffs, "FOLDER", tmp_path)
    for name, definition in WORDS.items():
        make_term(name, definition)
    embed(space)
    return Term.objects.get(slug="store")


def reworded(term: Term, definition: str) -> Entry:
    entry = entry_of(term)
    return replace(entry, senses=[replace(entry.senses[0], definition=definition)])


def test_it_tells_nothing_of_an_entry_as_it_is(space: Space, store: Term) -> None:
    diff = meaning_diff(space, entry_of(store), store)
    assert (diff.moves, diff.come, diff.gone, diff.changed) == ([], [], [], [])


def test_it_tells_what_a_reworded_sense_takes_from_others(space: Space, store: Term) -> None:
    entry = reworded(store, "Where one buys bread and milk or butter.")
    diff = meaning_diff(space, entry, store)
    [move] = diff.moves
    assert move.sense == "Sense 1"
    assert move.distance > 0.5
    [worse] = [each for each in diff.changed if each.kind == "labelled"]
    assert (worse.answer, worse.before, worse.after) == ("shop", 1, 2)
    assert worse.is_worse
    assert diff.changed[0].is_worse, "the worse ones first"


def test_it_foretells_what_look_up_answers_afterwards(space: Space, store: Term) -> None:
    entry = reworded(store, "Where one buys bread and milk or butter.")
    foretold = [each for each in meaning_diff(space, entry, store).changed if each.after]
    write(entry, store)
    embed(space)
    for each in foretold:
        found = [hit.term.name for hit in look_up(each.asked).hits]
        assert found.index(each.answer) + 1 == each.after, each


def test_it_tells_what_a_new_entry_will_answer(space: Space, store: Term) -> None:
    Miss.objects.create(query="a boat with sails on it")
    entry = Entry("yacht", senses=[SenseText("A boat with sails on it.")], status="draft")
    diff = meaning_diff(space, entry, None, misses=True)
    found = {each.kind: each for each in diff.changed}
    assert (found["asked in vain"].before, found["asked in vain"].after) == (None, 1)
    assert "asked in vain" not in {c.kind for c in meaning_diff(space, entry, None).changed}


def test_it_tells_what_is_lost_when_a_term_is_taken_back(space: Space, store: Term) -> None:
    diff = meaning_diff(space, reworded(store, "A shelf."), store)
    assert not any(each.after is None for each in diff.changed if each.asked == "A shelf.")
    taken_back = replace(entry_of(store), status="draft")
    own = [c for c in meaning_diff(space, taken_back, store).changed if c.answer == "store"]
    assert [each.after for each in own] == [None for _ in own]


def test_it_is_a_piece_of_a_page(client: Client, space: Space, store: Term) -> None:
    client.force_login(make_user("editors"))
    body: dict[str, Any] = {
        "entry": to_json(reworded(store, "Where one buys bread and milk or butter.")),
        "term": store.pk,
    }

    def page() -> str:
        answer = client.post("/edit/meaning", json.dumps(body), content_type="application/json")
        assert answer.status_code == 200
        return answer.content.decode()

    assert "(worse)" in page()
    assert "Sense 1 moved" in page()
    Space.objects.update(languages=["de"])
    assert "cannot be told" in page()
