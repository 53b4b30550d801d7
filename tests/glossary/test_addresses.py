"""An address that is nearly right leads to the right one; what is not there is named."""

import logging
from collections.abc import Iterator
from html import unescape
from importlib import import_module
from re import findall
from typing import Any

import pytest
from django.test import Client, override_settings
from django.urls import get_resolver

from embeddings.models import Space
from terms.models import Glossary, Term
from tests.factories import make_bundle, make_term, make_topic
from tests.glossary.test_access import routes

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def words(space: Space) -> Term:
    Glossary.objects.update_or_create(id=1, defaults={"languages": ["en", "de"]})
    make_term("Vektor", language="de")
    make_term("3D")
    return make_term("token")


@pytest.mark.parametrize(
    ("asked", "right", "status"),
    [
        ("/en", "/en/", 301),
        ("/EN", "/en/", 301),
        ("/en/define/token/", "/en/define/token", 301),
        ("/EN/define/token", "/en/define/token", 301),
        ("/En/search/?q=a%20b&x=%23", "/en/search?q=a%20b&x=%23", 301),
        ("/en/letter/t", "/en/letter/T", 301),
        ("/en/letter/%23/", "/en/letter/%23", 301),
        ("/en-GB/define/token", "/en/define/token", 302),
        ("/en-gb/define/token/?x=1", "/en/define/token?x=1", 302),
        ("/en-GB/", "/en/", 302),
        ("/de-AT/topics", "/de/topics", 302),
    ],
)
def test_it_leads_to_the_right_address_at_once(
    client: Client, asked: str, right: str, status: int
) -> None:
    response = client.get(asked)
    assert (response.status_code, response["Location"]) == (status, right)
    assert client.get(right).status_code in {200, 404}
    assert client.post(asked).status_code in {404, 405}


def test_it_stays_in_a_region_that_has_entries(client: Client) -> None:
    make_term("colour", language="en-GB")
    assert client.get("/en-GB/").status_code == 200
    assert client.get("/EN-gb/define/colour")["Location"] == "/en-GB/define/colour"
    assert client.get("/en-GB/define/token").status_code == 404


@pytest.mark.parametrize(
    "address",
    [
        "//en/",
        "//evil.example/",
        "/EN!/",
        "/en/no/such/",
        "/xx/define/token",
        "/API/v1/terms",
        "/e",
    ],
)
def test_it_leads_nowhere_else(client: Client, address: str) -> None:
    assert client.get("/", PATH_INFO=address).status_code == 404


@pytest.mark.parametrize(
    "route",
    [route for route in routes(get_resolver().url_patterns) if route.startswith("<language:")],
)
def test_it_has_no_page_in_a_language_that_nothing_is_written_in(
    client: Client, words: Term, route: str
) -> None:
    words.senses.get().topics.add(make_topic("slug"))
    make_bundle(words, title="slug")
    for placeholder in findall("<[^>]*>", route):
        value = "1" if "int:" in placeholder else "slug"
        route = route.replace(placeholder, "tlh" if "language" in placeholder else value)
    page = client.get(f"/{route}")
    assert page.status_code == 404
    assert "/tlh/" not in page.content.decode()


def test_it_asks_the_database_for_a_language_only_when_nobody_declared_it(
    django_assert_num_queries: Any,
) -> None:
    glossary = Glossary.current()
    with django_assert_num_queries(0):
        assert all(glossary.is_read_in(tag) for tag in ("en", "de", "ar"))
    with django_assert_num_queries(1):
        assert not glossary.is_read_in("tlh")


def test_it_encodes_the_addresses_that_it_names(client: Client) -> None:
    page = client.get("/en/letter/%23").content.decode()
    assert '<link rel="canonical" href="http://127.0.0.1:8000/en/letter/%23">' in page


def test_it_pages_through_names_that_begin_with_no_letter(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(import_module("terms.views.index"), "PAGE", 1)
    make_term("4D")
    page = client.get("/en/letter/%23").content.decode()
    following = next(unescape(link) for link in findall('href="([^"]*)" rel="next"', page))
    assert "4D" in client.get("/en/letter/%23" + following).content.decode()


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("/en/define/tokem", 'No entry <q dir="auto">tokem</q>'),
        ("/en/define/tokem/history", 'No entry <q dir="auto">tokem</q>'),
        ("/en/define/token/version/77", 'No version 77 of <q dir="auto">token</q>'),
        ("/en/letter/Q", 'No entries under <q dir="auto">Q</q>'),
        ("/en/topics/tokem", 'No topic <q dir="auto">tokem</q>'),
        ("/en/topics/tokem/feed.atom", 'No topic <q dir="auto">tokem</q>'),
        ("/en/bundles/tokem", 'No bundle <q dir="auto">tokem</q>'),
        ("/de/bundles/tokem", 'Keine Leseliste <q dir="auto">tokem</q>'),
        ("/tlh/", "No entries in this language"),
        ("/tokem", "This page is not here"),
    ],
)
def test_it_says_what_was_not_found(client: Client, address: str, said: str) -> None:
    page = client.get(address)
    assert page.status_code == 404
    assert said in page.content.decode()


