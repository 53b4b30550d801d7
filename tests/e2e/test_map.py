"""The map as readers meet it: by pointer, by finger, by keyboard, and without a script."""

from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from embeddings.models import Space
from terms.models import Glossary, Term
from tests.factories import make_layout, make_term

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

Open = Callable[..., Page]
PHONE = {"viewport": {"width": 360, "height": 740}, "has_touch": True}


@pytest.fixture(autouse=True)
def terms() -> list[Term]:
    """Twenty terms in a row across the middle of the map."""
    Glossary.objects.get_or_create(id=1)
    terms = [make_term(f"word {n:02}") for n in range(20)]
    make_layout(Space.objects.ensure_default(), *terms)
    return terms


def canvas_of(page: Page) -> tuple[float, float, float]:
    """The middle of the canvas, and how many pixels lie between two of the terms."""
    page.locator("canvas").scroll_into_view_if_needed()
    box = page.locator("canvas").bounding_box()
    assert box is not None
    step = min(box["width"], box["height"]) * 0.92 / 20
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2, step


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_meets_the_accessibility_rules(open_page: Open, scheme: str) -> None:
    page = open_page("/en/map?at=word-10", color_scheme=scheme, reduced_motion="reduce")
    for path in ("/en/map?at=word-10", "/en/map/1", "/en/define/word-10"):
        page.goto(path)
        results = Axe().run(page, options={"preload": False})
        assert results.violations_count == 0, f"{path}\n{results.generate_report()}"


def test_it_is_a_drawing_and_a_list_without_javascript(open_page: Open) -> None:
    page = open_page("/en/map?at=word-10", java_script_enabled=False)
    expect(page.locator("figure svg").first).to_be_visible()
    expect(page.locator("figure .marked")).to_be_visible()
    expect(page.locator(".map-controls")).to_be_hidden()
    page.get_by_role("link", name="word 09").first.click()
    expect(page.locator("h1")).to_have_text("word 09")


def test_it_has_the_same_head_as_every_page(open_page: Open) -> None:
    page = open_page("/en/map")
    expect(page.get_by_role("search").locator("label")).to_have_class("visually-hidden")


def test_it_never_scrolls_sideways(open_page: Open) -> None:
    for script in (True, False):
        page = open_page("/en/map?at=word-10", java_script_enabled=script, **PHONE)
        assert page.evaluate("document.documentElement.scrollWidth") <= 360


def test_a_pointer_sees_the_name_and_a_click_opens_the_entry(open_page: Open) -> None:
    page = open_page("/en/map")
    x, y, step = canvas_of(page)
    page.mouse.move(x + 2 * step, y)
    expect(page.locator(".map-picked a")).to_have_text("word 12")
    page.mouse.click(x + 2 * step, y)
    expect(page.locator("h1")).to_have_text("word 12")


def test_a_finger_sees_the_name_first(open_page: Open) -> None:
    page = open_page("/en/map", **PHONE)
    page.get_by_role("button", name="Closer").click()
    page.get_by_role("button", name="Closer").click()
    x, y, _ = canvas_of(page)
    page.touchscreen.tap(x, y)
    expect(page.locator(".map-picked a")).to_have_text("word 10")
    page.touchscreen.tap(x, y)
    expect(page.locator("h1")).to_have_text("word 10")


def test_it_is_moved_about_by_wheel_and_drag(open_page: Open) -> None:
    page = open_page("/en/map")
    x, y, step = canvas_of(page)
    page.mouse.move(x, y)
    page.mouse.wheel(0, -600)
    page.wait_for_selector("canvas[data-near]")
    page.mouse.down()
    page.mouse.move(x - 200, y, steps=5)
    page.mouse.up()
    page.mouse.move(x - 200, y)
    expect(page.locator(".map-picked a")).to_have_text("word 10")
    page.get_by_role("button", name="The whole map").click()
    page.mouse.move(x - 2 * step, y)
    expect(page.locator(".map-picked a")).to_have_text("word 08")


def test_it_is_moved_about_by_keys(open_page: Open) -> None:
    page = open_page("/en/map")
    page.locator("canvas").focus()
    for key in ("+", "+", "ArrowRight", "ArrowRight"):
        page.keyboard.press(key)
    name = page.locator(".map-picked a").inner_text()
    assert name > "word 10"
    expect(page.locator("[data-announcements]")).to_contain_text(name)
    page.keyboard.press("0")
    expect(page.locator(".map-picked a")).to_have_text("word 10")
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_have_text("word 10")


def test_an_address_opens_the_map_at_its_term(open_page: Open) -> None:
    page = open_page("/en/map?at=word-03")
    expect(page.locator(".map-picked a")).to_have_text("word 03")
    page.wait_for_selector("canvas[data-near]")
    x, y, _ = canvas_of(page)
    page.mouse.click(x, y)
    expect(page.locator("h1")).to_have_text("word 03")


def test_it_is_drawn_in_the_colours_that_the_reader_forces(open_page: Open) -> None:
    page = open_page("/en/map", forced_colors="active")
    page.wait_for_selector("canvas")
    x, y, step = canvas_of(page)
    page.mouse.move(x + step, y)
    expect(page.locator(".map-picked a")).to_have_text("word 11")
