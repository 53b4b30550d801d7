"""Terms in the database: constraints, versions, history, addresses; drafts that nobody sees."""

from typing import Any

import pghistory
import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.urls import reverse

from terms.models import Alias, Glossary, Miss, Relation, Sense, Term, Topic
from terms.models.history import events_of
from terms.text import slugify
from tests.factories import (
    make_alias,
    make_bundle,
    make_example,
    make_sense,
    make_term,
    make_topic,
    relate,
)
from tests.terms.test_text import NAMES

pytestmark = pytest.mark.django_db


def status(client: Client, url: str) -> int:
    return client.get(url).status_code


@pytest.mark.parametrize("name", NAMES)
def test_it_reaches_every_term_at_its_address(client: Client, name: str) -> None:
    term = make_term(name[:200])
    assert status(client, term.get_absolute_url()) == 200
    assert status(client, reverse("api-term", args=["en", term.slug])) == 200
    if "/" not in name and name not in {".", ".."}:
        asked = reverse("term", args=["en", name[:200]])
        assert client.get(asked, follow=True).status_code == 200


def test_it_numbers_terms_that_would_share_an_address() -> None:
    assert [make_term("token").slug for _ in range(3)] == ["token", "token-2", "token-3"]


def test_it_redirects_a_former_address_by_one_step(client: Client) -> None:
    term = make_term("first name")
    for slug in ("second-name", "third-name", "second-name"):
        Term.objects.filter(pk=term.pk).update(slug=slug)
    for slug in ("first-name", "third-name"):
        response = client.get(f"/en/define/{slug}")
        assert (response.status_code, response["Location"]) == (301, "/en/define/second-name")
    assert status(client, "/en/define/second-name") == 200


def test_it_offers_the_choice_where_a_name_is_shared(client: Client) -> None:
    for name in ("information retrieval", "intermediate representation"):
        make_alias(make_term(name), "IR", kind="abbreviation")
    response = client.get("/en/define/IR")
    assert response.status_code == 300
    assert b"information retrieval" in response.content
    assert len(client.get("/api/v1/terms/en/IR").json()["choices"]) == 2


def test_it_says_that_a_public_term_was_removed(client: Client) -> None:
    make_term("short-lived").delete()
    make_term("draft", status="draft").delete()
    assert status(client, "/en/define/short-lived") == 410
    answer = client.get("/api/v1/terms/en/short-lived")
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.json()["detail"] == "“short-lived” was removed."
    assert status(client, "/en/define/draft") == 404


@pytest.mark.parametrize(
    "change",
    [
        {"slug": "Not Normal"},
        {"slug": "double--hyphen"},
        {"slug": ""},
        {"name": "  "},
        {"status": "unknown"},
        {"replaced_by": "other"},
    ],
)
def test_it_refuses_impossible_terms_in_the_database(change: dict[str, Any]) -> None:
    term, other = make_term(), make_term()
    values = {key: other if value == "other" else value for key, value in change.items()}
    with pytest.raises(IntegrityError), transaction.atomic():
        Term.objects.filter(pk=term.pk).update(**values)


def test_it_stores_a_symmetric_relation_once() -> None:
    one, other = make_term(), make_term()
    relate(other, one)
    relation = Relation.objects.get()
    assert (relation.from_term, relation.to_term) == (one, other)
    for pair in ((one, other), (other, one)):
        with pytest.raises(IntegrityError), transaction.atomic():
            relate(*pair)
    with pytest.raises(IntegrityError), transaction.atomic():
        relate(one, one)


def test_it_swaps_positions_in_one_transaction() -> None:
    term = make_term()
    first, second = term.senses.get(), make_sense(term)
    with transaction.atomic():
        Sense.objects.filter(pk=first.pk).update(position=2)
        Sense.objects.filter(pk=second.pk).update(position=1)
    assert [sense.pk for sense in term.senses.all()] == [second.pk, first.pk]


def test_it_records_every_way_to_write_and_who_wrote() -> None:
    term = make_term("token", "A unit.")
    with pghistory.context(reason="spring cleaning"):
        Sense.objects.filter(term=term).update(definition="A small unit.")
    with connection.cursor() as cursor:
        cursor.execute("UPDATE terms_sense SET definition = 'A tiny unit.'")
    term.senses.all().delete()
    events = events_of(Sense).order_by("pgh_id")
    assert [event.pgh_label for event in events] == ["insert", "update", "update", "delete"]
    assert events[1].pgh_context.metadata["reason"] == "spring cleaning"


