"""The space as second reader, and the address that a page asks while one types."""

import json
from dataclasses import replace
from typing import Any

import pytest
from django.test import Client

from embeddings import pipeline, placed
from embeddings.encoders import EncoderUnavailable, load
from embeddings.hints import hints_of
from embeddings.models import Space
from terms.entry import Entry, Link, SenseText, entry_of
from terms.entry_json import to_json
from terms.hints import Kind
from terms.models import Miss, Term
from tests.factories import make_editor, make_proposal, make_term, make_topic, make_user, relate

pytestmark = pytest.mark.django_db
STORE = "A database that keeps many vectors and finds the nearest of them."


def embed(space: Space) -> None:
    while pipeline.embed_due(space, load(space.encoder)):
        pass


def entry(name: str, *senses: SenseText | str) -> Entry:
    return Entry(name, senses=[SenseText(s) if isinstance(s, str) else s for s in senses])


@pytest.fixture
def store(space: Space) -> Term:
    """Of the glossary's terms one is a vector store, in the topic of databases."""
    topic = make_topic("databases")
    terms = [make_term("vector store", STORE), make_term("lake", "Water with land around.")]
    terms[0].senses.get().topics.add(topic)
    make_term("secret store", STORE, status="draft")
    embed(space)
    return terms[0]


def test_it_tells_the_same_meaning_under_another_name(space: Space, store: Term) -> None:
    [hint] = [h for h in hints_of(space, entry("depot", STORE)) if h.kind == Kind.DUPLICATE]
    assert hint.sentence == f"“vector store” may mean the same: {STORE}"
    assert (hint.path, hint.model) == ("senses[0].definition", "hashing")
    assert hint.score is not None
    assert hint.score > 0.99
    kinds = [h.kind for h in hints_of(space, entry_of(store), store.pk)]
    assert Kind.DUPLICATE not in kinds, "a term is no duplicate of itself"


def test_it_offers_relations_with_score_and_model_but_not_those_there_are(
    space: Space, store: Term
) -> None:
    written = entry("depot", STORE)
    [hint] = [h for h in hints_of(space, written) if h.kind == Kind.RELATION]
    assert hint.action is not None
    assert hint.action["term"]["slug"] == "vector-store"
    assert hint.action["provenance"] == "suggestion"
    assert (hint.action["model"], hint.action["id"]) == ("hashing", store.pk)
    said = replace(written, relations=[Link("related", "vector store")])
    assert Kind.RELATION not in [h.kind for h in hints_of(space, said)]
    other = make_term("depot", STORE)
    relate(other, store)
    assert Kind.RELATION not in [h.kind for h in hints_of(space, written, other.pk)]


def test_it_offers_the_topics_of_most_neighbours(space: Space, store: Term) -> None:
    Term.objects.filter(slug="lake").delete()
    [hint] = [h for h in hints_of(space, entry("depot", STORE)) if h.kind == Kind.TOPIC]
    assert (hint.path, hint.action and hint.action["slug"]) == ("senses[0].topics", "databases")
    there = entry("depot", SenseText(STORE, topics=["Databases"]))
    assert Kind.TOPIC not in [h.kind for h in hints_of(space, there)]


def test_it_offers_names_that_readers_tried(space: Space) -> None:
    Miss.objects.create(query="nest egg", count=2)
    Miss.objects.create(query="zebra", count=9)
    written = entry("nest egg store", "A nest egg.")
    [hint] = hints_of(space, written, misses=True)
    assert (hint.kind, hint.action and hint.action["name"]) == (Kind.ALIAS, "nest egg")
    assert hints_of(space, written) == []


def test_it_tells_an_example_of_another_sense(space: Space) -> None:
    bank = SenseText("Sloping land beside a river.", examples=[("A bank that lends money.", "")])
    money = SenseText("A house that lends money.")
    [hint] = hints_of(space, entry("bank", bank, money))
    assert hint.path == "senses[0].examples[0].text"
    assert hint.sentence == "This example may be of sense 2."


def test_it_encodes_only_what_was_typed_since(space: Space, monkeypatch: Any) -> None:
    encoder, told = load("hashing"), []

    class Listening:
        def encode(self, texts: list[str]) -> Any:
            told.extend(texts)
            return encoder.encode(texts)

    monkeypatch.setattr(placed, "load_for_query", lambda key: Listening())
    hints_of(space, entry("heron", "A grey bird."))
    told.clear()
    hints_of(space, entry("heron", "A grey bird that waits."))
    assert told == ["heron: A grey bird that waits.", "A grey bird that waits."]


def ask(client: Client, body: Any) -> Any:
    return client.post("/edit/hints", json.dumps(body), content_type="application/json")


@pytest.fixture
def editor(client: Client) -> Client:
    client.force_login(make_user("editors"))
    return client


def test_it_answers_an_entry_that_is_being_typed(editor: Client, store: Term) -> None:
    answer = ask(editor, {"entry": to_json(entry("depot", STORE, "")), "term": None}).json()
    assert answer["meaning"] == "ready"
    assert {"duplicate", "relation"} <= {hint["kind"] for hint in answer["hints"]}
    assert "secret" not in json.dumps(answer)


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ([], 400),
        ({}, 400),
        ({"entry": {"name": ""}}, 400),
        ({"entry": {"name": "x"}, "term": "x"}, 404),
        ({"entry": {"name": "x"}, "term": 10**30}, 404),
        ({"entry": {"name": "x" * 200_001}}, 413),
    ],
)
def test_it_says_what_is_wrong_with_a_request(editor: Client, body: Any, status: int) -> None:
    answer = ask(editor, body)
    assert answer.status_code == status
    assert answer.json()["detail"]
    assert editor.post("/edit/hints", "[" * 9999, content_type="text/plain").status_code == 400


def test_it_shows_no_draft_to_a_contributor(client: Client, store: Term) -> None:
    client.force_login(make_user("contributors"))
    body = {"entry": to_json(entry("depot", STORE)), "term": Term.objects.get(status="draft").pk}
    assert ask(client, body).status_code == 404
    assert ask(client, body | {"term": store.pk}).status_code == 200


def test_it_goes_on_without_the_model(editor: Client, space: Space, monkeypatch: Any) -> None:
    def unavailable(key: str) -> None:
        raise EncoderUnavailable("not yet")

    monkeypatch.setattr(placed, "load_for_query", unavailable)
    body = {"entry": to_json(entry("ghost", "A list of ghosts."))}
    answer = ask(editor, body).json()
    assert answer["meaning"] == "loading"
    assert [hint["kind"] for hint in answer["hints"]] == ["circular"]
    Space.objects.update(languages=["de"])
    assert ask(editor, body).json()["meaning"] == "off"


def test_a_proposal_is_read_a_second_time_before_it_is_decided(
    client: Client, store: Term, space: Space
) -> None:
    client.force_login(make_editor(whole=True))
    same = Entry("depot", senses=[SenseText(store.senses.get().definition)])
    proposal = make_proposal(same)
    page = client.get(f"/accounts/proposals/{proposal.pk}/").content.decode()
    assert "may mean the same" in page
    assert "answered otherwise" in page
    circular = make_proposal(Entry("depot", senses=[SenseText("A depot is a depot.")]))
    assert (
        "explains “depot” by “depot”"
        in client.get(f"/accounts/proposals/{circular.pk}/").content.decode()
    )
