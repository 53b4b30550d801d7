"""A proposal from the term's page to the editors' queue, by keyboard, with and without scripts."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from embeddings.models import Space
from terms.entry import Entry, SenseText
from terms.entry_json import to_json
from terms.models import Glossary, Proposal, Term
from terms.proposing import queue
from terms.roles import CONTRIBUTORS
from tests.e2e.steps import PASSWORD, log_in
from tests.e2e.test_everyone import complaints
from tests.factories import make_editor, make_proposal, make_term, make_user

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

Open = Callable[..., Page]


@pytest.fixture
def term() -> Term:
    Glossary.objects.get_or_create(id=1)
    Space.objects.ensure_default()
    return make_term("circle", "A round line.")


def test_a_reader_proposes_from_the_page_of_a_term_with_a_live_preview(
    open_page: Open, term: Term
) -> None:
    make_user(CONTRIBUTORS, username="ada", password=PASSWORD)
    page = open_page(term.get_absolute_url())
    page.get_by_role("link", name="Suggest an edit").click()
    log_in(page, "ada")
    page.get_by_label("Definition").fill("A *curved* line.")
    expect(page.locator(".preview em")).to_have_text("curved")
    page.get_by_label("Name", exact=True).press("Enter")
    expect(page.get_by_text("waits for an editor")).to_be_visible()
    assert Proposal.objects.get().entry["senses"][0]["definition"] == "A *curved* line."


def test_without_scripts_senses_are_added_and_the_preview_is_a_button(
    open_page: Open, term: Term
) -> None:
    make_user(CONTRIBUTORS, username="ada", password=PASSWORD)
    page = open_page("/en/propose", java_script_enabled=False)
    log_in(page, "ada")
    page.get_by_role("button", name="Add a sense").click()
    page.get_by_label("Definition").nth(1).fill("A **row**.")
    page.get_by_role("button", name="Preview").click()
    expect(page.locator(".preview strong")).to_have_text("row")


def waiting(number: int) -> Proposal:
    return make_proposal(Entry(f"term {number}", senses=[SenseText(f"*Meaning* {number}.")]))


def test_an_editor_goes_through_the_queue_by_keys(open_page: Open, term: Term) -> None:
    make_editor(whole=True, username="grace", password=PASSWORD)
    first, second, third = (waiting(number) for number in range(3))
    page = open_page("/accounts/proposals/")
    log_in(page, "grace")
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("k")
    page.keyboard.press("a")
    expect(page.get_by_text("“term 0” is accepted and published.")).to_be_visible()
    page.keyboard.press("j")
    page.keyboard.press("d")
    page.keyboard.type("Known already, jade.")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_text("“term 1” is declined.")).to_be_visible()
    page.keyboard.press("?")
    expect(page.get_by_role("dialog").get_by_text("Amend it before accepting")).to_be_visible()
    page.keyboard.press("Escape")
    page.get_by_label("Keyboard shortcuts").uncheck()
    page.keyboard.press("j")
    page.keyboard.press("a")
    for each in (first, second, third):
        each.refresh_from_db()
    assert [each.state for each in (first, second, third)] == ["accepted", "declined", "open"]
    assert second.answer == "Known already, jade."
    page.get_by_label("Keyboard shortcuts").check()
    page.locator("h1").click()
    page.keyboard.press("j")
    page.keyboard.press("e")
    page.wait_for_url(f"**/accounts/proposals/{third.pk}/")


def test_keys_go_on_over_the_pages_of_the_queue(
    open_page: Open, term: Term, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queue, "PAGE", 1)
    make_editor(whole=True, username="grace", password=PASSWORD)
    proposals = [waiting(number) for number in range(2)]
    page = open_page("/accounts/proposals/")
    log_in(page, "grace")
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.wait_for_url("**/?page=2")
    page.keyboard.press("j")
    expect(page.locator(f"#p{proposals[1].pk}")).to_be_focused()
    page.keyboard.press("k")
    page.wait_for_url("**/?page=1")


def test_axe_finds_nothing_on_the_pages_of_proposals(open_page: Open, term: Term) -> None:
    make_editor(whole=True, username="grace", password=PASSWORD)
    waiting(1)
    entry: Any = Entry("circle", senses=[SenseText("A curved line.", key=term.senses.get().key)])
    edit = make_proposal(entry, term=term, version=term.version, note="More exact.")
    make_proposal(entry, term=term, base=to_json(entry), version=term.version)
    page, found = open_page("/accounts/"), []
    log_in(page, "grace")
    for path in (
        "/accounts/",
        "/accounts/password/",
        "/accounts/proposals/",
        f"/accounts/proposals/{edit.pk}/",
        "/en/propose",
        "/en/propose/circle",
    ):
        page.goto(path)
        found += complaints(page, path)
        page.set_viewport_size({"width": 320, "height": 640})
        assert page.evaluate("document.documentElement.scrollWidth") <= 320, path
    page.goto("/accounts/proposals/")
    page.get_by_role("button", name="Accept circle").first.click()
    expect(page.get_by_role("heading", name="Which text stays?")).to_be_visible()
    found += complaints(page, "merge")
    assert not found, "\n".join(found)
