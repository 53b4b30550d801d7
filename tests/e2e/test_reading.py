"""The site as readers meet it: without scripts, by keyboard, with what they chose."""

import json
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

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
KEY = "k7m2p9qa"


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


def test_it_copies_an_entry_as_markdown(glossary: Term, open_page: Open) -> None:
    page = open_page("/en/define/latent-space", permissions=["clipboard-read", "clipboard-write"])
    page.get_by_role("button", name="Copy as Markdown").click()
    expect(page.get_by_role("status")).to_have_text("Copied as Markdown")
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied == page.request.get(f"{page.url}/entry.md").text()
    page = open_page("/en/define/latent-space", java_script_enabled=False)
    expect(page.get_by_role("button", name="Copy as Markdown")).to_be_hidden()


@pytest.mark.parametrize("style", ["APA", "MLA", "Chicago", "BibTeX"])
def test_it_copies_a_citation(glossary: Term, open_page: Open, style: str) -> None:
    page = open_page("/en/define/latent-space", permissions=["clipboard-read", "clipboard-write"])
    page.locator(".cite summary").click()
    copy = page.get_by_role("button", name=f"Copy as {style}").first
    copy.click()
    expect(page.get_by_role("status")).to_have_text(f"Copied as {style}")
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied == copy.evaluate("button => button.previousElementSibling.textContent")
    assert "latent space" in copied


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
