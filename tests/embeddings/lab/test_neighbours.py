"""The nearest terms, and what they are read against."""

import pytest
from django.test import Client

from embeddings.lab import backdrop, load
from embeddings.lab.given import read
from embeddings.lab.neighbours import Near
from embeddings.lab.workspace import Workspace
from terms.models import Term
from tests.embeddings.lab.asking import embed_all
from tests.factories import make_sense, make_term

pytestmark = pytest.mark.django_db


def near(workspace: Workspace, of: str, k: int = 3, balance: float = 1) -> Near:
    found = load("neighbours").answer(workspace, of=read(workspace, of), k=k, balance=balance)
    assert isinstance(found, Near)
    return found


def names(found: Near) -> list[str]:
    return [each.hit.term.name for each in found.neighbours]


def test_it_finds_the_nearest_without_the_term_itself(workspace: Workspace) -> None:
    found = near(workspace, "invoice")
    assert set(names(found)[:2]) == {"receipt", "bill"}
    assert "invoice" not in names(near(workspace, "invoice", k=50))
    assert len(near(workspace, "invoice", k=50).neighbours) == 10


def test_a_term_with_several_senses_is_there_once_by_the_nearest(
    workspace: Workspace, terms: dict[str, Term]
) -> None:
    nearer = make_sense(terms["bank"], "A paper that says how much money a seller is owed.")
    embed_all(workspace.space)
    found = near(workspace, "invoice", k=10)
    [bank] = [each for each in found.neighbours if each.hit.term == terms["bank"]]
    assert bank.hit.sense == nearer


def test_drafts_are_no_neighbours(workspace: Workspace) -> None:
    make_term("secret bill", "A paper that says how much money is owed.", status="draft")
    embed_all(workspace.space)
    assert "secret bill" not in names(near(workspace, "invoice", k=50))


def test_variety_makes_neighbours_less_alike(workspace: Workspace) -> None:
    plain, varied = near(workspace, "cash", k=4), near(workspace, "cash", k=4, balance=0.5)
    assert plain.alike == plain.alike_plain == varied.alike_plain
    assert varied.alike < plain.alike


def test_the_background_is_the_mean_cosine_to_all(workspace: Workspace) -> None:
    assert near(workspace, "cat").background is None
    del workspace.backdrop
    backdrop.measure(workspace.space, "en")
    found = near(workspace, "cat", k=10)
    cosines = [each.hit.cosine for each in found.neighbours] + [1]
    assert found.background == pytest.approx(sum(cosines) / len(cosines), abs=1e-3)
    first = found.neighbours[0]
    assert found.background is not None
    assert first.above == pytest.approx(first.hit.cosine - found.background, abs=1e-4)


def test_a_page_and_rest_say_the_same(client: Client, terms: dict[str, Term]) -> None:
    asked = {"of": "cat", "k": "3"}
    answer = client.get("/api/v1/lab/neighbours", asked).json()
    assert [answer["of"][part] for part in ("kind", "name", "slug")] == ["term", "cat", "cat"]
    page = client.get("/en/lab/neighbours", asked).content.decode()
    for row in answer["results"]:
        assert row["term"]["slug"] in page
    assert "vectors" not in answer
    given = client.get("/api/v1/lab/neighbours", asked | {"vectors": "true"}).json()["vectors"]
    posted = client.post(
        "/api/v1/lab/neighbours", {"of": given["of"], "k": 4}, "application/json"
    ).json()
    assert posted["of"]["kind"] == "vector"
    assert posted["results"][0]["term"]["slug"] == "cat"


@pytest.mark.parametrize("k", ["0", "-1", "1000000000", "many", "51"])
def test_a_number_out_of_bounds_is_refused_by_name(
    client: Client, terms: dict[str, Term], k: str
) -> None:
    answer = client.get("/api/v1/lab/neighbours", {"of": "cat", "k": k})
    assert (answer.status_code, answer.json()["errors"][0]["parameter"]) == (400, "k")
    page = client.get("/en/lab/neighbours", {"of": "cat", "k": k})
    assert page.status_code == 400
    assert "data-wrong" in page.content.decode()
