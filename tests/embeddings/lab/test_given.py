"""What an operation is given: terms, senses, words, vectors, and what is none of these."""

from typing import Any

import numpy as np
import pytest
from django.test import Client

from embeddings.encoders import EncoderUnavailable
from embeddings.lab import bounds
from embeddings.lab.given import NotGiven, of_vector, read
from embeddings.lab.workspace import Workspace
from embeddings.operations import Impossible
from terms.models import Term
from terms.rates import Rate
from tests.factories import make_alias, make_sense, make_term

pytestmark = pytest.mark.django_db


def test_it_takes_a_name_for_the_term_and_other_words_as_they_are(workspace: Workspace) -> None:
    make_alias(Term.objects.get(name="cat"), "puss")
    for asked in ("cat", "Cat", "puss", "term:cat"):
        given = read(workspace, asked)
        assert (given.kind, given.name) == ("term", "cat")
    words = read(workspace, "an animal that purrs")
    assert (words.kind, words.term, words.url) == ("text", None, "")
    assert read(workspace, "text:cat").kind == "text"


def test_it_takes_a_term_by_its_first_sense_and_a_sense_by_its_key(
    workspace: Workspace, terms: dict[str, Term]
) -> None:
    second = make_sense(terms["cat"], "A whip with nine tails.")
    with pytest.raises(NotGiven, match="no vector yet"):
        read(workspace, f"sense:{second.key}")
    first = terms["cat"].senses.get(position=1)
    assert read(workspace, "cat").sense == read(workspace, f"sense:{first.key}").sense == first


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ("term:unicorn", "no term “unicorn”"),
        ("term:hidden", "no term “hidden”"),
        ("sense:nothing", "no sense “nothing”"),
        ("term:", "Nothing follows “term:”"),
        ("term:both", "several terms; choose one: term:cat, term:dog"),
        ("vector:1,2,3", "has 3 numbers; this space has 384"),
        ("vector:1,two", "numbers alone"),
    ],
)
def test_it_says_what_is_not_there(workspace: Workspace, asked: str, told: str) -> None:
    make_term("hidden", status="draft")
    for name in ("cat", "dog"):
        make_alias(Term.objects.get(name=name), "both")
    with pytest.raises(NotGiven, match=told):
        read(workspace, asked)


def test_a_vector_is_as_long_as_the_space_finite_and_points_somewhere(workspace: Workspace) -> None:
    given = of_vector(workspace, [2.0] + [0.0] * 383)
    assert given.vector[0] == 1
    assert np.allclose(read(workspace, given.asked).vector, given.vector)
    with pytest.raises(Impossible, match="NaN"):
        of_vector(workspace, [float("nan")] * 384)
    with pytest.raises(Impossible, match="points nowhere"):
        of_vector(workspace, [0.0] * 384)
    hostile: list[list[Any]] = [[{}] * 384, ["a"] * 384, [[1]] * 384, [None] * 384]
    for wrong in hostile:
        with pytest.raises((NotGiven, Impossible)):
            of_vector(workspace, wrong)


@pytest.mark.parametrize("asked", ["", "   ", "x" * 1_001, "word " * 25_000])
def test_blank_and_endless_texts_are_refused_by_name(
    client: Client, terms: dict[str, Term], asked: str
) -> None:
    answer = client.get("/api/v1/lab/neighbours", {"of": asked})
    assert answer.status_code == 400
    assert [error["parameter"] for error in answer.json()["errors"]] == ["of"]


@pytest.mark.parametrize("asked", [7, None, {}, [1, 2], ["a"] * 384, [1e400] * 384])
def test_json_that_is_no_input_is_refused(
    client: Client, terms: dict[str, Term], asked: Any
) -> None:
    answer = client.post("/api/v1/lab/neighbours", {"of": asked}, "application/json")
    assert answer.status_code == 400


def test_without_a_model_terms_still_work_and_words_say_why_not(
    client: Client, terms: dict[str, Term], monkeypatch: pytest.MonkeyPatch
) -> None:
    def unavailable(key: str) -> Any:
        raise EncoderUnavailable("not made yet")

    monkeypatch.setattr("embeddings.lab.workspace.load_for_query", unavailable)
    assert client.get("/api/v1/lab/neighbours", {"of": "cat"}).status_code == 200
    assert client.get("/api/v1/lab/neighbours", {"of": "a beast"}).status_code == 503
    page = client.get("/en/lab/neighbours", {"of": "a beast"})
    assert page.status_code == 200
    assert "is just starting" in page.content.decode()


@pytest.mark.parametrize("number", ["nan", "inf", "-inf"])
def test_what_is_no_number_is_refused_by_name(
    client: Client, terms: dict[str, Term], number: str
) -> None:
    asked = {"of": "cat", "balance": number}
    answer = client.get("/api/v1/lab/neighbours", asked)
    assert [error["parameter"] for error in answer.json()["errors"]] == ["balance"]


def test_inputs_and_drawings_have_numbers_as_they_take_them_in_every_language(
    client: Client, workspace: Workspace
) -> None:
    Term.objects.update(language="de")
    asked = {"one": "cat", "other": "invoice", "share": "0.45"}
    page = client.get("/de/lab/interpolate", asked).content.decode()
    assert 'step="0.05" value="0.45"' in page
    assert 'cx="270.0"' in page
    assert "0,45" in page  # as the words around have it


def test_an_address_that_asks_for_too_much_is_told_to_wait(
    client: Client, terms: dict[str, Term], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bounds, "RATE", Rate("lab of a test", most=2, seconds=60))
    bounds.RATE.forget("127.0.0.1")
    asked = {"of": "cat"}
    assert client.get("/en/lab/neighbours", asked).status_code == 200
    assert client.get("/api/v1/lab/neighbours", asked).status_code == 200
    page = client.get("/en/lab/neighbours", asked)
    assert page.status_code == 429
    assert "go on in a minute" in page.content.decode()
    answer = client.get("/api/v1/lab/neighbours", asked)
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "60")
    assert client.get("/en/lab/neighbours").status_code == 200  # the form alone costs nothing
