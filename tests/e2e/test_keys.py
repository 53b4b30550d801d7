"""The list of keys: who opens it, who closes it, and who may not."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from terms.models import Glossary

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

Open = Callable[..., Page]


@pytest.fixture(autouse=True)
def glossary() -> None:
    Glossary.objects.get_or_create(id=1)


def test_a_question_mark_shows_it_and_escape_closes_it(open_page: Open) -> None:
    page = open_page("/en/")
    page.keyboard.press("?")
    keys = page.get_by_role("dialog", name="Keys")
    expect(keys).to_be_visible()
    expect(keys.get_by_role("button", name="Close")).to_be_focused()
    page.keyboard.press("/")
    expect(keys.get_by_role("button", name="Close")).to_be_focused()
    page.keyboard.press("Escape")
    expect(keys).to_be_hidden()


def test_where_fingers_do_everything_no_keys_are_spoken_of(open_page: Open) -> None:
    phone = {"viewport": {"width": 360, "height": 740}, "has_touch": True, "is_mobile": True}
    for options, visible in ((phone, False), ({}, True)):
        page = open_page("/en/", **options)
        page.wait_for_function("!document.querySelector('[data-shortcuts]').hidden")
        seen = [each.is_visible() for each in page.locator(".with-keys").all()]
        assert seen == [visible, visible]


def test_a_button_shows_it_and_gets_the_focus_back(open_page: Open) -> None:
    page = open_page("/en/", viewport={"width": 320, "height": 640})
    opener = page.get_by_role("button", name="All keys")
    expect(opener).to_have_attribute("aria-keyshortcuts", "?")
    opener.press("Enter")
    box = page.get_by_role("dialog").bounding_box()
    assert box
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 320
    page.get_by_role("button", name="Close").press("Enter")
    expect(page.get_by_role("dialog")).to_be_hidden()
    expect(opener).to_be_focused()


def test_it_leaves_a_question_mark_to_who_writes_one(open_page: Open) -> None:
    page = open_page("/")
    box = page.get_by_role("combobox")
    box.press_sequentially("why?")
    expect(box).to_have_value("why?")
    expect(page.get_by_role("dialog")).to_be_hidden()


def test_the_switch_takes_the_keys_away_and_leaves_the_button(open_page: Open) -> None:
    page = open_page("/en/")
    page.get_by_label("Keyboard shortcuts").uncheck()
    opener = page.get_by_role("button", name="All keys")
    expect(opener).not_to_have_attribute("aria-keyshortcuts", "?")
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_be_hidden()
    opener.click()
    expect(page.get_by_role("dialog")).to_be_visible()


def test_without_scripts_there_is_no_button(open_page: Open) -> None:
    page = open_page("/en/", java_script_enabled=False)
    expect(page.get_by_role("button", name="All keys")).to_be_hidden()
    expect(page.get_by_role("dialog")).to_be_hidden()
