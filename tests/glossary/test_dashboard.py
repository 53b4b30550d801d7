"""The admin's front page: what waits, what lacks, what the space found, how the system is."""

import os
import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pgtrigger
import pytest
from django.contrib.auth.models import User
from django.db import DatabaseError
from django.test import Client
from django.utils import timezone

from embeddings.admin import dashboard as findings
from embeddings.models import Pending, Space, Standing, Survey
from glossary import system
from terms.entry import entry_of
from terms.models import Miss, PlannedPublication, Source, Term, TopicCoverage
from terms.models.history import events_of
from terms.roles import ADMINISTRATORS, EDITORS
from terms.tasks import count_coverage
from tests.factories import (
    make_example,
    make_proposal,
    make_sense,
    make_term,
    make_topic,
    make_user,
)

pytestmark = pytest.mark.django_db
INDEX = "/admin/"
A_YEAR = timedelta(days=366)
FIGURE = re.compile(r'<h3><a href="([^"]+)"><strong>(\d+)</strong> ([^<]+)</a>')


@pytest.fixture
def admin(client: Client, space: Space) -> Client:
    client.force_login(make_user(ADMINISTRATORS))
    return client


@pytest.fixture
def editor(client: Client, space: Space) -> Client:
    client.force_login(make_user(EDITORS))
    return client


def page(client: Client) -> str:
    return client.get(INDEX).content.decode()


def figures(client: Client) -> dict[str, tuple[str, int]]:
    """Name → (address of its list, number)."""
    found = FIGURE.findall(page(client))
    return {name: (address.replace("&amp;", "&"), int(count)) for address, count, name in found}


def age(term: Term, by: timedelta) -> None:
    """As if the term had last been changed, and been given its status, that long ago."""
    then = timezone.now() - by
    with pgtrigger.ignore("terms.Term:bumps_version"):
        Term.objects.filter(pk=term.pk).update(updated_at=then)
    events_of(Term).filter(pgh_obj=term.pk).update(pgh_created_at=then)


def make_weak_spots(space: Space, user: User) -> None:
    """One or two of everything that the page counts."""
    source = Source.objects.create(title="A book")
    good = make_term("good")
    make_example(good.senses.get())
    good.senses.get().sources.add(source)
    review, old = make_term("waits", status="review"), make_term("old")
    age(review, timedelta(days=40))
    age(old, A_YEAR)
    for name, problem in (("soon", ""), ("refused", "The term has no sense.")):
        term = make_term(name, status="draft")
        PlannedPublication.objects.create(term=term, at=timezone.now(), by=user, problem=problem)
    Miss.objects.count_one("liger")
    lone, pair, twin, moved = (make_term(name) for name in ("lone", "pair", "twin", "moved"))
    space.calibration = {"none_below": 0.4, "strong_from": 0.5, "strong_gap": 0.1}
    space.save()
    near = {"space": space, "score": 0.9, "cosine": 0.5}
    Standing.objects.create(sense=lone.senses.get(), **near | {"score": 0.1})
    one, other = pair.senses.get(), twin.senses.get()
    Standing.objects.create(sense=one, twin=other, likeness=0.99, **near)
    Standing.objects.create(sense=other, twin=one, likeness=0.99, **near)
    Standing.objects.create(sense=moved.senses.get(), moved=0.3, **near)
    Pending.objects.filter(sense__term=lone).update(parked=True, last_error="too odd")


def test_each_number_leads_to_a_list_with_as_many_rows(admin: Client, space: Space) -> None:
    make_weak_spots(space, User.objects.get())
    found = figures(admin)
    assert found.pop("Open proposals")[1] == 0  # its list is no list of the admin
    assert {name: count for name, (_, count) in found.items()} == {
        "In review": 1,
        "Planned publications": 2,
        "Could not be published": 1,
        "Wanted terms": 1,
        "Unchanged for a year": 1,
        "Without an example": 5,
        "Without a source": 5,
        "Not embedded: parked": 1,
        "Alone": 1,
        "Overlapping": 2,
        "Moved this month": 1,
    }
    for address, count in found.values():
        assert admin.get(address).context["cl"].result_count == count, address


def test_it_shows_the_oldest_first_with_their_age(editor: Client) -> None:
    for name, days in (("young", 1), ("oldest", 40), ("older", 20)):
        age(make_term(name, status="review"), timedelta(days=days))
    content = page(editor)
    assert "1\xa0month" in content
    places = [content.index(f">{name}</a>") for name in ("oldest", "older", "young")]
    assert places == sorted(places)


def test_a_term_waits_from_when_it_was_sent_to_review_not_from_its_last_change(
    editor: Client,
) -> None:
    term = make_term("slow", status="draft")
    age(term, timedelta(days=80))
    Term.objects.update(status="review")
    events_of(Term).filter(status="review").update(
        pgh_created_at=timezone.now() - timedelta(days=15)
    )
    Term.objects.update(name="slower")
    assert "2\xa0weeks" in page(editor)


def test_it_counts_open_proposals_with_their_age(editor: Client) -> None:
    make_proposal(entry_of(make_term("token")))
    assert "<strong>1</strong> Open proposals" in re.sub(r"<a [^>]*>(?=<strong>)", "", page(editor))


def test_a_term_is_alone_only_with_all_of_its_senses(editor: Client, space: Space) -> None:
    term = make_term()
    for sense, score in ((term.senses.get(), 0.01), (make_sense(term), 0.9)):
        Standing.objects.create(space=space, sense=sense, score=score)
    assert figures(editor)["Alone"][1] == 0


