"""Trails: along neighbours that a worker found, and only past what is public."""

from datetime import timedelta
from typing import Any

import numpy as np
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from embeddings import tasks
from embeddings.lab import graph
from embeddings.models import Graph, Space
from embeddings.vectors import nearest_each, unit
from terms.models import Glossary, Term
from tests.embeddings.lab.asking import embed_all
from tests.factories import make_term, relate

pytestmark = pytest.mark.django_db

URL = "/api/v1/lab/trail"


WORDS = [
    "river",
    "copper",
    "violin",
    "harvest",
    "meadow",
    "engine",
    "lantern",
    "puzzle",
    "orchid",
    "glacier",
    "saddle",
    "thunder",
    "pepper",
    "basket",
    "window",
    "pillow",
    "carbon",
]
FIRST, LAST = "stop river", "stop glacier"


def chain_of(count: int) -> list[Term]:
    """Terms each of which shares most words with the next and none with those further on."""
    return [make_term(f"stop {WORDS[n]}", " ".join(WORDS[n : n + 4])) for n in range(count)]


@pytest.fixture
def stops(space: Space) -> list[Term]:
    Glossary.objects.get_or_create(id=1)
    terms = chain_of(14)
    embed_all(space)
    tasks.set_graph()
    return terms


def asked(client: Client, one: str, other: str) -> dict[str, Any]:
    answer: dict[str, Any] = client.get(URL, {"one": one, "other": other}).json()
    return answer


def test_it_goes_from_one_to_the_other_and_costs_the_same_back(
    client: Client, stops: list[Term]
) -> None:
    there, back = asked(client, FIRST, LAST), asked(client, LAST, FIRST)
    assert there["start"]["term"]["name"] == FIRST
    assert there["results"][-1]["term"]["name"] == LAST
    assert len(there["results"]) > 1
    assert there["cost"] == pytest.approx(back["cost"], abs=0.01)
    assert there["weakest"] == min(step["cosine"] for step in there["results"])
    assert there["weakest"] > there["cosine"]


def test_a_step_says_what_joins_its_stops(client: Client, stops: list[Term]) -> None:
    relate(stops[1], stops[0], "broader")
    [step] = asked(client, FIRST, "stop copper")["results"]
    assert step["relation"] == "narrower"
    assert step["words"] == ["stop", "copper", "violin", "harvest"]


def test_a_term_that_is_hidden_by_now_is_on_no_trail(client: Client, stops: list[Term]) -> None:
    before = asked(client, FIRST, LAST)["results"]
    hidden = [step["term"]["slug"] for step in before[:-1]]
    Term.objects.filter(slug__in=hidden).update(status="draft")
    after = asked(client, FIRST, LAST)
    assert not {step["term"]["slug"] for step in after["results"]} & set(hidden)
    assert "draft" not in str(after)


def test_there_is_no_way_to_an_island(client: Client, stops: list[Term]) -> None:
    made = Graph.objects.get()
    links, count = made.links, len(stops)
    near = np.array([[row ^ 1] * links.near.shape[1] for row in range(count)], dtype=np.int32)
    made.near = near.tobytes()
    made.save()
    graph._links.cache_clear()
    answer = asked(client, FIRST, LAST)
    assert (answer["results"], answer["weakest"], answer["is_soon"]) == ([], None, False)
    page = client.get("/en/lab/trail", {"one": FIRST, "other": LAST})
    assert "There is no way" in page.content.decode()
    graph._links.cache_clear()


def test_without_a_graph_it_says_that_one_will_be_there_soon(client: Client, space: Space) -> None:
    Glossary.objects.get_or_create(id=1)
    make_term("one", "something"), make_term("other", "another thing")
    embed_all(space)
    assert asked(client, "one", "other")["is_soon"]
    page = client.get("/en/lab/trail", {"one": "one", "other": "other"})
    assert "not worked out yet" in page.content.decode()


def test_words_of_ones_own_begin_at_their_nearest_sense(client: Client, stops: list[Term]) -> None:
    answer = asked(client, "text: meadow engine lantern", LAST)
    assert answer["start"]["term"]["name"] == "stop meadow"
    assert 0 < answer["start"]["cosine"] < 1


@pytest.mark.parametrize(("one", "other"), [(FIRST, FIRST), ("term:none", LAST), ("", "x")])
def test_what_has_no_answer_is_refused(
    client: Client, stops: list[Term], one: str, other: str
) -> None:
    for address in (URL, "/en/lab/trail"):
        assert client.get(address, {"one": one, "other": other}).status_code == 400


def test_its_queries_are_fixed(client: Client, stops: list[Term]) -> None:
    asked(client, FIRST, LAST)
    counts = []
    for other in ("stop copper", LAST):
        with CaptureQueriesContext(connection) as seen:
            asked(client, FIRST, other)
        counts.append(len(seen))
    assert counts[0] == counts[1]


def test_the_graph_is_made_once_and_again_when_vectors_change(
    space: Space, stops: list[Term]
) -> None:
    before = len(Graph.objects.get().links.senses)
    assert not graph.is_due(space, "en")
    Graph.objects.update(created_at=timezone.now() - timedelta(hours=1))
    make_term("new", "violin harvest")
    assert not graph.is_due(space, "en")  # it waits until all is embedded
    embed_all(space)
    assert graph.is_due(space, "en")
    tasks.set_graph()
    assert len(Graph.objects.get().links.senses) == before + 1


def test_what_is_measured_is_between_nothing_and_all(stops: list[Term]) -> None:
    figures = Graph.objects.get().figures
    assert figures["pairs"] == 14 * graph.ENDS
    shares = [figures[name] for name in ("connected", "curated", "curated_edges")]
    assert all(0 <= share <= 1 for share in shares)
    assert figures["weakest"] > figures["direct"]


@pytest.mark.parametrize(("block", "width"), [(512, 16_384), (7, 5), (3, 2)])
def test_neighbours_found_in_blocks_are_the_nearest(block: int, width: int) -> None:
    vectors = unit(np.random.default_rng(0).standard_normal((40, 8)))
    near, cosines = nearest_each(vectors, 5, block, width)
    all_cosines = vectors @ vectors.T
    np.fill_diagonal(all_cosines, -2)
    assert np.array_equal(near, np.argsort(-all_cosines, axis=1)[:, :5])
    assert np.allclose(cosines, np.take_along_axis(all_cosines, near, axis=1), atol=1e-6)
