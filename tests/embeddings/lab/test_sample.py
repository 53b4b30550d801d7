"""Sampling: points around a meaning, drawn again by their seed, and the terms they fall on."""

from typing import Any

import numpy as np
import pytest
from django.test import Client

from embeddings import operations
from embeddings.lab import backdrop
from embeddings.lab.sample import ways
from embeddings.models import Space
from embeddings.vectors import unit
from tests.embeddings.lab.asking import answer, embed_all, refusal
from tests.factories import make_term

ADDRESS = "/api/v1/lab/sample"
WORDS = ("apple", "bread", "cheese", "dough", "egg", "flour", "grape", "honey", "ice", "juice")


@pytest.fixture
def embedded(space: Space) -> None:
    for number, word in enumerate((*WORDS, "kale", "lemon")):
        make_term(word, f"Something to eat that is called {word}, number {number}.")
    make_term("apple secret", "Of apple, unfinished.", status="draft")
    embed_all(space)


@pytest.fixture
def measured(space: Space, embedded: None) -> None:
    assert backdrop.measure(space, "en")


def asked(client: Client, **given: Any) -> Any:
    return answer(client, ADDRESS, **{"of": "apple"} | given)


def wrong(client: Client, **given: Any) -> dict[str, str]:
    return refusal(client, ADDRESS, **{"of": "apple"} | given)


@pytest.mark.usefixtures("measured")
def test_points_lie_within_the_radius_and_fall_on_public_terms(client: Client) -> None:
    found = asked(client, radius=80, count=50)
    assert len(found["points"]) == 50
    assert all(point["angle"] <= 80.1 for point in found["points"])
    assert sum(met["points"] for met in found["results"]) == 50
    slugs = {each["term"]["slug"] for each in [*found["points"], *found["control"]]}
    assert slugs <= {*WORDS, "kale", "lemon"} - {"apple"}
    assert found["home"]["term"]["slug"] == "apple"
    assert found["staying"] == sum(point["stays"] for point in found["points"]) > 0


@pytest.mark.usefixtures("measured")
def test_next_to_the_centre_every_point_stays_and_is_next_to_a_neighbour(client: Client) -> None:
    found = asked(client, radius=1)
    assert (found["staying"], found["staying_otherwise"]) == (30, 30)
    assert found["results"][0]["term"] == found["control"][0]["term"]


@pytest.mark.usefixtures("measured")
def test_a_seed_gives_the_same_points_and_another_one_others(client: Client) -> None:
    first, again, other = (asked(client, seed=seed, vectors="true") for seed in (1, 1, 2))
    assert first == again
    assert first["vectors"]["points"] != other["vectors"]["points"]


@pytest.mark.usefixtures("measured")
def test_each_kind_of_directions_is_the_control_of_the_other(client: Client) -> None:
    varied, even = (asked(client, radius=90, directions=kind) for kind in ("glossary", "even"))
    assert varied["staying_otherwise"] == even["staying"]
    assert even["staying_otherwise"] == varied["staying"]


@pytest.mark.usefixtures("embedded")
def test_even_directions_need_no_measuring_and_the_glossarys_do(client: Client) -> None:
    assert asked(client, directions="even")["staying_otherwise"] is None
    assert "not measured yet" in wrong(client)[""]


@pytest.mark.usefixtures("measured")
@pytest.mark.parametrize(
    ("given", "field", "why"),
    [
        ({"radius": 0}, "radius", "greater than or equal to 1"),
        ({"radius": 91}, "radius", "less than or equal to 90"),
        ({"count": 0}, "count", "greater than or equal to 1"),
        ({"count": 10**9}, "count", "less than or equal to 50"),
        ({"seed": -1}, "seed", "greater than or equal to 0"),
        ({"seed": 2**31}, "seed", "less than or equal to"),
        ({"directions": "up"}, "directions", "not a valid choice"),
        ({"of": "term:apple secret"}, "of", "There is no term"),
        ({"of": ""}, "of", "Name a term"),
    ],
)
def test_it_says_what_is_wrong(client: Client, given: Any, field: str, why: str) -> None:
    assert why in wrong(client, **given)[field]


def test_a_glossary_without_terms_has_nothing_to_fall_on(client: Client, space: Space) -> None:
    assert "nothing else" in wrong(client, of="anything", directions="even")[""]


@pytest.mark.usefixtures("measured")
def test_its_page_shows_the_points_beside_the_neighbours(client: Client) -> None:
    page = client.get("/en/lab/sample", {"of": "apple", "radius": "85"}).content.decode()
    for shown in ("30 points around", "What the points come to", "Its plain neighbours"):
        assert shown in page
    assert "seed=2" in page
    assert page.count("<g data-") == 30
    assert client.get("/en/lab/sample").status_code == 200
    assert client.get("/en/lab/sample", {"of": "apple", "seed": "x"}).status_code == 400


@pytest.mark.usefixtures("measured")
def test_one_point_that_is_the_centre_has_a_place(client: Client) -> None:
    assert client.get("/en/lab/sample", {"of": "apple", "count": "1"}).status_code == 200


def test_ways_are_unit_vectors_and_the_centre_has_none() -> None:
    centre = unit(np.random.default_rng(0).standard_normal((1, 16)))[0]
    points = operations.around(centre, 1.0, 9, seed=1)
    found = ways(np.concatenate([points, centre[None]]), centre)
    assert np.allclose(np.linalg.norm(found[:9], axis=1), 1, atol=1e-4)
    assert not found[9].any()
