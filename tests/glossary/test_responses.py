"""What every response carries; the shapes of REST; what is said when something is wrong."""

from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from openapi_spec_validator import validate
from yaml import safe_load

from embeddings import pipeline
from embeddings.encoders import load
from embeddings.models import Space
from terms.models import Term
from tests.factories import (
    make_alias,
    make_bundle,
    make_example,
    make_release,
    make_sense,
    make_term,
    make_topic,
    relate,
)

pytestmark = pytest.mark.django_db
SCHEMA = Path(settings.BASE_DIR) / "docs" / "openapi.yaml"


@pytest.fixture
def latent(space: Space) -> Term:
    """One term with everything, in a small glossary that is embedded."""
    term, other = make_term("latent space"), make_term("vector space")
    make_alias(term, "representation space")
    make_example(term.senses.get(), "An example.", source="A book")
    term.senses.get().topics.add(make_topic("geometry"))
    relate(term, other, "broader")
    make_bundle(term, other, title="first steps")
    make_term("embedding")
    make_release("1.0")
    make_release("1.1")
    while pipeline.embed_due(space, load(space.encoder)):
        pass
    return term


@pytest.mark.parametrize(
    "url",
    [
        "/",
        "/en/define/latent-space",
        "/en/define/latent-space/preview",
        "/en/define/nothing-here",
        "/api/v1/terms",
        "/api/v1/docs",
        "/api/nothing",
        "/admin/login/",
        "/healthz",
        "/static/css/tokens.css",
    ],
)
def test_it_sends_the_strict_headers_with_everything(
    client: Client, latent: Term, url: str
) -> None:
    response = client.get(url)
    response.close()
    headers = response.headers
    policy = headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert "Referrer-Policy" in headers
    assert "camera=()" in headers["Permissions-Policy"]


def test_it_sets_no_cookie_for_readers(client: Client, latent: Term) -> None:
    for url in ("/", "/en/define/latent-space", "/en/search?q=space", "/api/v1/terms"):
        assert not client.get(url).cookies


def test_it_opens_public_reads_to_other_origins_and_nothing_else(
    client: Client, latent: Term
) -> None:
    origin = {"origin": "https://elsewhere.example"}
    response = client.get("/api/v1/terms", headers=origin)
    assert response["Access-Control-Allow-Origin"] == "*"
    assert "ETag" in response["Access-Control-Expose-Headers"]
    assert "Access-Control-Allow-Credentials" not in response
    assert "Access-Control-Allow-Origin" not in client.get("/admin/login/", headers=origin)


def test_it_has_the_shape_of_a_term(client: Client, latent: Term) -> None:
    body = client.get("/api/v1/terms/en/latent-space").json()
    sense = latent.senses.get()
    assert list(body) == [
        "slug",
        "name",
        "language",
        "url",
        "status",
        "version",
        "updated_at",
        "replaced_by",
        "aliases",
        "senses",
        "relations",
    ]
    assert body["url"] == "http://testserver/en/define/latent-space"
    assert body["aliases"] == [{"name": "representation space", "kind": "synonym"}]
    assert body["senses"] == [
        {
            "key": sense.key,
            "position": 1,
            "definition": sense.definition,
            "part_of_speech": "",
            "register": "",
            "examples": [{"text": "An example.", "source": "A book"}],
            "topics": [{"slug": "geometry", "name": "geometry"}],
            "sources": [],
        }
    ]
    assert [(r["kind"], r["term"]["slug"]) for r in body["relations"]] == [
        ("broader", "vector-space")
    ]
    other = client.get("/api/v1/terms/en/vector-space").json()
    assert [(r["kind"], r["term"]["slug"]) for r in other["relations"]] == [
        ("narrower", "latent-space")
    ]


