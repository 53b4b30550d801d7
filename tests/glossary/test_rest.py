"""REST as DESIGN §6 promises it: shapes, errors, paging, and a schema that says the same."""

from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import yaml
from django.test import Client
from openapi_spec_validator import validate

from embeddings import pipeline
from embeddings.encoders.hashing import HashingEncoder
from embeddings.lab import backdrop
from embeddings.models import Space
from terms.models import Source, Term
from tests.factories import make_alias, make_bundle, make_example, make_term, make_topic, relate

pytestmark = pytest.mark.django_db

ASKED = ("search", "suggest", "explain")  # what is a question
WRITTEN = {
    "/api/v1/terms",
    "/api/v1/terms/bulk",
    "/api/v1/terms/{language}/{slug}",
    "/api/v1/proposals",
    "/api/v1/proposals/{number}/accept",
    "/api/v1/proposals/{number}/decline",
}
LAB = "/api/v1/lab/"
OF_THE_LAB = {  # what its operations are asked; all take JSON by POST too
    "neighbours": {"of": "token"},
    "compare": {"one": "token", "other": "vocabulary"},
    "interpolate": {"one": "token", "other": "vocabulary"},
    "arithmetic": {"of": "token - vocabulary"},
    "mask": {"of": "token"},
    "sample": {"of": "token"},
    "direction": {"toward": "token, subword", "away": "vocabulary, all units"},
    "surgery": {"of": "token", "toward": "subword, a text", "away": "vocabulary, units"},
    "cluster": {"k": "3"},
    "reason": {"question": "token"},
    "trail": {"one": "token", "other": "vocabulary"},
    "spaces/compare": {"q": "token", "one": "hashing", "other": "another"},
}
OWN = "/api/v1/proposals"  # of who asks: nobody else reads it
SCHEMA = Path(__file__).parent.parent.parent / "docs" / "openapi.yaml"


@pytest.fixture
def token(space: Space) -> Term:
    term = make_term("token", "A unit of *text*.")
    sense = term.senses.get()
    make_example(sense, "Two tokens.", source="A book")
    sense.topics.add(make_topic("Text"))
    sense.sources.add(Source.objects.create(title="A paper", url="https://example.com/"))
    make_alias(term, "tok", kind="abbreviation")
    other = make_term("vocabulary", "All units of text that a model knows.")
    relate(other, term, "broader")
    make_term("subword", "A unit of text below the word.")
    make_bundle(term, other, title="Bundle")
    pipeline.embed_due(space, HashingEncoder())
    return term


def test_it_pages_by_cursor_without_losing_or_repeating(client: Client, space: Space) -> None:
    for _ in range(7):
        make_term("same name")
    seen, url = [], "/api/v1/terms?limit=3"
    while url:
        body = client.get(url).json()
        seen += [row["slug"] for row in body["results"]]
        url = body["next"]
    assert len(seen) == len(set(seen)) == 7


@pytest.mark.parametrize(
    ("url", "status"),
    [
        ("/api/v1/terms/en/nothing", 404),
        ("/api/v1/terms/en/nothing/related", 404),
        ("/api/v1/nothing", 404),
        ("/api/v2/terms", 404),
        ("/api/v1/search", 400),
        ("/api/v1/search?q=x&limit=1000", 400),
        ("/api/v1/search?q=x&mode=loud", 400),
        ("/api/v1/search?q=x&lang=English", 400),
        ("/api/v1/search?q=%00", 400),
        ("/api/v1/terms?changed_since=yesterday", 400),
        ("/api/v1/terms?cursor=garbage", 400),
        ("/api/v1/terms?letter=%00", 400),
        ("/api/v1/terms?topic=%00", 400),
        ("/api/v1/terms?bundle=%00", 400),
        ("/api/v1/terms?language=%00", 400),
        ("/api/v1/terms/en/%00", 400),
    ],
)
def test_it_describes_every_error_as_a_problem(
    client: Client, token: Term, url: str, status: int
) -> None:
    response = client.get(url)
    assert response.status_code == status
    assert response["Content-Type"].split(";")[0] == "application/problem+json"
    body = response.json()
    assert body["status"] == status
    assert {"type", "title", "detail"} <= set(body)


def test_it_leads_an_address_with_a_slash_too_many_to_the_right_one(client: Client) -> None:
    response = client.get("/api/v1/terms/?limit=3")
    assert (response.status_code, response["Location"]) == (308, "/api/v1/terms?limit=3")


def test_it_says_which_method_is_not_allowed(client: Client, token: Term) -> None:
    response = client.delete("/api/v1/topics")
    assert response.status_code == 405
    assert response["Content-Type"] == "application/problem+json"
    assert response["Allow"] == "GET, HEAD, OPTIONS"


def test_it_sends_an_alias_and_a_former_address_on(client: Client, token: Term) -> None:
    response = client.get("/api/v1/terms/en/tok")
    assert (response.status_code, response["Location"]) == (301, "/api/v1/terms/en/token")


def test_it_relates_the_same_terms_on_page_and_in_rest(client: Client, token: Term) -> None:
    body = client.get("/api/v1/terms/en/token/related").json()
    assert [row["term"]["slug"] for row in body["results"]] == ["subword"]
    assert body["model"] == "hashing"
    page = client.get("/en/define/token").content.decode()
    suggested = page[page.index("<aside") :]
    assert "/en/define/subword" in suggested
    assert suggested.count("/en/define/vocabulary") == 1


def fill(serving: Space) -> None:
    """With so many words that a worker measures it for the lab."""
    for number in range(backdrop.FEWEST):
        make_term(f"word {number}")
    while pipeline.embed_due(serving, HashingEncoder()):
        pass
    backdrop.measure(serving, "en")


def test_it_has_a_valid_schema_and_answers_every_route_in_it(client: Client, token: Term) -> None:
    schema: dict[str, Any] = yaml.safe_load(SCHEMA.read_text())
    validate(schema)
    assert schema["openapi"].startswith("3.1")
    key = token.senses.get().key
    written = {path for path, methods in schema["paths"].items() if set(methods) != {"get"}}
    assert {path for path in written if not path.startswith(LAB)} == WRITTEN
    fill(Space.objects.ensure_default())
    Space.objects.begin("hashing", name="another")
    for path, methods in schema["paths"].items():
        if "get" not in methods or path.startswith(OWN):
            continue
        url = path.replace("{language}", "en").replace("{slug}", "token")
        asked = {"q": "token", "sense": key} if path.endswith(ASKED) else {}
        asked = OF_THE_LAB.get(path.removeprefix(LAB), asked)
        response = client.get(url, asked)
        assert response.status_code == 200, path
        documented = methods["get"]["responses"]["200"]["content"]
        if "application/json" in documented and not path.endswith("schema"):
            required = _required(schema, documented["application/json"]["schema"])
            assert required <= set(response.json()), path


def _required(schema: dict[str, Any], part: dict[str, Any]) -> set[str]:
    if "$ref" in part:
        part = schema["components"]["schemas"][part["$ref"].rsplit("/", 1)[-1]]
    return set(part.get("required", []))


def test_it_serves_docs_from_its_own_host(client: Client, space: Space) -> None:
    page = client.get("/api/v1/docs").content.decode()
    hosts = {urlsplit(part.split('"')[0]).netloc for part in page.split('src="')[1:]}
    assert hosts <= {""}
