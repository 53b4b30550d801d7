"""Hostile questions: a page or a clear 400, never a fault, and never a query without an end."""

from urllib.parse import quote

import pytest
from django.db import OperationalError, connection, transaction
from django.test import Client

from embeddings.models import Space
from terms.search import MAX_QUERY
from tests.factories import make_term

pytestmark = pytest.mark.django_db

SIGNS = {
    "blank": "   \t ",
    "punctuation": "?!… --- ,,, ''",
    "tsquery": "a & | ! <-> :* ('b",
    "sql": "'; DROP TABLE terms_term; --",
    "wildcards": "%_%\\_%",
    "format": "%s %(query)s {0} {query}",
    "emoji": "🧭🗺️👩‍💻",
    "override": "\u202egnitteser\u2066",
    "controls": "\x01\x07\x1b[31m",
    "combining": "a" + "\u0301" * 300,
    "long": "meaning " * 1250,
    "one long word": "x" * 10_000,
    "many words": " ".join(f"word{n}" for n in range(150)),
    "arabic": "الفضاء الكامن",
    "cjk": "潜在空间",
}


@pytest.fixture
def asked(space: Space, client: Client) -> Client:
    make_term("latent space", "Where meanings have places.")
    return client


@pytest.mark.parametrize("question", SIGNS.values(), ids=SIGNS)
def test_pages_answer_every_question(asked: Client, question: str) -> None:
    page = asked.get("/en/search", {"q": question, "context": question})
    assert page.status_code == (200 if len(question.strip()) <= MAX_QUERY else 400)
    assert 'role="search"' in page.content.decode()
    assert asked.get("/en/suggest", {"q": question}).status_code == 200


def test_a_page_refuses_a_question_that_is_too_long_and_echoes_its_beginning(asked: Client) -> None:
    page = asked.get("/en/search", {"q": "y" * 7_000}).content.decode()
    assert "A question has up to 1000 characters; this one is longer." in page
    assert "y" * MAX_QUERY in page
    assert "y" * (MAX_QUERY + 1) not in page
    assert "y" * (MAX_QUERY + 1) not in asked.get("/en/", {"q": "y" * 7_000}).content.decode()


@pytest.mark.parametrize("question", SIGNS.values(), ids=SIGNS)
@pytest.mark.parametrize("place", ["search", "suggest"])
def test_rest_answers_or_says_what_is_wrong(asked: Client, place: str, question: str) -> None:
    response = asked.get(f"/api/v1/{place}", {"q": question})
    assert response.status_code in {200, 400}
    if response.status_code == 400:
        assert response["Content-Type"] == "application/problem+json"
        assert [error["parameter"] for error in response.json()["errors"]] == ["q"]


@pytest.mark.parametrize(
    ("place", "query", "field"),
    [
        ("search", "q=", "q"),
        ("search", "", "q"),
        ("search", "q=a&limit=-1", "limit"),
        ("search", "q=a&limit=0", "limit"),
        ("search", "q=a&limit=100000000000000000000", "limit"),
        ("search", "q=a&limit=ten", "limit"),
        ("search", "q=a&mode=guess", "mode"),
        ("search", "q=a&lang=../../etc", "lang"),
        ("suggest", "q=a&limit=-1", "limit"),
        ("suggest", "q=a&lang=%00x", None),
        ("terms", "cursor=bm9uc2Vuc2U%3D", "cursor"),
        ("terms", "cursor=%FF%FE", "cursor"),
        ("terms", "cursor=cD1hJTAwYg%3D%3D", "cursor"),  # p=a%00b
        ("terms", "limit=-1", "limit"),
        ("terms", "limit=0", "limit"),
        ("terms", "limit=201", "limit"),
        ("terms", "limit=9999999999999999999999", "limit"),
        ("terms", "limit=٣", "limit"),
    ],
)
def test_rest_names_the_parameter(asked: Client, place: str, query: str, field: str | None) -> None:
    response = asked.get(f"/api/v1/{place}?{query}")
    assert response.status_code == 400, response.content
    if field:
        assert [error["parameter"] for error in response.json()["errors"]] == [field]


@pytest.mark.parametrize("raw", ["%ED%A0%80", "%FF%FE", "%C3%28", "a%00b"])
def test_bytes_that_are_no_text_are_no_fault(asked: Client, raw: str) -> None:
    for path in ("/en/search", "/en/suggest", "/api/v1/search", "/api/v1/suggest"):
        assert asked.get(f"{path}?q={raw}").status_code in {200, 400}


@pytest.mark.parametrize(
    "path", ["/de/search?q=a", "/api/v1/search?q=a&lang=xx", "/api/v1/search?q=a&lang=tlh"]
)
def test_a_language_without_terms_answers_with_nothing(asked: Client, path: str) -> None:
    assert asked.get(path).status_code == 200


@pytest.mark.parametrize("path", ["/EN!/search?q=a", f"/{quote('ü')}/search?q=a"])
def test_what_is_no_language_is_no_page(asked: Client, path: str) -> None:
    assert asked.get(path).status_code == 404


def test_a_statement_that_takes_too_long_is_ended_and_said_so(
    asked: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def slow(*_: object) -> list[object]:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET LOCAL statement_timeout = '20ms'; SELECT pg_sleep(5)")
        return []

    monkeypatch.setattr("terms.search.by_name", slow)
    response = asked.get("/api/v1/suggest?q=a")
    assert (response.status_code, response["Retry-After"]) == (503, "5")
    with pytest.raises(OperationalError):
        slow()


@pytest.mark.parametrize("path", ["/", "/en/define/latent-space", "/en/search", "/en/map"])
def test_a_page_says_that_it_is_only_read(path: str) -> None:
    refused = Client(enforce_csrf_checks=True).post(path)
    assert (refused.status_code, refused.headers["Allow"]) == (405, "GET, HEAD")