def test_it_offers_entries_of_the_language_of_the_address(client: Client) -> None:
    make_term("Tokens", language="de")
    for tag, others in (("de", "en"), ("en", "de")):
        for path in ("define/tokenz", "tokenz/no"):
            page = client.get(f"/{tag}/{path}").content.decode()
            assert f'href="/{others}/define/' not in page
        assert f'href="/{tag}/define/' in client.get(f"/{tag}/define/tokenz").content.decode()


def test_it_offers_nothing_to_those_who_must_log_in_to_read(client: Client) -> None:
    assert "/en/define/token" in client.get("/tokens").content.decode()
    with override_settings(PRIVATE=True):
        assert "/en/define/token" not in client.get("/tokens").content.decode()


def test_the_name_of_the_site_leads_home_in_its_language(client: Client) -> None:
    for address, home in (("/", "/"), ("/en/define/token", "/"), ("/de/define/vektor", "/de/")):
        assert f'<a class="brand" href="{home}">' in client.get(address).content.decode()


@pytest.fixture
def records() -> Iterator[list[logging.LogRecord]]:
    """What is written to the log for hosts that are none of ours."""
    found: list[logging.LogRecord] = []
    handler = logging.Handler()
    handler.emit = found.append  # type: ignore[method-assign,assignment]
    logger = logging.getLogger("django.security.DisallowedHost")
    logger.addHandler(handler)
    yield found
    logger.removeHandler(handler)


@pytest.mark.parametrize("host", ["one.example,two.example", "a_b!!/", "elsewhere.example", ""])
def test_a_wrong_host_is_one_line_in_the_log(
    client: Client, records: list[logging.LogRecord], host: str
) -> None:
    assert client.get("/en/", headers={"host": host}).status_code == 400
    assert [(record.levelname, record.exc_info) for record in records] == [("WARNING", None)]


def test_the_icon_is_found_unasked(client: Client) -> None:
    assert client.get("/favicon.ico")["Location"] == "/static/icon.svg"


def test_it_tells_language_models_what_it_is(client: Client) -> None:
    Glossary.objects.update(name="Words & signs", description="Two\nlines.", licence="CC BY 4.0")
    make_term("secret", status="draft")
    answer = client.get("/llms.txt")
    assert answer["Content-Type"] == "text/plain; charset=utf-8"
    assert answer["Cache-Control"] == "public, no-cache"
    text = answer.content.decode()
    assert text.startswith("# Words & signs\n\n> Two lines.\n")
    assert "A glossary of 3 terms." in text
    assert "Licence of the content: CC BY 4.0" in text
    places = [
        place.partition("http://127.0.0.1:8000")[2] for place in findall(r"\((http\S+)\)", text)
    ]
    assert {"/en/", "/de/", "/sitemap.xml", "/api/v1/terms?limit=200"} <= set(places)
    for place in places:
        assert client.get(place.replace("SLUG", "token")).status_code == 200


@pytest.fixture
def subjects(words: Term) -> None:
    """all → sciences → physics, which has a term, and all → secrets, which has a draft."""
    top = make_topic("all")
    sciences = make_topic("sciences", parent=top)
    words.senses.get().topics.add(make_topic("physics", parent=sciences))
    draft = make_term("hush", status="draft")
    draft.senses.get().topics.add(make_topic("secrets", parent=top))


@pytest.mark.usefixtures("subjects")
def test_a_topic_is_public_with_its_terms(client: Client) -> None:
    for slug in ("all", "sciences", "physics"):
        assert client.get(f"/en/topics/{slug}").status_code == 200
    for path in ("topics/secrets", "topics/secrets/feed.atom"):
        assert client.get(f"/en/{path}").status_code == 404
    for address in ("/", "/en/topics", "/en/topics/all", "/api/v1/topics", "/sitemap-pages.xml"):
        assert "secrets" not in client.get(address).content.decode()
    assert "sciences" in client.get("/en/topics").content.decode()
    assert client.get("/api/v1/search?q=a&topic=secrets").status_code == 400
    Term.objects.filter(slug="hush").update(status="published")
    assert client.get("/en/topics/secrets").status_code == 200
