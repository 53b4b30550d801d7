"""The public history of a term: what readers could see, and nothing else."""

from typing import Any

import pghistory
import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.db import connection, transaction
from django.test import Client

from terms import revisions
from terms.models import Example, Sense, Source, Term, Topic
from tests.factories import make_alias, make_example, make_sense, make_term, make_topic, relate

# Each write in a transaction of its own: a history within one has a single state.
pytestmark = pytest.mark.django_db(transaction=True)


def told(term: Term) -> list[list[str]]:
    """The revisions, newest first, as lines of "what action field: -gone +come stayed"."""
    marks = {"span": "", "ins": "+", "del": "-"}
    return [
        [
            f"{edit.what} {edit.action} {field}: "
            + " ".join(marks[tag] + text.strip() for tag, text in parts if text.strip())
            for edit in revision.edits
            for field, parts in edit.fields
        ]
        for revision in revisions.revisions(Term.objects.get(pk=term.pk))
    ]


def test_it_tells_each_change_word_by_word_newest_first() -> None:
    with transaction.atomic():
        term = make_term("token", "A small unit.")
    Sense.objects.update(definition="A big unit.")
    Term.objects.update(name="Token")
    assert told(term) == [
        ["Entry changed name: -token +Token"],
        ["Sense 1 changed definition: A -small +big unit."],
        [
            "Entry added name: +token",
            "Entry added address: +token",
            "Entry added status: +published",
            "Sense 1 added number: +1",
            "Sense 1 added definition: +A small unit.",
        ],
    ]


def test_it_shows_no_word_of_a_draft_that_was_not_published_too(client: Client) -> None:
    term = make_term("quokka name", "A quokka text.", status="draft")
    make_example(term.senses.get(), "A quokka example.")
    make_alias(term, "quokka alias")
    Example.objects.all().delete()
    term.aliases.all().delete()
    Term.objects.update(name="token", slug="token")
    with transaction.atomic():  # the last of the draft goes as it is published
        Term.objects.update(status="published")
        Sense.objects.update(definition="A unit.")
    Term.objects.update(status="review")
    Sense.objects.update(definition="A quokka again.")
    assert client.get("/en/define/token/history").status_code == 404
    with transaction.atomic():
        Sense.objects.update(definition="A new unit.")
        Term.objects.update(status="published")
    page = client.get("/en/define/token/history").content.decode()
    assert "quokka" not in page
    assert told(term)[0] == ["Sense 1 changed definition: A +new unit."]
    assert len(told(term)) == 2


def test_it_shows_no_relation_to_a_draft_and_no_part_of_one_that_came_over(client: Client) -> None:
    term, draft = make_term("token"), make_term("quokka", "Quokka.", status="draft")
    relate(term, draft)
    example = make_example(draft.senses.get(), "A quokka example.")
    example.text = "An example."
    example.save()
    Sense.objects.filter(term=draft).update(term=term, position=2, definition="Moved.")
    assert "uokka" not in client.get("/en/define/token/history").content.decode()
    assert [line for line in told(term)[0] if "Example" in line] == [
        "Example of sense 2 added text: +An example."
    ]


def test_a_sense_that_goes_to_another_term_goes_from_the_history_too() -> None:
    term, draft = make_term("token"), make_term("draft", status="draft")
    moved = make_sense(term, "Another.")
    Sense.objects.filter(pk=moved.pk).update(term=draft, position=2)
    Sense.objects.filter(pk=moved.pk).update(definition="A quokka.")
    assert told(term)[0] == ["Sense 2 removed number: -2", "Sense 2 removed definition: -Another."]
    assert "quokka" not in str(told(term))


def test_it_names_related_terms_from_either_end_and_no_former_address() -> None:
    term, other = make_term("token"), make_term("text")
    relate(term, other, "broader").delete()
    assert told(term)[:2] == [["Broader removed entry: -text"], ["Broader added entry: +text"]]
    assert told(other)[0] == ["Narrower removed entry: -token"]
    Term.objects.filter(pk=term.pk).update(slug="a-token")
    assert told(term)[0] == ["Entry changed address: -token +a-token"]


