"""Every page by keyboard, on the narrowest screen and with wider text: nothing out of reach."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from embeddings.models import Space
from terms.models import Glossary
from tests.e2e.everything import PAGES, RICH, make_everything
from tests.factories import make_bundle, make_term, relate

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

Open = Callable[..., Page]
NARROWEST = {"width": 320, "height": 640}
MOST_STOPS = 300
FOCUS = """() => {
  const at = document.activeElement;
  if (!at || at === document.body) return null;
  const ring = getComputedStyle(at.type === "search" ? at.closest(".search-box") : at);
  const box = at.getClientRects()[0];
  const over = document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2);
  return {
    place: [...document.querySelectorAll("*")].indexOf(at),
    said: at.outerHTML.slice(0, 120),
    isRinged: ring.outlineStyle !== "none" && parseFloat(ring.outlineWidth) >= 2,
    isCovered: !over || !(at.contains(over) || over.contains(at)),
  };
}"""
# WCAG 1.4.12, by a sheet that the policy lets pass.
SPACED = """() => {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(`* { line-height: 1.5 !important; letter-spacing: 0.12em !important;
    word-spacing: 0.16em !important } p { margin-block-end: 2em !important }`);
  document.adoptedStyleSheets = [sheet];
}"""
# Gists are cut on purpose: the whole stands in its own entry, or below the list of senses.
CUT = """() => [...document.querySelectorAll("main *, header *, footer *")].filter((each) => {
  const {overflowX, overflowY} = getComputedStyle(each);
  return !each.matches(".clamp, .senses *, .visually-hidden, svg *")
    && !each.closest(".visually-hidden")
    && ((overflowX === "hidden" && each.scrollWidth > each.clientWidth + 1)
      || (overflowY === "hidden" && each.scrollHeight > each.clientHeight + 1));
}).map((each) => each.outerHTML.slice(0, 120))"""


def stops(page: Page) -> list[dict[str, Any]]:
    """What the tabulator key comes to, from the beginning of the page to its end."""
    found: list[dict[str, Any]] = []
    while len(found) < MOST_STOPS:
        page.keyboard.press("Tab")
        stop = page.evaluate(FOCUS)
        if stop is None or stop in found[:1]:
            return found
        found.append(stop)
    raise AssertionError(f"a trap: {found[-3:]}")


@pytest.mark.parametrize("size", [{"width": 1280, "height": 900}, NARROWEST])
def test_the_keyboard_goes_through_every_page_in_order_and_sees_where_it_is(
    open_page: Open, size: dict[str, int]
) -> None:
    make_everything()
    page = open_page(viewport=size, reduced_motion="reduce")
    for name, path in PAGES.items():
        page.goto(path)
        found = stops(page)
        places = [stop["place"] for stop in found]
        assert places == sorted(places), name
        assert [stop["said"] for stop in found if not stop["isRinged"]] == [], name
        assert [stop["said"] for stop in found if stop["isCovered"]] == [], name


def test_no_page_scrolls_sideways_or_cuts_text_off(open_page: Open) -> None:
    make_everything()
    page = open_page(viewport=NARROWEST)
    for name, path in PAGES.items():
        page.goto(path)
        for direction in ("ltr", "rtl"):
            page.evaluate("dir => { document.documentElement.dir = dir }", direction)
            assert page.evaluate("document.documentElement.scrollWidth") <= 320, name
        page.evaluate(SPACED)
        assert page.evaluate("document.documentElement.scrollWidth") <= 320, name
        assert page.evaluate(CUT) == [], name


def test_names_of_one_long_word_stay_within_every_page(open_page: Open) -> None:
    Glossary.objects.get_or_create(id=1)
    Space.objects.ensure_default()
    word = make_term("Donaudampfschifffahrt" * 5, "A word without a break.")
    terms = [make_term("many"), word, make_term("one")]
    relate(terms[0], word)
    bundle = make_bundle(*terms, title=word.name)
    addresses = [term.get_absolute_url() for term in terms]
    for width in (320, 1280):
        page = open_page(viewport={"width": width, "height": 640})
        for path in [*addresses, bundle.get_absolute_url(), "/", "/en/", "/en/bundles"]:
            page.goto(path)
            assert page.evaluate("document.documentElement.scrollWidth") <= width, path


def test_nothing_moves_for_a_reader_who_wants_no_motion(open_page: Open) -> None:
    make_everything()
    page = open_page(RICH, reduced_motion="reduce")
    page.locator(".definition a.mention").first.focus()
    expect(page.locator("#card")).to_be_visible()
    assert page.evaluate("document.getAnimations().length") == 0
    page.emulate_media(reduced_motion="no-preference")
    assert (
        page.evaluate("getComputedStyle(document.querySelector('#card')).animationName") != "none"
    )
