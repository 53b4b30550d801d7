"""The path alone says in which language a page speaks, and each language has what English has."""

import re

import pytest
from django.test import Client
from django.utils.translation import get_language

from embeddings.models import Space
from terms.models import Glossary, Term
from tests.factories import make_alias, make_bundle, make_term, make_topic, relate

pytestmark = pytest.mark.django_db

WORDS = {
    "de": ("latenter Raum", "Ein Raum, in dem ähnliche Dinge nahe beieinanderliegen.", "Dinge"),
    "es": ("espacio latente", "Un espacio en el que las cosas parecidas están cerca.", "cosa"),
    "ar": ("الفضاء الكامن", "فضاء تتقارب فيه الأشياء المتشابهة.", "الأشياء"),
}
SEARCH = {"de": "Suche", "es": "Buscar", "ar": "بحث"}


@pytest.fixture
def words(space: Space) -> dict[str, Term]:
    """A term in each of the glossary's languages; the model knows English alone."""
    Space.objects.update(languages=["en"])
    Glossary.objects.update_or_create(id=1, defaults={"languages": ["en", *WORDS]})
    terms = {"en": make_term("latent space", "A space in which similar things lie near.")}
    for tag, (name, definition, _) in WORDS.items():
        terms[tag] = make_term(name, definition, language=tag)
        relate(terms["en"], terms[tag], "translation")
    return terms


def page_of(client: Client, address: str, **headers: str) -> str:
    response = client.get(address, headers=headers)
    assert response.status_code == 200, address
    return response.content.decode()


@pytest.mark.parametrize("tag", WORDS)
def test_a_term_is_read_listed_and_found(client: Client, words: dict[str, Term], tag: str) -> None:
    name, definition, word = WORDS[tag]
    address = words[tag].get_absolute_url()
    assert definition in page_of(client, address)
    assert f'href="{address}"' in page_of(client, f"/{tag}/")
    for asked in (name, name[:5], word):
        assert f'href="{address}#' in page_of(client, f"/{tag}/search?q={asked}")
    assert name not in page_of(client, "/en/")


@pytest.mark.parametrize("tag", WORDS)
def test_the_path_says_which_language_and_direction(
    client: Client, words: dict[str, Term], tag: str
) -> None:
    direction = "rtl" if tag == "ar" else "ltr"
    for address in (f"/{tag}/", f"/{tag}/search", words[tag].get_absolute_url()):
        page = page_of(client, address, accept_language="en")
        assert f'<html lang="{tag}" dir="{direction}">' in page
        assert SEARCH[tag] in page


def test_a_region_speaks_its_language_and_the_unknown_english(client: Client) -> None:
    for tag in ("de-AT", "tlh"):
        make_term(language=tag)
    assert '<html lang="de" dir="ltr">' in page_of(client, "/de-AT/")
    assert '<html lang="en" dir="ltr">' in page_of(client, "/tlh/")


def test_one_address_gives_everybody_one_page(client: Client, words: dict[str, Term]) -> None:
    for address in ("/", "/en/", "/de/"):
        plain = client.get(address)
        asked = client.get(address, headers={"accept-language": "es"})
        assert plain.content == asked.content
        assert plain["ETag"] == asked["ETag"]
        assert "language" not in plain["Vary"].lower()
        assert not asked.cookies
    assert get_language() == "en"


def test_home_is_in_the_main_language(client: Client, words: dict[str, Term]) -> None:
    Glossary.objects.update(languages=["de", "en"])
    page = page_of(client, "/")
    assert '<html lang="de" dir="ltr">' in page
    assert 'action="/de/search"' in page


def test_an_address_that_leads_nowhere_is_answered_in_its_language(client: Client) -> None:
    for address, sentence in (
        ("/de/define/nichts", "Kein Eintrag"),
        ("/de/nichts/da", "Unter dieser Adresse ist nichts zu finden."),
        ("/nothing", "Nothing lives at this address."),
    ):
        response = client.get(address)
        assert response.status_code == 404
        assert sentence in response.content.decode()


