"""What changed lately: a page by day, Atom and JSON Feed, for all and for a topic."""

from datetime import datetime
from typing import Any
from xml.etree import ElementTree

import pytest
from django.conf import settings
from django.test import Client

from terms import feeds
from terms.models import Term
from tests.factories import make_sense, make_term, make_topic

pytestmark = pytest.mark.django_db
ATOM = "{http://www.w3.org/2005/Atom}"


def entries(client: Client, url: str) -> list[dict[str, str]]:
    """The entries of an Atom feed: its elements' texts by name."""
    response = client.get(url)
    assert response["Content-Type"] == "application/atom+xml; charset=utf-8"
    root = ElementTree.fromstring(response.content)
    return [
        {part.tag.removeprefix(ATOM): part.text or part.get("href") or "" for part in entry}
        for entry in root.findall(f"{ATOM}entry")
    ]


def test_both_forms_say_the_same(client: Client) -> None:
    for name in ("first", "second"):
        make_term(name, f"What is <{name}> & last.")
    atom = entries(client, "/en/feed.atom")
    answer = client.get("/en/feed.json")
    assert answer["Content-Type"] == "application/feed+json; charset=utf-8"
    feed = answer.json()
    assert feed["version"] == "https://jsonfeed.org/version/1.1"
    assert feed["feed_url"] == f"{settings.LEXISPACE_URL}/en/feed.json"
    assert [item["title"] for item in feed["items"]] == ["second", "first"]
    assert [
        {
            "id": entry["id"],
            "url": entry["link"],
            "title": entry["title"],
            "content_html": entry["summary"],
            "date_modified": entry["updated"],
        }
        for entry in atom
    ] == feed["items"]
    assert feed["items"][0]["content_html"] == "What is &lt;second&gt; &amp; last."


def test_an_entry_keeps_its_id_through_every_change_and_has_the_true_date(client: Client) -> None:
    term = make_term("old name")
    (before,) = entries(client, "/en/feed.atom")
    Term.objects.filter(pk=term.pk).update(name="new name", slug="new-name")
    (after,) = entries(client, "/en/feed.atom")
    assert after["id"] == before["id"]
    assert after["link"].endswith("/en/define/new-name")
    term.refresh_from_db()
    assert datetime.fromisoformat(after["updated"]) == term.updated_at


def test_a_deprecated_term_says_so_and_what_to_use(client: Client) -> None:
    make_term("hidden", status="draft")
    make_term("older", "Was good.", status="deprecated", replaced_by=Term.objects.get())
    make_term("new", "Is good.")
    make_term("old", "Was <good>.", status="deprecated", replaced_by=Term.objects.get(slug="new"))
    said = {entry["title"]: entry["summary"] for entry in entries(client, "/en/feed.atom")}
    assert said == {
        "new": "Is good.",
        "old": "No longer recommended: use “new”. Was &lt;good&gt;.",
        "older": "No longer recommended. Was good.",
    }


def test_it_keeps_to_the_language_and_to_the_topic_with_its_subtopics(client: Client) -> None:
    above = make_topic("science")
    below = make_topic("geometry", parent=above)
    for name, topic in (("science", above), ("angle", below)):
        make_term(name).senses.get().topics.add(topic)
    make_sense(Term.objects.get(name="angle")).topics.add(below)
    make_term("Winkel", language="de")
    make_term("other")
    titles = [entry["title"] for entry in entries(client, "/en/topics/science/feed.atom")]
    assert sorted(titles) == ["angle", "science"]
    items = client.get("/de/feed.json").json()["items"]
    assert [item["title"] for item in items] == ["Winkel"]
    assert client.get("/en/topics/nothing/feed.json").status_code == 404
    assert entries(client, "/ar/feed.atom") == []


def test_it_lists_the_last_hundred_changes_by_day(client: Client) -> None:
    Term.objects.bulk_create(
        Term(name=f"term {n}", slug=f"term-{n}", status="published") for n in range(100)
    )
    last = make_term("the last")
    make_term("hidden", status="draft")
    response = client.get("/en/recent")
    names = [row["name"] for row in response.context["changed"]]
    assert (names[0], len(names), "hidden" in names) == ("the last", 100, False)
    day = Term.objects.get(pk=last.pk).updated_at.date()
    assert f'<time datetime="{day}">' in response.content.decode()


@pytest.mark.parametrize(
    "url", ["/en/recent", "/en/feed.atom", "/en/feed.json", "/en/topics/geometry/feed.atom"]
)
def test_it_makes_no_more_queries_for_more_changes(
    client: Client, django_assert_max_num_queries: Any, url: str
) -> None:
    topic, current = make_topic("geometry"), make_term("current")
    for number in range(12):
        old = make_term(f"old {number}", status="deprecated", replaced_by=current)
        old.senses.get().topics.add(topic)
    with django_assert_max_num_queries(7):
        assert client.get(url).status_code == 200


def test_pages_lead_to_their_feeds(client: Client) -> None:
    make_term("angle").senses.get().topics.add(make_topic("geometry"))
    for page in ("/", "/en/recent", "/en/define/angle", "/en/topics/geometry"):
        content = client.get(page).content.decode()
        assert 'type="application/atom+xml"' in content
        assert 'href="/en/feed.atom"' in content
        assert 'href="/en/feed.json"' in content
    for form in feeds.FORMS:
        assert f'href="/en/topics/geometry/feed.{form}"' in content
