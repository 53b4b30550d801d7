"""Guided steps as a reader takes them: by keyboard, without scripts, on a small screen."""

from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from embeddings import pipeline
from embeddings.encoders import load
from embeddings.models import Space
from terms.models import Glossary
from tests.factories import make_term

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

Open = Callable[..., Page]
QUESTION = "/en/search?q=something+that+people+keep"


@pytest.fixture
def glossary() -> None:
    Glossary.objects.get_or_create(id=1)
    space = Space.objects.ensure_default()
    for number in range(12):
        make_term(f"thing {number}", f"Made of wood as number {number}, for people.")
    make_term("owl cage", "A bird, it hunts mice at night: something that people keep.")
    make_term("owl", "A bird, it hunts mice at night.")
    while pipeline.embed_due(space, load(space.encoder)):
        pass


@pytest.mark.usefixtures("glossary")
@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without"])
def test_a_reader_is_led_on_and_walks_back_by_keyboard(open_page: Open, scripts: bool) -> None:
    page = open_page(QUESTION, java_script_enabled=scripts)
    hits = page.locator(".hits > li .headword")
    before = hits.all_inner_texts()
    page.get_by_role("link", name="Closer: owl cage").focus()
    page.keyboard.press("Enter")
    path = page.get_by_role("region", name="Your steps")
    expect(path.get_by_role("listitem")).to_have_count(2)
    expect(path).to_contain_text("New among the first ten: owl")
    expect(page.get_by_text("Marked as closer")).to_be_visible()
    first = page.url
    page.get_by_role("link", name="Not this: thing 3").press("Enter")
    expect(path.get_by_role("listitem")).to_have_count(3)
    expect(page.locator(".hits").get_by_text("thing 3", exact=True)).to_have_count(0)
    path.get_by_role("link", name="Back to here: owl cage").press("Enter")
    expect(path.get_by_role("listitem")).to_have_count(2)
    assert page.url == first
    path.get_by_role("link", name="Back to the question").press("Enter")
    expect(path).to_have_count(0)
    assert hits.all_inner_texts() == before


@pytest.mark.usefixtures("glossary")
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1280])
def test_the_way_fits_and_axe_finds_nothing(open_page: Open, scheme: str, width: int) -> None:
    size = {"width": width, "height": 800}
    page = open_page(QUESTION, bypass_csp=True, color_scheme=scheme, viewport=size)
    page.get_by_role("link", name="Closer: owl cage").click()
    page.get_by_role("link", name="Not this: thing 3").click()
    expect(page.get_by_role("region", name="Your steps")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert Axe().run(page).response["violations"] == []
