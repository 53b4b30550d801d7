"""Why a sense is near a question: words that count are marked, on the page and in REST."""

import pytest
from django.test import Client

from embeddings import pipeline
from embeddings.encoders import EncoderUnavailable, load
from embeddings.encoders.hashing import HashingEncoder
from embeddings.explain import MARKED, MAX_WORDS, explain
from embeddings.models import Space
from terms.models import Sense
from tests.factories import make_term


def test_it_marks_the_words_that_two_texts_share() -> None:
    found = explain(HashingEncoder(), "who stores the vectors", "A database that keeps vectors")
    assert [word.text for word in found.question if word.is_marked] == ["vectors"]
    assert [word.text for word in found.definition if word.is_marked] == ["vectors"]
    assert 0 < found.cosine < 1


def test_it_bounds_what_it_encodes_and_marks() -> None:
    found = explain(HashingEncoder(), "word " * 500, "word other " * 500)
    assert len(found.question) == len(found.definition) == MAX_WORDS
    assert sum(word.is_marked for word in found.definition) <= MARKED


def test_it_explains_a_question_of_one_word() -> None:
    [word] = explain(HashingEncoder(), "vectors", "vectors").question
    assert word.is_marked


@pytest.mark.parametrize(("question", "definition"), [("", "text"), ("text", " ")])
def test_it_needs_words(question: str, definition: str) -> None:
    with pytest.raises(ValueError, match="word"):
        explain(HashingEncoder(), question, definition)


@pytest.fixture
def sense(space: Space) -> Sense:
    make_term("store", "A database that keeps vectors.")
    pipeline.embed_due(space, load(space.encoder))
    return Sense.objects.get()


@pytest.mark.django_db
def test_it_says_why_on_a_page_that_the_answer_leads_to(client: Client, sense: Sense) -> None:
    answer = client.get("/en/search", {"q": "what keeps the many vectors"}).content.decode()
    assert f"/en/search/why?q=what+keeps+the+many+vectors&amp;sense={sense.key}" in answer
    page = client.get("/en/search/why", {"q": "what keeps vectors", "sense": sense.key})
    assert "<mark" in page.content.decode()
    assert client.get("/en/search/why", {"q": "what", "sense": "nothing"}).status_code == 404
    assert client.get("/en/search/why", {"sense": sense.key}).status_code == 404


@pytest.mark.django_db
def test_it_says_why_in_rest(client: Client, sense: Sense) -> None:
    body = client.get("/api/v1/explain", {"q": "what keeps vectors", "sense": sense.key}).json()
    assert [word["text"] for word in body["question"] if word["is_marked"]] == ["keeps", "vectors"]
    assert client.get("/api/v1/explain", {"q": "x", "sense": "nothing"}).status_code == 404
    assert client.get("/api/v1/explain", {"q": "x"}).status_code == 400


@pytest.mark.django_db
def test_it_never_explains_a_draft(client: Client, sense: Sense) -> None:
    sense.term.status = "draft"
    sense.term.save()
    for path in ("/api/v1/explain", "/en/search/why"):
        assert client.get(path, {"q": "vectors", "sense": sense.key}).status_code == 404


@pytest.mark.django_db
def test_it_says_that_the_model_is_not_ready(
    client: Client, sense: Sense, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unavailable(key: str) -> None:
        raise EncoderUnavailable("not there yet")

    monkeypatch.setattr("embeddings.views.load_for_query", unavailable)
    monkeypatch.setattr("embeddings.api.views.load_for_query", unavailable)
    asked = {"q": "vectors", "sense": sense.key}
    assert "just starting" in client.get("/en/search/why", asked).content.decode()
    assert client.get("/api/v1/explain", asked).status_code == 503


def test_it_explains_a_definition_of_marks(client: Client, sense: Sense) -> None:
    Sense.objects.filter(pk=sense.pk).update(definition="> " * 300 + "deep")
    question = {"q": "deep", "sense": sense.key}
    for path in ("/en/search/why", "/api/v1/explain"):
        assert client.get(path, question).status_code == 200
