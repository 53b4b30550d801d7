"""Masks: what fewer dimensions leave of the neighbours, and of what the glossary knows."""

from typing import Any

import numpy as np
import pytest
from django.test import Client
from rest_framework.exceptions import ValidationError

from embeddings.lab import backdrop
from embeddings.lab.backdrop import Sample
from embeddings.lab.kept import KEPT, ORDERS, drawing, kept, ordered
from embeddings.lab.mask import places
from embeddings.models import Space
from embeddings.vectors import unit
from terms.models import Term
from tests.embeddings.lab.asking import answer, embed_all, refusal
from tests.factories import make_example, make_term, relate

ADDRESS = "/api/v1/lab/mask"
WORDS = ("apple", "bread", "cheese", "dough", "egg", "flour", "grape", "honey", "ice", "juice")
NAMES = (*WORDS, "kale", "lemon")


@pytest.fixture
def terms(space: Space) -> list[Term]:
    """Twelve terms, each with more words in its definition, embedded; and a draft."""
    made = [make_term(name, " ".join(NAMES[: row + 2])) for row, name in enumerate(NAMES)]
    make_term("apple secret", "apple bread, unfinished", status="draft")
    make_example(made[0].senses.get(), "One eats apple with bread.")
    relate(made[0], made[1])
    embed_all(space)
    return made


@pytest.fixture
def measured(space: Space, terms: list[Term]) -> None:
    assert backdrop.measure(space, "en")


def asked(client: Client, **given: Any) -> Any:
    return answer(client, ADDRESS, **{"of": "apple"} | given)


def wrong(client: Client, **given: Any) -> dict[str, str]:
    return refusal(client, ADDRESS, **{"of": "apple"} | given)


@pytest.mark.usefixtures("measured")
@pytest.mark.parametrize("order", ORDERS)
def test_a_mask_that_leaves_nothing_out_changes_nothing(client: Client, order: str) -> None:
    found = asked(client, order=order, k=4_000)
    assert found["kept"] == found["dimensions"]
    assert found["overlap"] == found["by_chance"] == 10
    assert [hit["cosine"] for hit in found["results"]] == pytest.approx(
        [hit["cosine"] for hit in found["control"]], abs=1e-3
    )
    assert {hit["term"]["slug"] for hit in found["results"]} == {
        hit["term"]["slug"] for hit in found["control"]
    }


@pytest.mark.usefixtures("measured")
def test_a_mask_ranks_all_other_terms_by_what_it_keeps(client: Client) -> None:
    found = asked(client, k=2, vectors="true")
    assert (found["kept"], found["among"], len(found["vectors"]["of"])) == (2, 11, 2)
    slugs = {hit["term"]["slug"] for hit in [*found["results"], *found["control"]]}
    assert not slugs & {"apple", "apple-secret"}


@pytest.mark.usefixtures("measured")
def test_single_dimensions_are_left_out(client: Client, space: Space) -> None:
    found = asked(client, order="first", k=space.dimensions, without="0-3, 7")
    assert found["kept"] == space.dimensions - 5


def test_raw_dimensions_need_no_measuring_and_axes_do(client: Client, terms: list[Term]) -> None:
    assert asked(client, order="first")["shares"] == []
    assert "not measured yet" in wrong(client, order="principal")[""]


@pytest.mark.usefixtures("measured")
@pytest.mark.parametrize(
    ("given", "field", "why"),
    [
        ({"k": 0}, "k", "greater than or equal to 1"),
        ({"k": 10**9}, "k", "less than or equal to 4000"),
        ({"order": "last"}, "order", "not a valid choice"),
        ({"without": "0-383"}, "", "leaves no dimension"),
        ({"without": "384"}, "without", "from 0 to 383"),
        ({"without": "9-3"}, "without", "from 0 to 383"),
        ({"without": "a few"}, "without", "neither a number nor a range"),
        ({"without": "1," * 101}, "without", "no more than 200 characters"),
        ({"of": "term:apple secret"}, "of", "There is no term"),
        ({"of": "vector:1,2"}, "of", "The vector has 2 numbers"),
        ({"of": "vector:1" + ",0" * 383, "order": "first", "without": "0"}, "", "leaves nothing"),
    ],
)
def test_it_says_what_is_wrong(client: Client, given: Any, field: str, why: str) -> None:
    assert why in wrong(client, **given)[field]


@pytest.mark.usefixtures("measured")
def test_its_page_shows_the_control_beside_the_mask(client: Client) -> None:
    page = client.get("/en/lab/mask", {"of": "apple", "k": "3"}).content.decode()
    for shown in ("By what is kept", "By all dimensions", "drawn at random", "All 11 other terms"):
        assert shown in page
    assert client.get("/en/lab/mask").status_code == 200
    wrong = client.get("/en/lab/mask", {"of": "apple", "without": "x"})
    assert wrong.status_code == 400
    assert "neither a number nor a range" in wrong.content.decode()


def sample_of(vectors: Any, examples: Any, relations: Any) -> Sample:
    ids = np.arange(len(vectors))
    pairs = np.array(relations, dtype=np.int64).reshape(-1, 2)
    return Sample(ids, ids, vectors, pairs, examples)


def test_what_lies_in_few_dimensions_is_kept_by_their_axes_and_not_by_the_raw_ones() -> None:
    dice = np.random.default_rng(1)
    turn, _ = np.linalg.qr(dice.standard_normal((256, 256)))
    flat, noise = (dice.standard_normal((60, 24)) @ turn[:24] for _ in range(2))
    sample = sample_of(unit(flat), unit(flat + noise), [(0, 1), (2, 3)])
    rows = {(row["k"], row["order"]): row["examples"] for row in kept(sample)["rows"]}
    assert all(rows[k, "principal"] == pytest.approx(1, abs=0.02) for k in KEPT)
    assert rows[32, "first"] < rows[32, "principal"]


def test_a_glossary_without_examples_and_relations_has_nothing_to_measure() -> None:
    vectors = unit(np.random.default_rng(0).standard_normal((20, 64)))
    found = kept(sample_of(vectors, np.zeros_like(vectors), []))
    assert (found["examples"], found["related"]) == (0, 0)
    assert {row["k"] for row in found["rows"]} == {32}
    assert all(row["examples"] is None and row["related"] is None for row in found["rows"])
    assert drawing(found["rows"], 64)["lines"][0]["points"] == "480.0,0.0"


@pytest.mark.parametrize("order", ORDERS)
def test_axes_in_any_order_are_orthonormal(order: str) -> None:
    vectors = unit(np.random.default_rng(0).standard_normal((20, 16)) * np.arange(1, 17))
    axes = ordered(sample_of(vectors, vectors, []), order)
    assert np.allclose(axes @ axes.T, np.eye(16), atol=1e-4)


def test_places_are_numbers_and_ranges() -> None:
    assert places(" 3 , 5 – 7,", 10) == {3, 5, 6, 7}
    assert places("", 10) == frozenset()
    with pytest.raises(ValidationError):
        places("10", 10)
