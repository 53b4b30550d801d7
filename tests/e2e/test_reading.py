"""The site as readers meet it: every kind of page, wide and narrow, light and dark, by keyboard."""

import json
from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from embeddings import pipeline
from embeddings.encoders import load
from embeddings.models import Space
from terms.models import Glossary, Term
from tests.factories import (
    make_alias,
    make_bundle,
    make_example,
    make_sense,
    make_term,
    make_topic,
    relate,
)

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

Open = Callable[..., Page]
WIDE, NARROW, NARROWEST = (1280, 900), (390, 844), (320, 640)
KEY = "k7m2p9qa"
PAGES = [
    "/",
    "/en/",
    "/en/letter/L",
    "/en/recent",
    "/en/define/latent-space",
    "/en/define/latent-space/history",
    "/en/define/old-idea",
    "/en/define/IR",
    "/en/define/no-such-word",
    "/en/path/embedding",
    "/en/path/vector",
    "/en/topics",
    "/en/topics/geometry",
    "/en/bundles",
    "/en/bundles/first-steps",
    "/en/search?q=latent",
    "/en/search?q=a+row+of+numbers+that+stands+for+a+thing",
    "/en/search?q=",
    "/en/compare/embedding/latent-space",
    f"/en/search/why?q=a+row+of+numbers&sense={KEY}",
    "/accounts/login/",
]


@pytest.fixture
def glossary() -> Term:
    """A small glossary with something on every page."""
    Glossary.objects.get_or_create(id=1)
    space = Space.objects.ensure_default()
    latent = make_term("latent space", "A space in which *similar* things lie near one another.")
    embedding = make_term("embedding", "A vector that stands for a thing in a latent space.")
    other = make_term("vector", "A row of numbers that one may add and scale.")
    retrieval = make_term("information retrieval", "Finding documents that answer a question.")
    make_alias(retrieval, "IR", kind="abbreviation")
    make_alias(make_term("intermediate representation"), "IR", kind="abbreviation")
    make_alias(latent, "representation space")
    make_term("old idea", status="deprecated", replaced_by=latent)
    sense = make_sense(
        latent, "The set of codes of an autoencoder, with " + "x" * 90 + " inside.", key=KEY
    )
    make_example(sense, "A code of 32 numbers stands for a picture.", source="Our own")
    sense.topics.add(make_topic("Geometry"))
    relate(latent, embedding, "broader")
    make_bundle(latent, embedding, other, title="First steps", introduction="Read these first.")
    while pipeline.embed_due(space, load(space.encoder)):
        pass
    return latent


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_meets_the_accessibility_rules_on_every_page(
    glossary: Term, open_page: Open, scheme: str
) -> None:
    page = open_page("/", color_scheme=scheme, reduced_motion="reduce")
    for size in (WIDE, NARROW):
        page.set_viewport_size({"width": size[0], "height": size[1]})
        for path in PAGES:
            page.goto(path)
            # It would write imported stylesheets into the page, which the policy forbids.
            results = Axe().run(page, options={"preload": False})
            assert results.violations_count == 0, f"{path}\n{results.generate_report()}"


def test_it_never_scrolls_sideways(glossary: Term, open_page: Open) -> None:
    page = open_page("/", viewport={"width": NARROWEST[0], "height": NARROWEST[1]})
    for path in PAGES:
        page.goto(path)
        width = page.evaluate("document.documentElement.scrollWidth")
        assert width <= NARROWEST[0], path


def test_it_shows_everything_without_javascript(glossary: Term, open_page: Open) -> None:
    page = open_page("/en/define/latent-space", java_script_enabled=False)
    text = page.locator("main").inner_text()
    for expected in (
        "similar things lie near one another",
        "representation space",
        "A code of 32 numbers",
        "Geometry",
        "embedding",
        "First steps",
    ):
        assert expected in text
    page.locator("input[name=q]").first.fill("representation space")
    page.keyboard.press("Enter")
    assert "latent space" in page.locator("main").inner_text()


def test_it_focuses_the_search_box_with_a_slash(glossary: Term, open_page: Open) -> None:
    page = open_page("/en/define/latent-space")
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.name") == "q"
    page.keyboard.type("a/b")
    assert page.locator("input[name=q]").first.input_value() == "a/b"


def test_it_leads_the_keyboard_to_the_text_first(glossary: Term, open_page: Open) -> None:
    page = open_page("/en/define/latent-space")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"


def test_it_keeps_the_chosen_appearance(glossary: Term, open_page: Open) -> None:
    page = open_page("/", color_scheme="light")
    before = page.evaluate("getComputedStyle(document.documentElement).backgroundColor")
    page.get_by_label("Dark").check()
    page.goto("/en/")
    assert page.evaluate("getComputedStyle(document.documentElement).backgroundColor") != before


def test_it_marks_the_sense_that_an_address_names(glossary: Term, open_page: Open) -> None:
    key = glossary.senses.all()[1].key
    page = open_page(f"/en/define/latent-space#{key}")
    assert page.locator(f"#{key}").is_visible()
    assert page.evaluate("document.querySelector(':target').id") == key


def test_it_carries_data_that_the_policy_lets_pass(glossary: Term, open_page: Open) -> None:
    """`open_page` minds a violation of the policy; what is read here is what a crawler reads."""
    page = open_page("/en/define/latent-space")
    data = page.locator("script[type='application/ld+json']").text_content()
    types = [node["@type"] for node in json.loads(data or "")["@graph"]]
    assert types == ["WebPage", "BreadcrumbList"]
    card = page.locator("meta[property='og:image']").get_attribute("content") or ""
    path = card.partition("://")[2].partition("/")[2]
    shown = page.evaluate(
        "async path => { const card = new Image(); card.src = path; await card.decode();"
        " return [card.naturalWidth, card.naturalHeight] }",
        f"/{path}",
    )
    assert shown == [1200, 630]
