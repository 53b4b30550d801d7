"""How somebody gets into the admin."""

from collections.abc import Callable

from playwright.sync_api import Page

PASSWORD = "correct horse battery staple"


def enter_admin(open_page: Callable[..., Page], name: str, address: str = "/admin/") -> Page:
    """The page at the address, which asks for a log-in, for an account with PASSWORD."""
    page = open_page(address)
    page.fill("input[name=username]", name)
    page.fill("input[name=password]", PASSWORD)
    with page.expect_navigation():
        page.click("input[type=submit]")
    return page
