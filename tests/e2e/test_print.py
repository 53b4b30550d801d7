"""What comes out of a printer: an entry as in a dictionary, a bundle as a booklet."""

import re
from collections.abc import Callable

import pytest
from django.conf import settings
from playwright.sync_api import Page, expect

from terms.models import Term
from tests.e2e.everything import PAGES, RICH, make_everything
from tests.factories import make_term, relate

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

Open = Callable[..., Page]
TO_PRESS = "nav:not(.chapter-list), button, input, select, summary, canvas, [data-copy-link]"


@pytest.fixture
def printed(open_page: Open) -> Page:
    make_everything()
    page = open_page(color_scheme="dark")
    page.emulate_media(media="print")
    return page


def sheets(page: Page) -> int:
    return len(re.findall(rb"/Type\s*/Page\b", page.pdf(format="A4")))


def test_it_prints_nothing_that_one_can_only_press(printed: Page) -> None:
    for name, path in PAGES.items():
        if name == "log-in":
            continue
        printed.goto(path)
        seen = [each.is_visible() for each in printed.locator(TO_PRESS).all()]
        assert not any(seen), name


def test_an_entry_prints_on_one_sheet_with_its_address(printed: Page) -> None:
    printed.goto(RICH)
    related = printed.locator(".related section").filter(has_text="Related")
    assert related.evaluate("each => each.innerText").split() == ["Related", "vector"]
    expect(printed.locator(".colophon")).to_contain_text(RICH)
    ground = printed.evaluate("getComputedStyle(document.documentElement).backgroundColor")
    assert ground == "rgb(255, 255, 255)"
    assert sheets(printed) == 1


def test_a_bundle_prints_as_a_booklet_with_a_title_page(printed: Page) -> None:
    printed.goto("/en/bundles/first-steps")
    names = printed.locator(".chapter h2").all_inner_texts()
    assert names == printed.locator(".chapter-list li").all_inner_texts()
    expect(printed.locator(".chapter .address").first).to_have_text(settings.LEXISPACE_URL + RICH)
    assert sheets(printed) == 2
    margin = "introduction => parseFloat(getComputedStyle(introduction).marginBlockEnd)"
    assert printed.locator(".introduction").evaluate(margin) > 30


def test_what_is_folded_up_on_the_screen_is_printed(printed: Page) -> None:
    for number in range(8):
        relate(Term.objects.get(slug="vector"), make_term(f"matrix {number}"))
    printed.goto("/en/define/vector")
    expect(printed.get_by_role("link", name="matrix 7").first).to_be_visible()


def test_a_path_prints_with_its_address(printed: Page) -> None:
    printed.goto("/en/path/embedding")
    expect(printed.get_by_text(f"{settings.LEXISPACE_URL}/en/path/embedding")).to_be_visible()
    assert sheets(printed) == 1