def test_it_tells_of_topics_and_sources() -> None:
    term = make_term("token")
    term.senses.get().topics.add(make_topic("text"), make_topic("coins"))
    term.senses.get().topics.remove(Topic.objects.get(name="coins"))
    term.senses.get().sources.add(Source.objects.create(title="A book"))
    assert told(term)[:3] == [
        ["Sense 1 changed sources: +A book"],
        ["Sense 1 changed topics: -coins, text"],
        ["Sense 1 changed topics: +coins, text"],
    ]


def test_it_says_in_words_what_came_and_went_and_never_who_or_why(client: Client) -> None:
    term = make_term("token", "A <small> unit.")
    user = User.objects.create_user("ada")
    with pghistory.context(user=user.pk, reason="spring cleaning"):
        Sense.objects.update(definition="A <big> unit.")
    page = client.get("/en/define/token/history").content.decode()
    for word in ("removed: </span>&lt;small&gt;", "added: </span>&lt;big&gt;"):
        assert word in page
    assert "ada" not in page
    assert "spring cleaning" not in page
    assert term.name in page


def test_it_shows_the_newest_and_asks_a_fixed_number_of_queries(
    client: Client, monkeypatch: Any, django_assert_max_num_queries: Any
) -> None:
    monkeypatch.setattr(revisions, "LENGTH", 3)
    term = make_term("token")
    for number in range(6):
        Sense.objects.filter(term=term).update(definition=f"Text {number}.")
        relate(term, make_term())
    with django_assert_max_num_queries(16):
        page = client.get("/en/define/token/history")
    assert page.content.decode().count('class="revision"') == 3


def test_a_citation_leads_to_what_was_cited_and_tells_what_changed_since(client: Client) -> None:
    term = make_term("token", "A *small* unit.")
    make_example(term.senses.get(), "An example.")
    term.refresh_from_db()
    [cited] = client.get("/en/define/token/cite.json").json()
    path = cited["URL"].removeprefix(settings.LEXISPACE_URL)
    key = path.split("#")[1]
    now = client.get(path).content.decode()
    assert "The entry reads the same today." in now
    Sense.objects.update(definition="A big unit.")
    Term.objects.update(name="tokens", slug="tokens")
    moved = client.get(path)
    assert (moved.status_code, moved["Location"]) == (
        301,
        f"/en/define/tokens/version/{term.version}",
    )
    page = client.get(path, follow=True).content.decode()
    assert f'id="{key}"' in page
    assert "<p>A <em>small</em> unit.</p>" in page
    assert "An example." in page
    assert '<del><span class="visually-hidden" lang="en" dir="ltr">[removed: </span>*small*' in page
    assert '<meta name="robots" content="noindex">' in page
    assert f'rel="canonical" href="{settings.LEXISPACE_URL}/en/define/tokens"' in page


def test_a_version_that_readers_could_not_see_is_no_page(client: Client) -> None:
    term = make_term("token", "A quokka.", status="draft")
    Sense.objects.update(definition="A unit.")
    Term.objects.update(status="published")
    term.refresh_from_db()
    public = term.version
    Term.objects.update(status="review")
    Sense.objects.update(definition="A quokka.")
    Sense.objects.update(definition="A new unit.")
    Term.objects.update(status="published")
    term.refresh_from_db()
    for number in range(term.version + 3):
        page = client.get(f"/en/define/token/version/{number}")
        assert page.status_code == (200 if number in {public, term.version} else 404), number
        assert "quokka" not in page.content.decode()


def test_each_revision_leads_to_its_version(client: Client) -> None:
    term = make_term("token", "One.")
    for text in ("Two.", "Three."):
        Sense.objects.update(definition=text)
    for revision in revisions.revisions(Term.objects.get(pk=term.pk)):
        version = f"/en/define/token/version/{revision.version}"
        assert version in client.get("/en/define/token/history").content.decode()
        assert client.get(version).status_code == 200


def test_transactions_that_overlap_are_told_as_they_were_committed() -> None:
    """One that began before others, and wrote after them, comes after them."""
    term = make_term("token", "A unit.")
    other = connection.copy()
    try:
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute("SELECT now()")
            with other.cursor() as cursor:
                cursor.execute("UPDATE terms_term SET status = 'review'")
                cursor.execute("UPDATE terms_sense SET definition = 'A quokka.'")
            Sense.objects.update(definition="A better unit.")
            Term.objects.update(status="published")
    finally:
        other.close()
    assert "quokka" not in str(told(term))
    assert told(term)[0] == ["Sense 1 changed definition: A +better unit."]
