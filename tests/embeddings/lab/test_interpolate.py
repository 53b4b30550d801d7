"""The way between two meanings, and how often its middle finds what links them."""

from itertools import pairwise

import numpy as np
import pytest
from django.test import Client

from embeddings.lab import load
from embeddings.lab.backdrop import Sample
from embeddings.lab.given import read
from embeddings.lab.interpolate import Way, bridges, chains_of
from embeddings.lab.workspace import Workspace
from embeddings.operations import Impossible
from embeddings.vectors import unit
from terms.models import Term

pytestmark = pytest.mark.django_db


def way(workspace: Workspace, one: str, other: str, share: float = 0.5) -> Way:
    found = load("interpolate").answer(
        workspace,
        one=read(workspace, one),
        other=read(workspace, other),
        share=share,
        steps=5,
        way="spherical",
    )
    assert isinstance(found, Way)
    return found


def test_at_its_ends_it_finds_their_neighbours(workspace: Workspace) -> None:
    assert way(workspace, "cat", "invoice", 0).hits == way(workspace, "cat", "invoice").from_one
    assert way(workspace, "cat", "invoice", 1).hits == way(workspace, "cat", "invoice").from_other


def test_both_ends_are_left_out(workspace: Workspace) -> None:
    found = way(workspace, "cat", "invoice")
    for hits in (found.hits, found.from_one, found.from_other, [s.hit for s in found.steps]):
        assert not {"cat", "invoice"} & {hit.term.name for hit in hits}


def test_what_is_met_in_a_row_is_told_once(workspace: Workspace) -> None:
    found = way(workspace, "cat", "invoice")
    runs = [{step.hit.term.name for step in run} for run in found.met]
    assert all(len(run) == 1 for run in runs)
    assert all(one != other for one, other in pairwise(runs))
    assert found.drawn[0]["left"] == 0
    assert found.drawn[-1]["right"] == 600


def test_there_is_no_way_between_opposites(workspace: Workspace) -> None:
    given = read(workspace, "cat")
    opposite = ",".join(str(-x) for x in given.vector)
    with pytest.raises(Impossible, match="no way between"):
        way(workspace, "cat", f"vector:{opposite}")


def test_a_page_says_that_there_is_none(client: Client, terms: dict[str, Term]) -> None:
    one = "vector:1" + ",0" * 383
    page = client.get("/en/lab/interpolate", {"one": one, "other": one.replace(":1", ":-1")})
    assert page.status_code == 400
    assert "no way between them" in page.content.decode()
    assert client.get("/en/lab/interpolate", {"one": "cat"}).status_code == 400


def test_chains_link_two_that_are_not_related_themselves() -> None:
    relations = np.array([[0, 1], [1, 2], [0, 3], [2, 3], [0, 2]])
    assert sorted(map(tuple, chains_of(relations, 9).tolist())) == [(1, 0, 3), (1, 2, 3)]
    assert len(chains_of(relations, 1)) == 1
    assert len(chains_of(np.empty((0, 2), dtype=np.int64), 9)) == 0


def test_the_middle_finds_a_link_that_lies_between() -> None:
    dice = np.random.default_rng(1)
    ends = unit(dice.standard_normal((2, 32)))
    others = unit(dice.standard_normal((200, 32)) + 2 * ends[[0, 1] * 100])
    vectors = np.vstack([ends, unit(ends.sum(axis=0)), others])
    ids = np.arange(len(vectors))
    figures = bridges(Sample(ids, ids, vectors, np.array([[0, 2], [1, 2]])))
    assert figures == {"chains": 1, "midpoint": 1.0, "end": figures["end"]}
    assert bridges(Sample(ids, ids, vectors, np.empty((0, 2), dtype=np.int64))) == {}
