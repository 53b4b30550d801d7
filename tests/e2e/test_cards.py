"""Cards of linked terms: by pointer, keyboard and finger, and what makes them go."""

from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Locator, Page, Route, expect

from terms.models import Glossary
from tests.factories import make_alias, make_term

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

Open = Callable[..., Page]
PAGE = "/en/define/decoder"
TOUCH = {"has_touch": True, "viewport": {"width": 320, "height": 640}}


@pytest.fixture(autouse=True)
def words() -> None:
    Glossary.objects.get_or_create(id=1)
    make_term("decoder", "What turns a latent vector, or an IR, back into a picture.")
    make_term("latent vector", "A point of a latent space. And more.")
    for name in ("information retrieval", "intermediate representation"):
        make_alias(make_term(name, f"The meaning of {name}."), "IR", kind="abbreviation")


def word_of(page: Page, name: str = "latent vector") -> Locator:
    return page.locator(".definition").get_by_role("link", name=name)


def card_of(page: Page) -> Locator:
    return page.locator("#card")


def test_it_shows_under_the_pointer_and_stays_while_the_pointer_is_on_it(open_page: Open) -> None:
    page = open_page(PAGE)
    word_of(page).hover()
    expect(card_of(page)).to_contain_text("A point of a latent space.")
    expect(card_of(page)).not_to_contain_text("And more")
    card_of(page).hover()
    card_of(page).click(position={"x": 4, "y": 4})
    page.wait_for_timeout(500)
    expect(card_of(page)).to_be_visible()
    page.get_by_role("heading", level=1).hover()
    expect(card_of(page)).to_be_hidden()


def test_it_shows_at_the_focus_of_the_keyboard_and_describes_the_word(open_page: Open) -> None:
    page = open_page(PAGE)
    word = word_of(page)
    word.focus()
    expect(card_of(page)).to_be_visible()
    expect(word).to_have_accessible_description("latent vector A point of a latent space.")
    expect(page.get_by_role("status")).to_contain_text("A point of a latent space.")
    page.keyboard.press("Tab")
    expect(word_of(page, "IR")).to_be_focused()
    expect(card_of(page)).to_contain_text("IR is a name of")
    expect(card_of(page)).to_contain_text("The meaning of information retrieval.")
    expect(word).to_have_accessible_description("")
    page.keyboard.press("Enter")
    page.wait_for_url("**/en/define/ir")


def test_escape_closes_it_without_moving(open_page: Open) -> None:
    page = open_page(PAGE)
    word_of(page).hover()
    expect(card_of(page)).to_be_visible()
    page.keyboard.press("Escape")
    expect(card_of(page)).to_be_hidden()
    page.wait_for_timeout(500)
    expect(card_of(page)).to_be_hidden()
    word_of(page).focus()
    expect(card_of(page)).to_be_visible()
    page.keyboard.press("Escape")
    expect(card_of(page)).to_be_hidden()
    expect(word_of(page)).to_be_focused()


def test_the_first_tap_shows_it_and_the_second_goes(open_page: Open) -> None:
    page = open_page(PAGE, **TOUCH)
    word_of(page).tap()
    expect(card_of(page)).to_be_visible()
    page.get_by_role("heading", level=1).tap()
    expect(card_of(page)).to_be_hidden()
    word_of(page).tap()
    expect(card_of(page)).to_be_visible()
    word_of(page).tap()
    page.wait_for_url("**/en/define/latent-vector")


def test_a_tap_on_its_link_goes(open_page: Open) -> None:
    page = open_page(PAGE, **TOUCH)
    word_of(page, "IR").tap()
    card_of(page).get_by_role("link", name="intermediate representation").tap()
    page.wait_for_url("**/en/define/intermediate-representation")


def test_a_tap_goes_at_once_where_there_is_nothing_to_show(open_page: Open) -> None:
    page = open_page(PAGE, **TOUCH)
    page.route("**/preview", lambda route: route.fulfill(status=404))
    word_of(page).tap()
    page.wait_for_url("**/en/define/latent-vector")


@pytest.mark.parametrize("height", [640, 330])
def test_it_covers_no_word_and_stays_in_the_window(open_page: Open, height: int) -> None:
    page = open_page(PAGE, viewport={"width": 320, "height": height})
    for name in ("latent vector", "IR"):
        word_of(page, name).focus()
        expect(word_of(page, name)).to_have_attribute("aria-describedby", "card")
        card, word = card_of(page).bounding_box(), word_of(page, name).bounding_box()
        assert card
        assert word
        assert card["x"] >= 0
        assert card["x"] + card["width"] <= 320
        assert card["y"] >= word["y"] + word["height"] or card["y"] + card["height"] <= word["y"]
        assert page.evaluate("document.documentElement.scrollWidth") <= 320


def test_it_is_turned_off_for_good(open_page: Open) -> None:
    page = open_page(PAGE)
    page.get_by_label("Previews of linked terms").uncheck()
    page.reload()
    expect(page.get_by_label("Previews of linked terms")).not_to_be_checked()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    word_of(page).hover()
    word_of(page).focus()
    page.wait_for_timeout(500)
    expect(card_of(page)).to_be_hidden()
    assert asked == []


def test_it_asks_once_a_page_and_shows_no_card_that_comes_too_late(open_page: Open) -> None:
    page = open_page(PAGE)
    held: list[Route] = []
    page.route("**/latent-vector/preview", lambda route: held.append(route))
    with page.expect_request("**/latent-vector/preview"):
        word_of(page).hover()
    word_of(page, "IR").hover()
    expect(card_of(page)).to_contain_text("IR is a name of")
    for route in held:
        route.continue_()
    page.wait_for_timeout(300)
    expect(card_of(page)).to_contain_text("IR is a name of")
    word_of(page).hover()
    expect(card_of(page)).to_contain_text("A point of a latent space.")
    assert len(held) == 1


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_in_an_open_card(open_page: Open, scheme: str) -> None:
    page = open_page(PAGE, color_scheme=scheme, reduced_motion="reduce")
    for name in ("latent vector", "IR"):
        word_of(page, name).focus()
        expect(word_of(page, name)).to_have_attribute("aria-describedby", "card")
        results = Axe().run(page, options={"preload": False})
        assert results.violations_count == 0, results.generate_report()


def test_without_scripts_a_mention_is_a_plain_link(open_page: Open) -> None:
    page = open_page(PAGE, java_script_enabled=False)
    expect(page.get_by_label("Previews of linked terms")).to_be_hidden()
    word_of(page).click()
    page.wait_for_url("**/en/define/latent-vector")
