"""Definitions that are not mere prose, in a real browser: formulas, code, many senses."""

from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from terms.models import Glossary, Term
from tests.factories import make_sense, make_term

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

Open = Callable[..., Page]
PHONE = {"width": 360, "height": 740}
HOSTILE = r"$\text{</mtext></math><script>document.title='bad'</script><img src=x onerror=1>}$"


@pytest.fixture
def run() -> Term:
    """A word with six senses, of which the last ones are wide."""
    Glossary.objects.get_or_create(id=1)
    term = make_term("run", "A spell of moving fast on foot.")
    for definition in ("A point.", "A ladder in a stocking.", "To execute: `" + "x" * 90 + "`"):
        make_sense(term, definition, part_of_speech="noun", register="r" * 60)
    make_sense(term, f"{'| column ' * 20}|\n{'|--' * 20}|\n{'| cell ' * 20}|")
    make_sense(term, f"Of {HOSTILE}\n\n$${'+x' * 90}$$\n\n    {'code = ' * 40}", key="k7m2p9qa")
    return term


def test_wide_formulas_tables_and_code_scroll_in_themselves(run: Term, open_page: Open) -> None:
    page = open_page("/en/define/run", viewport=PHONE)
    assert page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]
    for wide in ("math[display=inline]", "math[display=block]", "pre", "> div"):
        box = page.locator(f".definition {wide}")
        assert box.evaluate("box => box.scrollWidth > box.clientWidth"), wide
        assert box.evaluate("box => { box.scrollLeft = 50; return box.scrollLeft }") == 50, wide


def test_a_formula_is_drawn_and_brings_in_nothing_else(run: Term, open_page: Open) -> None:
    page = open_page("/en/define/run")
    assert "bad" not in page.title()
    assert page.locator(".definition :is(script, img)").count() == 0
    formula = page.locator("math[display=inline]")
    assert formula.evaluate("math => math.namespaceURI") == "http://www.w3.org/1998/Math/MathML"
    assert "<script>" in (formula.text_content() or "")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_many_senses_have_a_list_that_leads_to_each(
    run: Term, open_page: Open, scheme: str
) -> None:
    page = open_page("/en/define/run", viewport=PHONE, color_scheme=scheme)
    results = Axe().run(page, options={"preload": False})
    assert results.violations_count == 0, results.generate_report()
    links = page.get_by_role("navigation", name="Senses").get_by_role("link")
    assert links.count() == 6
    links.last.click()
    assert page.evaluate("document.querySelector(':target').id") == "k7m2p9qa"
    page.emulate_media(media="print")
    assert not links.first.is_visible()
