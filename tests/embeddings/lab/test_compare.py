"""Two meanings, against all pairs and those that editors related."""

import numpy as np
import pytest
from django.test import Client

from embeddings.lab import backdrop, load
from embeddings.lab.backdrop import Sample
from embeddings.lab.compare import MOST, Pair, company
from embeddings.lab.given import read
from embeddings.lab.workspace import Workspace
from embeddings.vectors import unit
from terms.models import Term

pytestmark = pytest.mark.django_db


def compared(workspace: Workspace, one: str, other: str, k: int = 5) -> Pair:
    found = load("compare").answer(
        workspace, one=read(workspace, one), other=read(workspace, other), k=k
    )
    assert isinstance(found, Pair)
    return found


def test_neighbours_are_shared_or_of_one_alone_and_never_the_two(workspace: Workspace) -> None:
    found = compared(workspace, "cat", "dog")
    both = {each.one.term.name for each in found.both}
    one, other = ({hit.term.name for hit in hits} for hits in (found.only_one, found.only_other))
    assert not both & one
    assert not both & other
    assert not one & other
    assert not {"cat", "dog"} & (both | one | other)
    assert len(both) + len(one) == len(both) + len(other) == 5
    assert found.company.shared == len(both)


def test_it_is_the_same_from_the_other_side(workspace: Workspace) -> None:
    found, back = compared(workspace, "cat", "invoice"), compared(workspace, "invoice", "cat")
    assert found.cosine == back.cosine
    assert found.only_one == back.only_other
    assert [each.one.term for each in found.both] == [each.one.term for each in back.both]


def test_it_stands_among_all_pairs_once_they_are_measured(workspace: Workspace) -> None:
    assert compared(workspace, "cat", "dog").percentile is None
    backdrop.measure(workspace.space, "en")
    workspace = Workspace(workspace.space, "en")
    near, far = compared(workspace, "cat", "mouse"), compared(workspace, "wolf", "loan")
    assert near.percentile is not None
    assert far.percentile is not None
    assert near.percentile > far.percentile
    assert near.related is not None
    assert [spread.of for spread in near.spreads] == ["random", "related"]
    assert near.company.random is not None
    assert max(bar["all"] for bar in near.bars) == 120


def test_the_same_twice_has_all_in_common(workspace: Workspace) -> None:
    found = compared(workspace, "cat", "cat")
    assert found.cosine == 1
    assert (found.only_one, found.only_other, found.url) == ([], [], "")


def test_two_terms_lead_to_their_entries_and_words_do_not(workspace: Workspace) -> None:
    assert compared(workspace, "cat", "dog").url == "/en/compare/cat/dog"
    assert compared(workspace, "cat", "a pet that purrs").url == ""


@pytest.mark.parametrize(
    "asked",
    [
        {"one": "cat"},
        {"one": "cat", "other": ""},
        {"one": "cat", "other": "term:unicorn"},
        {"one": "cat", "other": "dog", "k": "0"},
        {"one": "cat", "other": "dog", "k": "1000000000"},
    ],
)
def test_bad_input_is_told(client: Client, terms: dict[str, Term], asked: dict[str, str]) -> None:
    assert client.get("/en/lab/compare", asked).status_code == 400
    assert client.get("/api/v1/lab/compare", asked).status_code == 400


def test_the_page_and_rest_say_the_same(client: Client, workspace: Workspace) -> None:
    backdrop.measure(workspace.space, "en")
    asked = {"one": "cat", "other": "dog"}
    told = client.get("/api/v1/lab/compare", asked).json()
    page = client.get("/en/lab/compare", asked).content.decode()
    assert f"{told['percentile']:.1f}% of all pairs" in page
    assert f"{told['company']['shared']} of the 10 nearest" in page
    assert "/en/compare/cat/dog" in page


def test_two_of_one_crowd_share_more_than_two_at_random() -> None:
    dice = np.random.default_rng(2)
    crowds = np.repeat(np.eye(4, 16, dtype=np.float32), 60, axis=0)
    vectors = unit(crowds + 0.1 * dice.standard_normal(crowds.shape))
    ids = np.arange(len(vectors))
    relations = np.array([[row, row + 1] for row in range(0, 238, 2)])
    figures = company(Sample(ids, ids, vectors, relations))
    assert len(figures["random"]) == len(figures["related"]) == MOST
    assert figures["related"][49] > 2 * figures["random"][49]
    assert figures["random"] == sorted(figures["random"])
    assert "related" not in company(Sample(ids, ids, vectors, np.empty((0, 2), dtype=np.int64)))
