"""What people do on a page, whoever they are."""

import re
from collections.abc import Callable
from typing import Any

from playwright.sync_api import APIResponse, Page, expect

PASSWORD = "correct horse battery staple"


def log_in(page: Page, name: str, password: str = PASSWORD) -> None:
    page.fill("[name=username]", name)
    page.fill("[name=password]", password)
    with page.expect_navigation():
        page.locator("main").get_by_role("button", name="Log in").click()


def entered(open_page: Callable[..., Page], name: str, path: str = "/accounts/") -> Page:
    """The page at the path, for an account with PASSWORD, in a browser of its own."""
    page = open_page(path)
    log_in(page, name)
    return page


def press(page: Page, name: str) -> None:
    with page.expect_navigation():
        page.get_by_role("button", name=name, exact=True).first.click()


def post(page: Page, path: str, **fields: Any) -> APIResponse:
    """A form that no page has offered, sent with the cookies and the token of the present page."""
    token = page.locator("[name=csrfmiddlewaretoken]").first.input_value()
    return page.request.post(path, form={"csrfmiddlewaretoken": token} | fields, max_redirects=0)


def says(page: Page, *texts: str) -> None:
    for text in texts:
        expect(page.locator("body")).to_contain_text(text)


def status_of(page: Page, path: str) -> int:
    return page.request.get(path).status


def invite(page: Page, name: str, role: str) -> str:
    """The path of the link by which the account's password is set."""
    page.goto("/accounts/invite/")
    page.get_by_label("Name").fill(name)
    page.get_by_label("Role").select_option(role)
    press(page, "Make the account")
    return re.sub(r"^https?://[^/]+", "", page.locator(".secret").inner_text())


def set_password(page: Page, password: str) -> None:
    page.get_by_label("New password", exact=True).fill(password)
    page.get_by_label("New password confirmation").fill(password)
    press(page, "Set the password")
