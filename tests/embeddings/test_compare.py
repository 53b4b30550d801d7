"""Two terms side by side: one address, what only one says, how near they are, whom they know."""

import pytest
from django.test import Client

from embeddings import pipeline
from embeddings.compare import Nearness, Neighbour, nearness, neighbours_of, share
from embeddings.encoders import load
from embeddings.models import Space
from terms.models import Term
from tests.factories import make_alias, make_sense, make_term, relate

pytestmark = pytest.mark.django_db

ADDRESS = "/en/compare/row-vector/vector"


@pytest.fixture
def vector() -> Term:
    return make_term("vector", "A list of numbers that are in an order.")


@pytest.fixture
def row(vector: Term) -> Term:
    return make_term("row vector", "A list of numbers written beside each other.")


def embed_all(space: Space) -> None:
    while pipeline.embed_due(space, load(space.encoder)):
        pass


@pytest.mark.parametrize(
    "asked", ["vector/row-vector", "tuple/row-vector", "Row%20Vector/vector", "vector/Row%20Vector"]
)
def test_it_has_one_address(client: Client, vector: Term, row: Term, asked: str) -> None:
    make_alias(vector, "tuple")
    response = client.get(f"/en/compare/{asked}")
    assert (response.status_code, response.headers["Location"]) == (301, ADDRESS)
    assert client.get(ADDRESS).status_code == 200


def test_it_leads_from_a_term_beside_itself_to_the_term(client: Client, vector: Term) -> None:
    make_alias(vector, "tuple")
    for asked in ("vector/vector", "tuple/vector"):
        response = client.get(f"/en/compare/{asked}")
        assert response.headers["Location"] == "/en/define/vector"


def test_it_compares_what_is_public_and_one_term(client: Client, vector: Term, row: Term) -> None:
    make_term("hidden", status="draft")
    for term in (vector, row):
        make_alias(term, "both")
    for other in ("hidden", "nothing", "both"):
        assert client.get(f"/en/compare/{other}/vector").status_code == 404


def test_it_says_what_only_one_says_and_how_near(
    client: Client, space: Space, vector: Term, row: Term
) -> None:
    embed_all(space)
    found = nearness(space, vector, row)
    assert found is not None
    page = client.get(ADDRESS).content.decode()
    assert "written beside each other" in page
    assert f"<strong>{found.cosine:.2f}</strong>" in page
    assert "not been measured yet" in page
    assert "Nearness is not sameness" in page


def test_it_measures_the_nearest_senses(space: Space, vector: Term, row: Term) -> None:
    make_sense(vector, "An insect that carries a disease.")
    embed_all(space)
    found = nearness(space, vector, row)
    back = nearness(space, row, vector)
    assert found is not None
    assert back is not None
    assert found.one == vector.senses.get(position=1).id
    assert (back.one, back.other) == (found.other, found.one)
    assert back.cosine == pytest.approx(found.cosine)
    assert back.score == pytest.approx(found.score)


@pytest.mark.parametrize(
    ("score", "level"), [(0.29, "far"), (0.3, "between"), (0.49, "between"), (0.5, "near")]
)
def test_it_judges_by_the_space_s_own_calibration(space: Space, score: float, level: str) -> None:
    space.calibration = {"none_below": 0.3, "strong_from": 0.5, "strong_gap": 0.1}
    assert Nearness(1, 2, cosine=0.9, score=score).level(space) == level


@pytest.mark.parametrize(
    ("none_below", "strong_from", "said"),
    [
        (0.99, 1, "is far: at least nineteen"),
        (0, 1, "neither near"),
        (0, 0, "is near: at least one"),
    ],
)
def test_it_says_in_words_what_the_nearness_means_here(
    client: Client,
    space: Space,
    vector: Term,
    row: Term,
    none_below: float,
    strong_from: float,
    said: str,
) -> None:
    embed_all(space)
    thresholds = {"none_below": none_below, "strong_from": strong_from, "strong_gap": 0.1}
    Space.objects.filter(pk=space.pk).update(calibration=thresholds)
    assert said in client.get(ADDRESS).content.decode()


@pytest.mark.parametrize("is_there", [True, False])
def test_it_compares_the_words_alone_without_a_model_that_knows_them(
    client: Client, vector: Term, row: Term, is_there: bool
) -> None:
    if is_there:
        space = Space.objects.ensure_default()
        Space.objects.filter(pk=space.pk).update(languages=["fr"])
    relate(row, vector, "broader")
    page = client.get(ADDRESS).content.decode()
    assert "only the words are compared" in page
    assert "written beside each other" in page
    assert "</a> under “broader”" in page


def test_it_says_that_the_model_has_still_to_read(
    client: Client, space: Space, vector: Term, row: Term
) -> None:
    assert "once both definitions have been read" in client.get(ADDRESS).content.decode()


def test_it_parts_the_neighbours_and_names_those_of_editors(
    space: Space, vector: Term, row: Term
) -> None:
    matrix = make_term("matrix", "A list of lists of numbers.")
    bird = make_term("bird", "An animal with feathers.")
    for kind in ("broader", "related"):
        relate(row, matrix, kind)
    embed_all(space)
    ours, theirs = neighbours_of(space, vector), neighbours_of(space, row)
    assert ours[matrix.id] == Neighbour(matrix, "")
    assert theirs[matrix.id] == Neighbour(matrix, "broader, related")
    del ours[bird.id]
    parted = share(ours, theirs)
    assert (ours[matrix.id], theirs[matrix.id]) in parted.shared
    assert [each.term for each in parted.one] == [row]
    assert [each.term for each in parted.other] == [vector, bird]


def test_it_shows_no_draft_among_the_neighbours(
    client: Client, space: Space, vector: Term, row: Term
) -> None:
    draft = make_term("quokka", "A list of numbers that are in an order.", status="draft")
    relate(vector, draft)
    embed_all(space)
    assert "quokka" not in client.get(ADDRESS).content.decode()


def test_it_compares_a_term_without_senses(client: Client, space: Space, vector: Term) -> None:
    Term.objects.create(name="empty", status="published")
    assert "no definition yet" in client.get("/en/compare/empty/vector").content.decode()


def test_it_is_offered_at_each_suggestion(
    client: Client, space: Space, vector: Term, row: Term
) -> None:
    embed_all(space)
    assert f'href="{ADDRESS}" rel="nofollow"' in client.get("/en/define/vector").content.decode()
