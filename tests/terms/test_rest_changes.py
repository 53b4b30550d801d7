"""The changes that readers saw, followed by a cursor that misses none, however writers overlap."""

import random
import threading
import time
from itertools import count
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import Client

from terms.feeds import entry_id
from terms.models import Change, Glossary, Term
from tests.factories import make_sense, make_term
from tests.terms.test_rest_writing import is_problem

CHANGES = "/api/v1/changes"
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def glossary() -> None:
    """The row that a migration makes, and that the end of such a test removes."""
    Glossary.objects.get_or_create(id=1)
    Change.objects.all().delete()


def told(since: str = "0", limit: int = 200) -> dict[str, Any]:
    body: dict[str, Any] = Client().get(f"{CHANGES}?since={since}&limit={limit}").json()
    return body


def actions(since: str = "0") -> list[tuple[str, str]]:
    return [(row["action"], row["slug"]) for row in told(since)["results"]]


def set_status(term: Term, status: str) -> None:
    Term.objects.filter(pk=term.pk).update(status=status)


def test_it_tells_what_readers_saw_in_the_order_of_the_commits() -> None:
    one = make_term("one", status="draft")
    assert told() == {"results": [], "next": None, "cursor": "0"}
    set_status(one, "published")
    make_sense(one)
    set_status(one, "deprecated")
    set_status(one, "review")
    set_status(one, "published")
    one.delete()
    assert actions() == [
        ("created", "one"),
        ("changed", "one"),
        ("changed", "one"),
        ("deleted", "one"),
        ("created", "one"),
        ("deleted", "one"),
    ]


def test_a_row_says_enough_to_fetch_the_term() -> None:
    term = make_term("one")
    term.refresh_from_db()
    (row,) = [row for row in told()["results"] if row["version"] == term.version]
    assert row["id"] == entry_id(term.pk, term.created_at)
    assert (row["language"], row["slug"], row["former"]) == ("en", "one", None)
    cursor = told()["cursor"]
    Term.objects.filter(pk=term.pk).update(slug="first")
    (moved,) = told(cursor)["results"]
    assert (moved["slug"], moved["former"]) == ("first", {"language": "en", "slug": "one"})
    assert moved["id"] == row["id"]


def test_a_transaction_tells_of_a_term_once_and_of_what_readers_never_saw_nothing() -> None:
    kept = make_term("kept")
    cursor = told()["cursor"]
    with transaction.atomic():
        hidden = make_term("hidden", status="draft")
        set_status(hidden, "published")
        set_status(hidden, "draft")
        Term.objects.filter(pk=kept.pk).update(slug="never-seen")
        set_status(kept, "draft")
        Term.objects.filter(pk=kept.pk).update(slug="draft-address")
    (row,) = told(cursor)["results"]
    assert (row["action"], row["slug"], row["version"]) == ("deleted", "kept", None)
    with transaction.atomic():
        set_status(kept, "published")
        make_sense(kept)
    assert actions(cursor)[1:] == [("created", "draft-address")]


def test_a_change_of_a_draft_is_no_change() -> None:
    draft = make_term("quokka", status="draft")
    make_sense(draft)
    Term.objects.filter(pk=draft.pk).update(slug="wallaby")
    draft.delete()
    assert told()["results"] == []


def test_what_was_rolled_back_is_not_told() -> None:
    with transaction.atomic():
        make_term("one")
        with transaction.atomic():
            make_term("two")
            transaction.set_rollback(True)
    assert actions() == [("created", "one")]


def test_it_pages_and_leads_on() -> None:
    with transaction.atomic():
        for number in range(7):
            make_term(f"term {number}")
    seen: list[str] = []
    url = f"{CHANGES}?limit=3"
    while url:
        body = Client().get(url).json()
        seen += [row["slug"] for row in body["results"]]
        url = body["next"]
    assert sorted(seen) == [f"term-{number}" for number in range(7)]
    assert told(body["cursor"]) == {"results": [], "next": None, "cursor": body["cursor"]}


def test_it_answers_304_until_something_changes() -> None:
    make_term("one")
    etag = {"if-none-match": Client().get(CHANGES)["ETag"]}
    assert Client().get(CHANGES, headers=etag).status_code == 304
    make_term("two")
    assert Client().get(CHANGES, headers=etag).status_code == 200


@pytest.mark.parametrize(
    "asked", ["since=x", "since=-1", "since=" + "9" * 30, "limit=0", "limit=1001"]
)
def test_it_refuses_what_is_no_cursor(asked: str) -> None:
    is_problem(Client().get(f"{CHANGES}?{asked}"), 400)


def test_it_refuses_a_cursor_that_it_never_gave() -> None:
    """A backup was restored: to go on would miss what has been written since."""
    is_problem(Client().get(f"{CHANGES}?since=123456789"), 410)


def test_who_follows_the_cursor_misses_nothing_of_many_writers_at_once() -> None:
    """Each writer sleeps between its statements and before its commit, so that they overlap."""
    writers, rounds = 8, 12
    shared = [make_term(f"shared {number}") for number in range(3)]
    start = told()["cursor"]
    written: list[tuple[str, int]] = []  # (slug, version) of what was committed
    are_done = threading.Event()
    numbers, lock = count(), threading.Lock()

    def write(seed: int) -> None:
        chances = random.Random(seed)
        for _ in range(rounds):
            with lock:
                name = f"term {next(numbers)}"
            made = []
            try:
                with transaction.atomic():
                    term = make_term(name)
                    time.sleep(chances.random() / 100)
                    if chances.random() < 0.4:
                        make_sense(term)
                    if chances.random() < 0.4:
                        other = chances.choice(shared)
                        Term.objects.filter(pk=other.pk).update(is_linked=True)
                        other = Term.objects.get(pk=other.pk)
                        made.append((other.slug, other.version))
                    term.refresh_from_db()
                    made.append((term.slug, term.version))
                    time.sleep(chances.random() / 50)
                    if chances.random() < 0.2:
                        raise ZeroDivisionError
            except ZeroDivisionError:
                continue
            written.extend(made)
        connection.close()

    seen: list[tuple[str, int]] = []

    def follow() -> None:
        cursor, is_last = start, False
        while not is_last:
            is_last = are_done.is_set()
            while True:
                body = told(cursor, limit=7)
                seen.extend((row["slug"], row["version"]) for row in body["results"])
                cursor = body["cursor"]
                if not body["next"]:
                    break
        connection.close()

    threads = [threading.Thread(target=write, args=[seed]) for seed in range(writers)]
    follower = threading.Thread(target=follow)
    for thread in [follower, *threads]:
        thread.start()
    for thread in threads:
        thread.join()
    are_done.set()
    follower.join()
    assert len(written) > writers
    assert sorted(seen) == sorted(written)