@pytest.mark.django_db(transaction=True)
def test_it_counts_versions_and_one_revision_for_each_transaction() -> None:
    Glossary.objects.get_or_create(id=1)

    def counts() -> tuple[int, int]:
        return Term.objects.get(slug="token").version, Glossary.current().revision

    term = make_term("token")
    sense = term.senses.get()
    version, revision = counts()
    with transaction.atomic():
        sense.definition = "Changed."
        sense.save()
        make_example(sense)
        make_alias(term, "tok")
    assert counts() == (version + 1, revision + 1)
    sense.topics.add(make_topic())
    assert counts()[0] == version + 2
    _, revision = counts()
    make_term("hidden", status="draft")
    assert counts()[1] == revision


@pytest.mark.django_db(transaction=True)
def test_it_answers_304_until_something_shown_changes(client: Client) -> None:
    Glossary.objects.get_or_create(id=1)
    term = make_term("token", "A unit.")
    for url in (term.get_absolute_url(), "/api/v1/terms", "/"):
        etag = client.get(url)["ETag"]
        assert client.get(url, headers={"if-none-match": etag}).status_code == 304
        term.senses.update(definition=f"A unit, after {url}")
        response = client.get(url, headers={"if-none-match": etag})
        assert response.status_code == 200
        assert response["ETag"] != etag


def test_it_leaks_no_draft_anywhere(client: Client) -> None:
    """A draft with a marker in every field, on every public list and page."""
    topic, shown = make_topic("zebra topic"), make_term("shown")
    shown.senses.get().topics.add(topic)
    hidden = make_term("quokka name", "quokka definition.", status="draft")
    make_example(hidden.senses.get(), "quokka example")
    make_alias(hidden, "quokka alias")
    make_alias(hidden, "shown too")
    hidden.senses.get().topics.add(topic)
    relate(shown, hidden)
    make_bundle(shown, hidden, title="Bundle")
    urls = [
        "/",
        "/en/",
        "/en/letter/S",
        "/en/define/shown",
        "/en/define/shown/entry.md",
        "/en/define/shown/history",
        "/en/define/shown-too/history",
        "/en/define/quokka-name",
        "/en/define/quokka-alias",
        "/en/topics",
        "/en/topics/zebra-topic",
        "/en/bundles",
        "/en/bundles/bundle",
        "/en/search?q=name",
        "/api/v1/terms",
        "/api/v1/terms/en/shown",
        "/api/v1/terms/en/quokka-name",
        "/api/v1/terms/en/shown/related",
        "/api/v1/terms/en/quokka-name/related",
        "/api/v1/search?q=definition",
        "/api/v1/search?q=quokka&mode=words",
        "/api/v1/bundles",
        "/api/v1/topics",
    ]
    for url in urls:
        content = client.get(url).content.decode()
        for marker in ("quokka definition", "quokka example", '"quokka-name"', "quokka name</a>"):
            assert marker not in content, (url, marker)
    assert Topic.objects.with_counts().get().term_count == 1


def test_it_keeps_no_digits_or_addresses_of_a_question() -> None:
    Miss.objects.count_one("Where is ada@example.org, tel. 555 1234, see https://x.example/y ?")
    Miss.objects.count_one("where is tel. , see ?")
    miss = Miss.objects.order_by("-count").first()
    assert miss is not None
    assert not any(sign in miss.query for sign in ("ada", "555", "http"))


def test_it_gives_an_alias_the_language_of_its_term() -> None:
    term = make_term("Baum", language="de")
    alias = make_alias(term, "Bäume")
    alias.refresh_from_db()
    assert alias.language == "de"
    Term.objects.filter(pk=term.pk).update(language="nl")
    assert Alias.objects.get(pk=alias.pk).language == "nl"
    assert slugify("Bäume") == alias.slug


def test_it_introduces_a_bundle_in_plain_words(client: Client) -> None:
    make_bundle(make_term(), introduction="Read *these* first.")
    for url in ("/", "/en/bundles"):
        assert "Read these first." in client.get(url).content.decode(), url