def test_two_that_overlap_are_one_pair_and_the_list_names_the_other(
    admin: Client, space: Space
) -> None:
    make_weak_spots(space, User.objects.get())
    assert re.findall(r"as “(twin|pair)”: 0.99", page(admin)) == ["twin"]
    listed = admin.get(figures(admin)["Overlapping"][0]).content.decode()
    assert "most like “twin”, 0.99" in listed
    assert "most like “pair”, 0.99" in listed


def test_it_says_how_well_each_topic_is_covered(editor: Client) -> None:
    topic = make_topic("logic")
    terms = [make_term(), make_term(), make_term(status="review"), make_term(status="draft")]
    for term in terms:
        topic.senses.add(term.senses.get(), make_sense(term))
    make_example(terms[0].senses.first() or make_sense(terms[0]))
    count_coverage()
    content = page(editor)
    row = re.search(r"logic</a></th>.*?</tr>", content, re.DOTALL)
    assert row
    assert re.findall(r"<td>(\d+)</td>", row.group()) == ["2", "1", "0", "1"]
    assert '<rect class="exampled" width="50.0"' in row.group()


def test_it_says_when_coverage_was_counted_and_counts_anew(editor: Client) -> None:
    topic, empty = make_topic("logic"), make_topic("law")
    assert "Coverage by topic" not in page(editor)
    count_coverage()
    topic.senses.add(make_term().senses.get())
    TopicCoverage.objects.update(counted_at=timezone.now() - timedelta(minutes=7))
    assert "7\xa0minutes</time> ago" in page(editor)
    empty.delete()
    count_coverage()
    assert [(row.topic, row.terms) for row in TopicCoverage.objects.all()] == [(topic, 1)]


def test_only_administrators_see_the_system(client: Client, space: Space) -> None:
    for role, sees in ((EDITORS, False), (ADMINISTRATORS, True)):
        client.force_login(make_user(role))
        assert ("The system" in page(client)) is sees
        assert "What waits" in page(client)


def test_who_may_see_no_terms_sees_no_figures(client: Client, space: Space) -> None:
    make_term("secret", status="review")
    client.force_login(make_user(is_superuser=False))
    User.objects.update(is_staff=True)
    content = page(client)
    assert "secret" not in content
    assert "What waits" not in content


def test_it_asks_as_many_questions_whatever_there_is(
    admin: Client, space: Space, django_assert_num_queries: Any, django_assert_max_num_queries: Any
) -> None:
    page(admin)
    with django_assert_max_num_queries(80) as empty:
        page(admin)
    make_weak_spots(space, User.objects.get())
    for _ in range(5):
        make_topic().senses.add(make_term(status="review").senses.get())
    with django_assert_num_queries(len(empty)):
        page(admin)


def test_each_part_is_whole_when_another_gives_nothing(
    admin: Client, space: Space, monkeypatch: Any
) -> None:
    def broken() -> None:
        raise DatabaseError("gone")

    monkeypatch.setattr(findings, "findings", broken)
    content = page(admin)
    assert "What the space says" not in content
    assert "What waits" in content
    assert "The system" in content


def test_it_is_whole_without_a_space(admin: Client) -> None:
    Space.objects.all().delete()
    content = page(admin)
    assert "What the space says" not in content
    assert "no active space" in content


def test_it_says_when_the_survey_ended(editor: Client, space: Space) -> None:
    assert "has not been through all the senses yet" in page(editor)
    ended = timezone.now() - timedelta(hours=3)
    Survey.objects.create(space=space, begun_at=ended, ended_at=ended)
    assert "3\xa0hours</time> ago" in page(editor)


def test_it_says_of_a_queue_that_stands_and_of_a_silent_worker(space: Space) -> None:
    make_term()
    assert system.queue()[0] == system.FINE
    long_ago = timezone.now() - timedelta(minutes=5)
    Pending.objects.update(due=long_ago)
    Space.objects.update(attended_at=long_ago)
    assert system.queue() == (system.WATCH, "Waiting: 1 sense, the oldest for 5\xa0minutes.")
    assert system.worker()[0] == system.BROKEN
    Space.objects.update(attended_at=timezone.now())
    assert system.worker()[0] == system.FINE


def test_it_says_whether_the_right_model_is_loaded(space: Space) -> None:
    assert system.model()[0] == system.FINE
    Space.objects.update(sha256="0" * 64)
    assert system.model()[0] == system.BROKEN
    Space.objects.update(error="the weights are missing")
    assert "the weights are missing" in system.model()[1]


def test_it_says_when_the_last_backup_was_or_how_to_record_one(tmp_path: Path) -> None:
    record = tmp_path / "last-backup"
    state, said = system.backup(record)
    assert (state, "None recorded" in said) == (system.WATCH, True)
    record.touch()
    assert system.backup(record)[0] == system.FINE
    os.utime(record, (0, 0))
    assert system.backup(record)[0] == system.WATCH


def test_it_says_which_servers_answer_and_which_do_not(space: Space, settings: Any) -> None:
    assert "pgvector" in system.answer("PostgreSQL", system.postgres).said
    assert system.answer("Redis", system.broker).state == system.FINE

    def refused() -> tuple[str, str]:
        raise ConnectionRefusedError("nobody listens")

    assert system.answer("Redis", refused) == system.Part("Redis", "broken", "nobody listens")
