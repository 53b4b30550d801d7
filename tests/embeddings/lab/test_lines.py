"""Several inputs in one field: signed sums and pairs."""

from typing import Any

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from embeddings.lab.lines import signed
from terms.models import Term

pytestmark = pytest.mark.django_db
SUM = "/api/v1/lab/arithmetic"


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("cat", [(1, "cat")]),
        ("cat - dog + 0.5 vet", [(1, "cat"), (-1, "dog"), (0.5, "vet")]),
        ("cat − 2 × dog", [(1, "cat"), (-2, "dog")]),
        ("+1 cat\n-0.5 dog\nvet", [(1, "cat"), (-0.5, "dog"), (1, "vet")]),
        ("-cat + bi-encoder", [(-1, "cat"), (1, "bi-encoder")]),
        ("vector:0.5,-1 - cat", [(1, "vector:0.5,-1"), (-1, "cat")]),
        ("term:2 cats + .5 2-cats", [(1, "term:2 cats"), (0.5, "2-cats")]),
        ("", []),
        (" \n + ", []),
    ],
)
def test_a_sign_between_spaces_parts_a_sum(text: str, parts: list[tuple[float, str]]) -> None:
    assert signed(text) == parts


@given(st.text(alphabet="ab1. +-−×*\n"))
def test_whatever_is_written_gives_weights_and_inputs_that_are_something(text: str) -> None:
    for weight, part in signed(text):
        assert isinstance(weight, float)
        assert part.strip()


@pytest.mark.parametrize(
    ("asked", "parameter", "told"),
    [
        ({"of": " + "}, "of", "Name a term"),
        ({"of": "- cat"}, "of", "Something has to be added"),
        ({"of": "0 cat"}, "of", "more than 0 and up to 10"),
        ({"of": "11 cat"}, "of", "more than 0 and up to 10"),
        ({"of": " + ".join(["cat"] * 9)}, "of", "Up to 8 of them; there are 9"),
        ({"of": "x" * 1_001}, "of", "up to 1000 characters"),
        ({"of": "cat - term:unicorn"}, "of", "no term “unicorn”"),
        ({"of": "cat + vector:1,2"}, "of", "has 2 numbers"),
        ({"of": "cat", "method": "magic"}, "method", "magic"),
        ({"of": "cat", "method": "offset"}, "pairs", "Give a pair"),
        ({"of": "cat", "method": "offset", "pairs": "dog"}, "pairs", "“dog” is not"),
        ({"of": "cat", "method": "offset", "pairs": "dog > "}, "pairs", "“dog >” is not"),
        ({"of": "cat", "method": "offset", "pairs": "dog>a>b"}, "pairs", "“dog>a>b” is not"),
        ({"of": "cat", "method": "offset", "pairs": "dog > vet\n" * 201}, "pairs", "are 201"),
        ({"of": "cat", "method": "map", "pairs": "relation:magic"}, "pairs", "broader"),
        ({"of": "cat", "method": "offset", "pairs": "relation:related"}, "pairs", "both ways"),
        ({"of": "cat", "amount": "2"}, "amount", "1.5"),
        ({"of": "cat", "amount": "nan"}, "amount", ""),
    ],
)
def test_bad_input_is_told_by_its_field(
    client: Client, terms: dict[str, Term], asked: dict[str, str], parameter: str, told: str
) -> None:
    answer = client.get(SUM, asked)
    assert answer.status_code == 400
    [error] = answer.json()["errors"]
    assert error["parameter"] == parameter
    assert told in str(error)
    page = client.get("/en/lab/arithmetic", asked)
    assert page.status_code == 400
    assert 'class="errorlist"' in page.content.decode()


@pytest.mark.parametrize("wrong", [5, None, {}, [1.0, 2.0], [["cat"]], [], True])
def test_json_of_another_kind_is_refused(
    client: Client, terms: dict[str, Term], wrong: Any
) -> None:
    answer = client.post(SUM, {"of": wrong}, content_type="application/json")
    assert answer.status_code == 400


def test_json_takes_lines_as_a_list(client: Client, terms: dict[str, Term]) -> None:
    body = {"of": ["cat", "- 0.5 dog"], "pairs": ["cat > mouse"], "method": "offset"}
    answer = client.post(SUM, body, content_type="application/json").json()
    assert [(each["weight"], each["given"]["slug"]) for each in answer["of"]] == [
        (1.0, "cat"),
        (-0.5, "dog"),
    ]
    assert answer["pairs"] == 1