def test_it_has_the_shape_of_a_hit(client: Client, latent: Term) -> None:
    body = client.get("/api/v1/search?q=representation+space&lang=en&limit=1").json()
    sense = latent.senses.get()
    assert body == {
        "results": [
            {
                "slug": "latent-space",
                "name": "latent space",
                "language": "en",
                "url": "http://testserver/en/define/latent-space",
                "sense": {"key": sense.key, "definition": sense.definition},
                "score": 1.0,
                "strength": "exact",
                "why": {
                    "stage": "alias",
                    "field": "synonym",
                    "matched": "representation space",
                },
            }
        ],
        "next": None,
        "meaning": "ready",
        "space": "hashing",
        "contrast": None,
        "path": [],
    }


def test_it_pages_by_cursor_and_filters(client: Client, latent: Term) -> None:
    url, slugs = "/api/v1/terms?limit=2", []
    while url:
        body = client.get(url).json()
        slugs += [term["slug"] for term in body["results"]]
        url = body["next"]
    assert slugs == ["embedding", "latent-space", "vector-space"]

    def found(query: str) -> list[str]:
        results = client.get(f"/api/v1/terms?{query}").json()["results"]
        return [term["slug"] for term in results]

    assert found("topic=geometry") == ["latent-space"]
    assert found("bundle=first-steps") == ["latent-space", "vector-space"]
    assert found("letter=V") == ["vector-space"]
    assert found("language=de") == []
    assert found("changed_since=2001-01-01T00:00:00Z") == slugs
    assert found("changed_since=2999-01-01T00:00:00Z") == []


def test_it_keeps_the_checked_in_schema(tmp_path: Path) -> None:
    current = tmp_path / "openapi.yaml"
    call_command("spectacular", file=str(current), validate=True, fail_on_warn=True)
    remedy = "run: python manage.py spectacular --file docs/openapi.yaml"
    assert current.read_text() == SCHEMA.read_text(), remedy
    schema = safe_load(current.read_text())
    assert schema["openapi"].startswith("3.1")
    validate(schema)


@pytest.mark.parametrize(
    ("url", "count"),
    [
        ("/", 12),
        ("/en/", 6),
        ("/en/define/latent-space/preview", 2),
        ("/en/path/latent-space", 9),
        ("/en/define/latent-space", 5),
        ("/en/compare/latent-space/vector-space", 12),
        ("/en/define/latent-space/cite.bib", 2),
        ("/en/define/latent-space/entry.md", 3),
        ("/en/define/latent-space/history", 14),
        ("/en/define/latent-space/version/2", 12),
        ("/en/releases", 4),
        ("/en/releases/1.0/", 6),
        ("/en/releases/1.0/define/latent-space", 4),
        ("/en/releases/1.0/compare/1.1", 8),
        ("/en/topics/geometry", 7),
        ("/en/bundles/first-steps", 9),
        ("/en/search?q=latent", 6),
        ("/en/lab/spaces", 7),
        ("/en/recent", 4),
        ("/en/feed.atom", 3),
        ("/en/topics/geometry/feed.json", 6),
        ("/sitemap.xml", 4),
        ("/sitemap-pages.xml", 4),
        ("/api/v1/terms", 9),
        ("/api/v1/terms/en/latent-space", 10),
    ],
)
def test_it_makes_no_more_queries_for_more_words(
    client: Client, latent: Term, django_assert_max_num_queries: Any, url: str, count: int
) -> None:
    with django_assert_max_num_queries(count):
        assert client.get(url).status_code == 200
    for number in range(12):
        term = make_term(f"latent thing {number}")
        make_sense(term)
        term.senses.earliest("position").topics.add(latent.senses.get().topics.get())
        relate(latent, term)
        make_alias(latent, f"latent alias {number}")
    latent.senses.update(definition=" ".join(f"Latent thing {n}." for n in range(12)))
    with django_assert_max_num_queries(count):
        assert client.get(url).status_code == 200


def test_it_reports_what_is_embedded_waiting_and_parked(client: Client, space: Space) -> None:
    make_term()
    body = client.get(reverse("readyz")).json()
    assert body["senses"] == {"total": 1, "waiting": 1, "parked": 0, "embedded": 0}
    space.pending.update(parked=True)
    body = client.get(reverse("readyz")).json()
    assert (body["status"], body["senses"]["parked"]) == ("degraded", 1)
    assert "parked" in body["problems"][0]
