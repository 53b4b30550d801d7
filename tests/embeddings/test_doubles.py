"""The rows of a file that mean what a stored term means, told of all of them at once."""

from typing import Any

import pytest

from embeddings import pipeline, placed
from embeddings.doubles import same_meanings
from embeddings.encoders import load
from embeddings.models import Space
from terms.entry import Entry, SenseText
from terms.models import Term
from tests.factories import make_sense, make_term

pytestmark = pytest.mark.django_db
STORE = "A database that keeps many vectors and finds the nearest of them."
LAKE = "Water with land around."


@pytest.fixture
def store(space: Space) -> Term:
    make_term("secret store", STORE, status="draft")
    make_term("lake", LAKE)
    store = make_term("vector store", STORE)
    make_sense(store, "A shop for arrows.")
    while pipeline.embed_due(space, load(space.encoder)):
        pass
    return store


def entry(name: str, *definitions: str, language: str = "en") -> Entry:
    return Entry(name, language=language, senses=[SenseText(each) for each in definitions])


def test_it_tells_each_row_by_its_first_sense_that_is_there(space: Space, store: Term) -> None:
    hints = same_meanings(
        space,
        [
            entry("new", "Nothing of the kind, whatsoever."),
            entry("depot", "", "Another thing altogether, unheard of.", STORE, LAKE),
            entry("mere", f"**{LAKE}**"),
            entry("lac", LAKE, language="fr"),
            entry("empty"),
        ],
    )
    told = [hint and (hint.path, hint.url) for hint in hints]
    assert told == [
        None,
        ("senses[2].definition", store.get_absolute_url()),
        ("senses[0].definition", "/en/define/lake"),
        None,
        None,
    ]
    assert hints[1] is not None
    assert hints[1].sentence == f"“vector store” may mean the same: {STORE}"


def test_it_asks_the_encoder_and_the_database_once(
    space: Space, store: Term, monkeypatch: Any, django_assert_num_queries: Any
) -> None:
    encoder, calls = load("hashing"), []
    monkeypatch.setattr(placed, "_known", {})

    class Listening:
        def encode(self, texts: list[str]) -> Any:
            calls.append(texts)
            return encoder.encode(texts)

    monkeypatch.setattr(placed, "load_for_query", lambda key: Listening())
    rows = [entry(f"n{n}", f"A thing of {n} parts.", STORE) for n in range(50)]
    with django_assert_num_queries(1):
        same_meanings(space, rows)
    assert [len(texts) for texts in calls] == [51], "a text that is there twice is encoded once"
    with django_assert_num_queries(0):
        assert same_meanings(space, []) == []


def test_it_leaves_out_languages_that_the_model_does_not_know(space: Space, store: Term) -> None:
    Space.objects.update(languages=["de"])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(placed, "load_for_query", None)
        assert same_meanings(Space.objects.get(), [entry("mere", LAKE)]) == [None]
