"""The headwords beside a term, and the term of the day."""

from datetime import date

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from terms import reading
from terms.daily import drawn
from terms.models import Term
from tests.factories import make_sense, make_term

DAYS = [date(2026, 1, day) for day in range(1, 32)]


@given(st.text(), st.integers(min_value=1, max_value=10_000))
def test_it_draws_a_place_that_stays_or_is_the_new_one(seed: str, count: int) -> None:
    place = drawn(seed, count)
    assert 0 <= place < count
    assert drawn(seed, count + 1) in {place, count}


def test_it_draws_every_place_about_as_often() -> None:
    places = [drawn(f"day {day}", 4) for day in range(4000)]
    assert all(900 < places.count(place) < 1100 for place in range(4))


@pytest.mark.django_db
def test_it_draws_one_of_the_recommended_terms() -> None:
    assert Term.objects.of_the_day(DAYS[0]) is None
    shown = {make_term(), make_term(), make_term()}
    make_term(status="draft")
    make_term(status="deprecated")
    assert {Term.objects.published().of_the_day(day) for day in DAYS} == shown


@pytest.mark.django_db
def test_the_home_page_is_another_with_the_date(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    term = make_term("vector", "A list of numbers. It has an order.")
    make_sense(term)
    monkeypatch.setattr("django.utils.timezone.localdate", lambda: DAYS[0])
    first = client.get("/")
    assert "Term of the day" in first.content.decode()
    seen = {"if-none-match": first.headers["ETag"]}
    assert client.get("/", headers=seen).status_code == 304
    index = client.get("/en/").headers["ETag"]
    monkeypatch.setattr("django.utils.timezone.localdate", lambda: DAYS[1])
    assert client.get("/", headers=seen).status_code == 200
    assert client.get("/en/").headers["ETag"] == index


@pytest.mark.django_db
def test_it_knows_the_headwords_before_and_after() -> None:
    last, first = make_term("Zoo"), make_term("ant")
    twins = [make_term("Bee"), make_term("bee")]
    make_term("cat", status="draft")
    make_term("chat", language="fr")
    for term in (last, first, *twins):
        term.refresh_from_db()
    order = [first, *twins, last]
    pages = filter(None, (reading.page_of(term.pk) for term in order))
    assert [(around.previous, around.next) for _, around in pages] == [
        (None, twins[0]),
        (first, twins[1]),
        (twins[0], last),
        (twins[1], None),
    ]


@pytest.mark.django_db
def test_a_term_s_page_leads_to_its_neighbours_and_its_letter(client: Client) -> None:
    make_term("ant")
    make_term("3D model")
    page = client.get("/en/define/ant").content.decode()
    assert 'href="/en/letter/A"' in page
    assert '<a href="/en/define/3d-model" lang="en">3D model</a>' in page
    assert 'href="/en/letter/%23"' in client.get("/en/define/3d-model").content.decode()
