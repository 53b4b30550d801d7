"""Hints beside the form of a term, in the real admin under the strict policy."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from embeddings import pipeline
from embeddings.encoders import load
from embeddings.models import Space
from terms.models import Glossary, Term
from tests.e2e.steps import PASSWORD, entered
from tests.e2e.test_editing import save
from tests.factories import make_term, make_topic, make_user

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
STORE = "A database that keeps many vectors and finds the nearest of them."


@pytest.fixture
def store(transactional_db: None) -> Term:
    Glossary.objects.get_or_create(id=1)
    term = make_term("vector store", STORE)
    term.senses.get().topics.add(make_topic("databases"))
    space: Any = Space.objects.ensure_default()
    while pipeline.embed_due(space, load(space.encoder)):
        pass
    return term


@pytest.fixture
def form(store: Term, open_page: Callable[..., Page]) -> Page:
    """A new term that says what another one says."""
    make_user("administrators", username="ada", password=PASSWORD, is_superuser=True)
    page = entered(open_page, "ada", "/admin/terms/term/add/")
    page.fill("#id_name", "depot")
    page.fill("#id_senses-0-definition", STORE)
    expect(page.locator("[data-hints] li")).to_have_count(3)
    return page


def test_it_takes_relations_and_topics_over_into_the_form(form: Page, store: Term) -> None:
    form.get_by_role("button", name="Accept vector store").click()
    form.get_by_role("button", name="Accept databases").click()
    save(form)
    term = Term.objects.get(slug="depot")
    relation = term.relations_in.get()
    assert (relation.from_term, relation.provenance, relation.model) == (
        store,
        "suggestion",
        "hashing",
    )
    assert relation.score is not None
    assert relation.score > 0.5
    assert term.senses.get().topics.get().slug == "databases"


def test_it_remembers_what_was_dismissed_and_which_kinds_are_off(form: Page) -> None:
    form.get_by_role("button", name="Dismiss: “vector store” may mean").click()
    expect(form.locator("[data-count]")).to_have_text("2 hints")
    form.get_by_text("Which hints").click()
    form.get_by_role("checkbox", name="topics").uncheck()
    expect(form.locator("[data-count]")).to_have_text("1 hint")
    form.reload()
    form.fill("#id_name", "depot")
    form.fill("#id_senses-0-definition", STORE)
    expect(form.locator("[data-count]")).to_have_text("1 hint")
    form.fill("#id_senses-0-definition", "")
    expect(form.locator("[data-count]")).to_have_text("No hints")
