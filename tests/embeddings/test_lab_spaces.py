"""The spaces on a page and by REST, and one question in two of them."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from embeddings import pipeline
from embeddings.encoders import load
from embeddings.inventory import inventory
from embeddings.models import Space
from embeddings.side_by_side import side_by_side
from terms.search import MAX_QUERY
from tests.factories import make_term
from tests.glossary.test_bad_questions import SIGNS

pytestmark = pytest.mark.django_db

PAGE = "/en/lab/spaces"
REST = "/api/v1/lab/spaces/compare"
EVALUATION = {
    "at": "2026-11-01T10:00:00+00:00",
    "source": "derived",
    "figures": {
        "develop": {"descriptions": {"look-up": {"questions": 3, "mrr": 0.5}}},
        "sealed": {"descriptions": {"look-up": {"questions": 1, "mrr": 0.9}}},
    },
}


def embed_all(space: Space) -> None:
    while pipeline.embed_due(space, load(space.encoder)):
        pass


@pytest.fixture
def two(space: Space) -> tuple[Space, Space]:
    """A serving space and one beside it that looks at names alone; both embedded."""
    make_term("token", "A unit of text that a model reads.")
    make_term("text", "Words in an order.")
    make_term("draftling", "A unit of text that nobody may see.", status="draft")
    second = Space.objects.begin("hashing", name="second")
    Space.objects.filter(pk=second.pk).update(lookup={"name": 1.0})
    second.refresh_from_db()
    for each in (space, second):
        embed_all(each)
    return space, second


def test_it_lists_every_space_with_what_is_known_of_it(
    client: Client, two: tuple[Space, Space]
) -> None:
    Space.objects.filter(name="second").update(evaluation=EVALUATION, languages=["en", "de"])
    page = client.get(PAGE).content.decode()
    assert page.index("answers the readers") < page.index("is built, and waits")
    for said in (
        "3 senses in 384 dimensions",
        "9 vectors, 13.6\xa0KB",
        "en, de",
        "mean reciprocal rank 0.600 over 4 questions, 1 November 2026",
        "derived from the entries",
        "not measured",
        "can be asked",
    ):
        assert said in page


def test_it_says_how_to_make_another_space(client: Client, space: Space) -> None:
    page = client.get(PAGE).content.decode()
    assert "manage.py spaces create second" in page
    assert "two-spaces" not in page


def test_it_says_that_there_is_none(client: Client, db: None) -> None:
    assert "There is none yet" in client.get(PAGE).content.decode()


def test_it_shows_how_far_a_space_is(client: Client, two: tuple[Space, Space]) -> None:
    make_term("new", "What waits.")
    page = client.get(f"{PAGE}?q=a+unit+of+text&one=hashing&other=second").content.decode()
    assert "is being built" in page
    assert "75%; 1 sense waits." in page
    assert "3 of 4 senses are in it" in page


def test_it_says_why_a_space_cannot_be_asked(client: Client, two: tuple[Space, Space]) -> None:
    Space.objects.filter(name="second").update(encoder="folder:gone@0123")
    page = client.get(f"{PAGE}?q=a+unit&one=hashing&other=second").content.decode()
    assert "Questions cannot be put to this space here at present." in page
    assert "not at present" in page
    assert "there is no folder" not in page, "a path of the machine is not for readers"


def test_it_asks_both_and_marks_what_they_share(client: Client, two: tuple[Space, Space]) -> None:
    one, other = two
    found = side_by_side("a unit of text", "en", one, other)
    assert [row.hit.term.name for row in found.one.rows] == ["token", "text"]
    assert [row.hit.term.name for row in found.other.rows] == ["text", "token"]
    assert [row.other_rank for row in found.one.rows] == [2, 1]
    assert (found.shared, found.shown) == (2, 2)
    page = client.get(f"{PAGE}?q=a+unit+of+text&one=hashing&other=second").content.decode()
    assert "Both show 2 of up to 2 entries" in page
    assert "In both; there at place 2" in page
    assert "draftling" not in page


def test_it_chooses_two_spaces_unless_some_are_named(
    client: Client, two: tuple[Space, Space]
) -> None:
    response = client.get(f"{PAGE}?q=a+unit+of+text")
    assert response.status_code == 200
    assert response.context["chosen"] == ["hashing", "second"]


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("q=x&one=hashing&other=nothing", "There is no space of that name"),
        ("q=x&one=hashing", "There is no space of that name"),
        ("q=x&one=hashing&other=hashing", "Choose two different spaces"),
        (f"q={'x' * 1001}", "up to 1000 characters"),
    ],
)
def test_it_says_what_is_wrong_with_a_question(
    client: Client, two: tuple[Space, Space], query: str, words: str
) -> None:
    response = client.get(f"{PAGE}?{query}")
    assert response.status_code == 400
    assert words in response.content.decode()


def test_it_is_asked_for_anew_each_time(client: Client, space: Space) -> None:
    response = client.get(PAGE)
    assert "ETag" not in response.headers
    assert response.headers["Cache-Control"] == "no-cache"
    assert not response.cookies


def test_it_makes_as_many_queries_for_many_spaces(client: Client, space: Space) -> None:
    def count() -> int:
        with CaptureQueriesContext(connection) as queries:
            inventory()
        return len(queries)

    few = count()
    for number in range(5):
        Space.objects.begin("hashing", name=f"space {number}")
    assert count() == few == 5


def test_it_answers_by_rest(client: Client, two: tuple[Space, Space]) -> None:
    found = client.get(f"{REST}?q=a+unit+of+text&one=hashing&other=second&limit=1").json()
    assert [found[half]["space"] for half in ("one", "other")] == ["hashing", "second"]
    assert [found[half]["meaning"] for half in ("one", "other")] == ["ready", "ready"]
    [hit] = found["one"]["results"]
    assert (hit["slug"], hit["other_rank"], found["shared"]) == ("token", None, 0)


@pytest.mark.parametrize(
    ("query", "parameter"),
    [
        ("one=hashing&other=second", "q"),
        ("q=x&one=nothing&other=second", "one"),
        ("q=x&one=hashing", "other"),
        ("q=x&one=hashing&other=hashing", "other"),
        ("q=x&one=hashing&other=second&limit=0", "limit"),
        ("q=x&one=hashing&other=second&limit=1000000000", "limit"),
        ("q=x&one=hashing&other=second&lang=12", "lang"),
    ],
)
def test_a_wrong_parameter_is_named(
    client: Client, two: tuple[Space, Space], query: str, parameter: str
) -> None:
    response = client.get(f"{REST}?{query}")
    assert response.status_code == 400
    assert [error["parameter"] for error in response.json()["errors"]] == [parameter]


@pytest.mark.parametrize("question", SIGNS.values(), ids=SIGNS)
def test_it_answers_every_question_or_says_what_is_wrong(
    client: Client, two: tuple[Space, Space], question: str
) -> None:
    asked = {"q": question, "one": "hashing", "other": "second"}
    expected = 200 if len(question.strip()) <= MAX_QUERY else 400
    assert client.get(PAGE, asked).status_code == expected
    assert client.get(REST, asked).status_code in {200, 400}
