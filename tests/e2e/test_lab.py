"""The lab played with: type-ahead, sliders, addresses; and the same without JavaScript."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.everything import make_everything

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

Open = Callable[..., Page]


@pytest.fixture(autouse=True)
def words() -> None:
    make_everything()


def test_a_name_is_completed_and_the_answer_follows_what_is_set(open_page: Open) -> None:
    page = open_page("/en/lab")
    page.get_by_role("link", name="Interpolate", exact=True).click()
    page.get_by_role("combobox", name="From").press_sequentially("embed")
    page.locator("#given-one-suggestions").get_by_role("option").first.click()
    expect(page.get_by_role("combobox", name="From")).to_have_value("embedding")
    page.get_by_role("combobox", name="To").fill("vector")
    page.get_by_role("combobox", name="To").press("Enter")
    page.wait_for_url("**/en/lab/interpolate?*other=vector*")
    expect(page.get_by_role("heading", name="Near the point at 0.50")).to_be_visible()
    slider = page.get_by_role("slider", name="How far")
    slider.focus()
    slider.press("ArrowRight")
    expect(page.get_by_role("heading", name="Near the point at 0.55")).to_be_visible()
    page.wait_for_url("**share=0.55*")
    page.reload()
    expect(page.get_by_role("heading", name="Near the point at 0.55")).to_be_visible()


def test_it_works_without_javascript(open_page: Open) -> None:
    page = open_page("/en/lab/neighbours", java_script_enabled=False)
    page.get_by_label("Near to").fill("a vector of numbers")
    page.get_by_role("button", name="Show").click()
    page.wait_for_url("**of=a+vector+of+numbers*")
    expect(page.get_by_role("rowheader").first).to_be_visible()


def test_what_is_wrong_is_said_at_its_field(open_page: Open, expected: list[str]) -> None:
    expected.append("400 (Bad Request)")
    page = open_page("/en/lab/neighbours?of=term:unicorn")
    box = page.get_by_role("combobox", name="Near to")
    expect(box).to_have_attribute("aria-invalid", "true")
    expect(box).to_have_accessible_description("There is no term “unicorn” here.")
    expect(box).to_have_value("term:unicorn")
