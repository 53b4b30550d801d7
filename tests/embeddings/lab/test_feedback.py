"""The state fed back, on a page and by REST; the graph's part is played by hashed words."""

from collections.abc import Sequence
from typing import Any

import pytest
from django.test import Client

from embeddings.encoders import EncoderUnavailable, load
from embeddings.models import Space, Tuning
from embeddings.vectors import Matrix, unit
from terms.models import Term
from tests.embeddings.test_tuning import BETTER, make_done

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("terms", "read_twice")]

PAGE, REST = "/en/lab/reason", "/api/v1/lab/reason"
ASKED = {"question": "an animal that hunts", "how": "feedback"}


class ReadTwice:
    """Words, and then these once more with some of money."""

    def encode(self, texts: Sequence[str]) -> Matrix:
        hashing = load("hashing")
        return unit(hashing.encode(texts) + hashing.encode(["money that a bank lends"]))


@pytest.fixture
def read_twice(space: Space, terms: dict[str, Term], monkeypatch: pytest.MonkeyPatch) -> None:
    """The space passes for that of the shipped model."""

    def query_encoder(key: str) -> Any:
        return ReadTwice() if key.startswith("tuned:") else load("hashing")

    Space.objects.filter(pk=space.pk).update(encoder="sentence_transformers")
    for module in ("lab.workspace", "lab.feedback", "encoders"):
        monkeypatch.setattr(f"embeddings.{module}.load_for_query", query_encoder)


def make_feedback(**fields: Any) -> Tuning:
    return make_done(**{"kind": "feedback", "side": "query", "epochs": 0} | fields)


def test_without_a_tuning_it_says_how_one_is_made(client: Client) -> None:
    page = client.get(PAGE, ASKED)
    assert page.status_code == 400
    assert "manage.py tune --kind feedback --side query --epochs 0" in page.text
    assert client.get(REST, ASKED).status_code == 400


def test_it_answers_in_one_hop_beside_the_plain_answer(client: Client) -> None:
    tuning = make_feedback()
    found = client.get(REST, ASKED | {"hops": 4}).json()
    plain, again = found["hops"]
    assert (plain["number"], plain["moved"]) == (0, 0)
    assert again["moved"] > 0
    names = [[hit["term"]["name"] for hit in hop["results"]] for hop in (plain, again)]
    assert names[0] != names[1]
    assert found["verdict"]["adapters"][0]["tuning"] == tuning.pk
    page = client.get(PAGE, ASKED)
    assert "The plain answer" in page.text
    assert "this one step, and no second" in page.text


def test_its_verdict_is_its_own_figures_and_a_plain_adapters_of_the_same_pairs(
    client: Client,
) -> None:
    worse = {"questions": 90, "base": 0.3, "tuned": 0.21, "low": -0.12, "high": -0.06}
    make_feedback(figures=BETTER | {"reverse": worse})
    make_done(side="query", kind="lora", seed=2)
    make_done(side="query", kind="lora", pairs=["name"])
    assert len(client.get(REST, ASKED).json()["verdict"]["adapters"]) == 1
    plain = make_done(side="query", kind="lora")
    adapters = client.get(REST, ASKED).json()["verdict"]["adapters"]
    assert [each["kind"] for each in adapters] == ["feedback", "lora"]
    assert adapters[1]["tuning"] == plain.pk
    page = client.get(PAGE, ASKED).text
    for words in ("90 terms", "untrained", "0.210", "harms", "a plain adapter", "0.350", "helps"):
        assert words in page


def test_one_without_figures_has_no_verdict(client: Client) -> None:
    make_feedback(figures={"imported": {}}, epochs=1)
    assert "not measured here" in client.get(PAGE, ASKED).text


def test_the_newest_is_asked_through_unless_another_is_named(client: Client) -> None:
    older, newer = make_feedback(), make_feedback(epochs=2)

    def asked(**more: Any) -> int:
        number: int = client.get(REST, ASKED | more).json()["verdict"]["adapters"][0]["tuning"]
        return number

    assert asked() == newer.pk
    assert asked(tuned=older.pk) == older.pk


@pytest.mark.parametrize("wrong", ["0", "-1", "x", "9" * 30, "999999"])
def test_no_other_number_is_one(client: Client, wrong: str) -> None:
    make_feedback()
    for url in (PAGE, REST):
        assert client.get(url, ASKED | {"tuned": wrong}).status_code == 400


def test_one_of_another_kind_or_not_done_feeds_nothing_back(client: Client) -> None:
    plain = make_done(side="query", kind="lora")
    make_feedback(state="stopped")
    assert client.get(REST, ASKED).status_code == 400
    assert client.get(REST, ASKED | {"tuned": plain.pk}).status_code == 400


@pytest.mark.parametrize("question", ["cat", "term:cat", "vector:" + ",".join(["0.1"] * 384)])
def test_only_words_can_be_read_again(client: Client, question: str) -> None:
    make_feedback()
    page = client.get(PAGE, ASKED | {"question": question})
    assert page.status_code == 400
    assert "Only words can be read again" in page.text


def test_a_terms_name_can_be_asked_as_words(client: Client) -> None:
    make_feedback()
    assert client.get(REST, ASKED | {"question": "text: cat"}).status_code == 200


def test_a_space_of_another_model_is_not_read_twice(client: Client, space: Space) -> None:
    make_feedback()
    Space.objects.filter(pk=space.pk).update(encoder="hashing")
    assert "another model" in client.get(PAGE, ASKED).text


def test_until_its_graph_is_made_the_page_says_so(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def missing(key: str) -> None:
        raise EncoderUnavailable("being prepared")

    make_feedback()
    monkeypatch.setattr("embeddings.lab.feedback.load_for_query", missing)
    assert "just starting" in client.get(PAGE, ASKED).text
    assert client.get(REST, ASKED).status_code == 503


def test_a_kept_page_is_not_shown_when_there_is_another_tuning(client: Client) -> None:
    make_feedback()
    page = client.get(PAGE, ASKED)
    kept = {"if-none-match": page["ETag"]}
    assert client.get(PAGE, ASKED, headers=kept).status_code == 304
    make_done(side="query", kind="lora")
    assert client.get(PAGE, ASKED, headers=kept).status_code == 200
