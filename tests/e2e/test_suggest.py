"""The search box as a combobox: by keyboard, by pointer, and what an outdated answer does."""

from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, Route, expect

from tests.factories import make_alias, make_term

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

Open = Callable[..., Page]


@pytest.fixture
def names() -> None:
    make_term("latent space", "Where meanings have places.")
    make_term("latent reasoning", "Thinking without words.")
    make_alias(make_term("large language model"), "LLM", kind="abbreviation")


@pytest.mark.usefixtures("names")
def test_it_is_used_by_keyboard(open_page: Open) -> None:
    page = open_page("/")
    box = page.get_by_role("combobox")
    box.press_sequentially("late")
    options = page.get_by_role("option")
    expect(options).to_have_count(3)
    expect(box).to_have_attribute("aria-expanded", "true")
    expect(page.get_by_role("status")).to_have_text("Suggestions: 3")
    box.press("ArrowDown")
    box.press("ArrowDown")
    expect(options.nth(1)).to_have_attribute("aria-selected", "true")
    assert box.get_attribute("aria-activedescendant") == options.nth(1).get_attribute("id")
    box.press("ArrowDown")
    box.press("ArrowDown")
    assert box.get_attribute("aria-activedescendant") is None
    box.press("Escape")
    expect(options).to_have_count(0)
    expect(box).to_have_value("late")
    box.press_sequentially("n")
    expect(options).to_have_count(3)
    box.press("ArrowUp")
    box.press("ArrowUp")
    box.press("Enter")
    page.wait_for_url("**/en/define/latent-reasoning")


@pytest.mark.usefixtures("names")
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_in_the_open_list(open_page: Open, scheme: str) -> None:
    page = open_page("/", bypass_csp=True, color_scheme=scheme)
    page.get_by_role("combobox").press_sequentially("late")
    page.get_by_role("combobox").press("ArrowDown")
    assert Axe().run(page).response["violations"] == []


@pytest.mark.usefixtures("names")
def test_it_is_used_by_pointer_and_leaves_enter_to_the_form(open_page: Open) -> None:
    page = open_page("/en/", viewport={"width": 320, "height": 640})
    box = page.get_by_role("combobox")
    box.press_sequentially("llm")
    expect(page.get_by_role("option").first).to_contain_text("LLM → large language model")
    page.get_by_role("option").first.click()
    page.wait_for_url("**/en/define/large-language-model")
    page.get_by_role("combobox").fill("latent")
    page.get_by_role("combobox").press("Enter")
    page.wait_for_url("**/en/search?q=latent")


@pytest.mark.usefixtures("names")
def test_it_shows_no_outdated_answer(open_page: Open) -> None:
    page = open_page("/")
    held: list[Route] = []

    def hold(route: Route) -> None:
        if route.request.url.endswith("q=la"):
            held.append(route)
        else:
            route.continue_()

    page.route("**/api/v1/suggest**", hold)
    box = page.get_by_role("combobox")
    with page.expect_request("**/api/v1/suggest?lang=en&q=la"):
        box.press_sequentially("la")
    box.press_sequentially("tent s", delay=5)
    expect(page.get_by_role("option")).to_have_count(2)
    for route in held:
        route.abort()
    expect(page.get_by_role("option")).to_have_count(2)


@pytest.mark.usefixtures("names")
@pytest.mark.parametrize("path", ["/", "/en/", "/en/search", "/en/define/latent-space"])
def test_its_last_row_searches_for_what_no_name_begins_with(open_page: Open, path: str) -> None:
    page = open_page(path)
    box = page.get_by_role("combobox")
    box.press_sequentially("vector that $& stands")
    option = page.get_by_role("option", name="Search meanings for “vector that $& stands”")
    expect(option).to_be_visible()
    box.press("ArrowUp")
    assert box.get_attribute("aria-activedescendant") == option.get_attribute("id")
    box.press("Enter")
    page.wait_for_url("**/en/search?q=vector+that+%24%26+stands")
    page.get_by_role("combobox").fill("where meanings are")
    page.get_by_role("option").click()
    page.wait_for_url("**/en/search?q=where+meanings+are")


@pytest.mark.usefixtures("names")
def test_the_form_works_without_scripts(open_page: Open) -> None:
    page = open_page("/", java_script_enabled=False)
    page.get_by_role("searchbox").fill("latent")
    page.get_by_role("searchbox").press("Enter")
    page.wait_for_url("**/en/search?q=latent")
    expect(page.get_by_role("link", name="latent space")).to_be_visible()