def test_rest_stays_english(client: Client, words: dict[str, Term]) -> None:
    words["de"].status = Term.Status.DEPRECATED
    words["de"].save()
    german = {"accept-language": "de"}
    answer = client.get("/api/v1/terms?limit=none", headers=german).json()
    assert answer["detail"] == "One or more parameters are not valid."
    assert answer["errors"][0]["detail"] == "A number from 1 to 200."
    assert client.get("/api/v1/terms/de/latenter-raum").json()["status"] == "deprecated"


def test_search_says_in_each_language_that_meaning_is_off(
    client: Client, words: dict[str, Term]
) -> None:
    said = "In dieser Sprache ist die Suche nach Bedeutung nicht verfügbar"
    assert said in page_of(client, "/de/search")
    assert said in page_of(client, "/de/search?q=Raum")
    assert "notice" not in page_of(client, "/en/search")


def links_of_switch(page: str) -> dict[str, str]:
    links = re.findall(r'<a href="([^"]*)" lang="[^"]*" hreflang="([^"]*)">', page)
    return {tag: address for address, tag in links}


def test_the_switch_stays_with_the_term(client: Client, words: dict[str, Term]) -> None:
    links = links_of_switch(page_of(client, words["en"].get_absolute_url()))
    assert links == {tag: words[tag].get_absolute_url() for tag in WORDS}
    lonely = make_term("lonely")
    links = links_of_switch(page_of(client, lonely.get_absolute_url()))
    assert links == {tag: f"/{tag}/" for tag in WORDS}


def test_the_switch_stays_on_a_page_that_each_language_has(
    client: Client, words: dict[str, Term]
) -> None:
    make_bundle(words["en"], words["de"], title="First steps")
    for address in ("/{}/topics", "/{}/bundles/first-steps", "/{}/map", "/{}/search?q=a+b"):
        links = links_of_switch(page_of(client, address.format("en")))
        assert links == {tag: address.format(tag) for tag in WORDS}
    assert links_of_switch(page_of(client, "/en/letter/L"))["de"] == "/de/"


def test_a_glossary_of_one_language_has_no_switch_but_leads_back(client: Client) -> None:
    Glossary.objects.update_or_create(id=1, defaults={"languages": ["en"]})
    assert links_of_switch(page_of(client, "/en/")) == {}
    page = page_of(client, "/de/")
    assert "Hier gibt es noch keine Einträge." in page
    assert links_of_switch(page) == {"en": "/en/"}


def test_pages_name_those_in_other_languages(client: Client, words: dict[str, Term]) -> None:
    words["en"].senses.get().topics.add(make_topic("geometry"))
    for path in ("", "topics/geometry", "recent"):
        page = page_of(client, f"/de/{path}")
        for tag in ("en", *WORDS):
            link = f'rel="alternate" hreflang="{tag}" href="http://127.0.0.1:8000/{tag}/{path}"'
            assert link in page
    assert 'rel="alternate" hreflang' not in page_of(client, "/de/search")


def test_a_page_leads_to_topics_and_bundles_in_its_own_language(
    client: Client, words: dict[str, Term]
) -> None:
    words["de"].senses.get().topics.add(make_topic("geometry"))
    make_bundle(words["de"], title="First steps")
    page = page_of(client, words["de"].get_absolute_url())
    assert 'href="/de/topics/geometry"' in page
    assert 'href="/de/bundles/first-steps"' in page
    assert "/en/topics" not in page


def test_counts_and_kinds_take_the_form_of_the_language(
    client: Client, words: dict[str, Term]
) -> None:
    make_alias(words["ar"], "فضاء مستتر", language="ar")
    assert "<dt>\nمرادف</dt>" in page_of(client, words["ar"].get_absolute_url())
    make_alias(words["ar"], "فضاء خفي", language="ar")
    assert "<dt>\nمرادفان</dt>" in page_of(client, words["ar"].get_absolute_url())
