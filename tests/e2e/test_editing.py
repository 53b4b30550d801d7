"""An editor at work in the real admin, under the strict policy."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from embeddings.models import Space
from terms.models import Term
from tests.factories import make_term

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

Open = Callable[..., Page]


def save(page: Page) -> None:
    with page.expect_navigation():
        page.locator("input[name=_save]").first.click()


def test_it_adds_a_term_with_a_sense_and_examples(admin_page: Page) -> None:
    Space.objects.ensure_default()
    admin_page.goto("/admin/terms/term/add/")
    admin_page.fill("#id_name", "cosine similarity")
    admin_page.select_option("#id_status", "published")
    admin_page.fill("#id_senses-0-definition", "How far two vectors point the same way.")
    admin_page.fill("#id_senses-0-examples", "One.\n\nTwo.\nSource: A book")
    save(admin_page)
    term = Term.objects.get(slug="cosine-similarity")
    examples = term.senses.get().examples.values_list("text", "source")
    assert list(examples) == [("One.", ""), ("Two.", "A book")]
    admin_page.goto("/en/define/cosine-similarity")
    assert "point the same way" in admin_page.locator("main").inner_text()


def test_it_shows_who_changed_which_word(admin_page: Page) -> None:
    term = make_term("token", "A small unit of text.")
    admin_page.goto(f"/admin/terms/term/{term.pk}/change/")
    admin_page.fill("#id_senses-0-definition", "A tiny unit of text.")
    save(admin_page)
    admin_page.goto(f"/admin/terms/term/{term.pk}/history/")
    assert admin_page.locator("ins", has_text="tiny").count() == 1
    assert admin_page.locator("del", has_text="small").count() == 1
    assert "ada" in admin_page.locator("#content").inner_text()


def test_it_previews_a_draft_that_no_reader_sees(admin_page: Page) -> None:
    term = make_term("secret plan", "Not yet for readers.", status="draft")
    admin_page.goto(f"/admin/terms/term/{term.pk}/change/")
    admin_page.get_by_role("link", name="how the page looks").click()
    assert "Not yet for readers." in admin_page.locator("main").inner_text()
    response = admin_page.goto("/en/define/secret-plan")
    assert response is not None
    assert response.status == 404


def test_it_renders_the_interactive_documentation(admin_page: Page) -> None:
    admin_page.goto("/api/v1/docs")
    admin_page.wait_for_selector(".opblock")
    assert admin_page.locator(".opblock").count() >= 7
