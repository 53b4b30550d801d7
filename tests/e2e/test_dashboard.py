"""The admin's front page in a real browser: whole, in reach of everyone, on every screen."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.utils import timezone
from playwright.sync_api import Page

from embeddings.models import Space, Standing
from terms.models import Miss, PlannedPublication
from tests.e2e.steps import PASSWORD, entered
from tests.e2e.test_everyone import OPEN, complaints
from tests.factories import make_term, make_topic

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

Open = Callable[..., Page]
# Django's body is as high as the window: axe cannot judge a line that its lower edge cuts.
MAY_STAY = OPEN | {
    "partially obscured": "nothing lies over our part",
    "due to a background image": "Django's sign stands beside the words of the link",
    "data cells are missing or empty": "where nothing can be added there is no link to do so",
}


@pytest.fixture
def front_page(open_page: Open) -> Page:
    """With something in every list, seen by somebody who may see all of it."""
    user = User.objects.create_superuser("ada", password=PASSWORD)
    space = Space.objects.ensure_default()
    sense = make_term("token", status="review").senses.get()
    make_topic("linguistics").senses.add(make_term("phoneme").senses.get())
    PlannedPublication.objects.create(
        term=sense.term, at=timezone.now() + timedelta(days=1), by=user
    )
    Miss.objects.count_one("a word that nobody has defined so far")
    twin = make_term("sign").senses.get()
    Standing.objects.create(
        space=space, sense=sense, twin=twin, score=0.1, cosine=0.1, likeness=0.99, moved=0.4
    )
    return entered(open_page, "ada", "/admin/")


def test_axe_finds_nothing_on_the_front_page_in_any_way(front_page: Page) -> None:
    found = complaints(front_page, "front page", MAY_STAY)
    assert not found, "\n".join(found)


def test_it_needs_no_sideways_scrolling_on_a_phone(front_page: Page) -> None:
    front_page.set_viewport_size({"width": 320, "height": 640})
    assert front_page.evaluate("document.documentElement.scrollWidth") == 320


def test_a_number_leads_to_its_list(front_page: Page) -> None:
    front_page.get_by_role("link", name="1 In review").press("Enter")
    front_page.wait_for_url("**/admin/terms/term/?status__exact=review")
    assert front_page.get_by_role("link", name="token", exact=True).is_visible()
