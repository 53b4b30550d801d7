"""What lists and pages of lists tell: what is no longer recommended, and where the rest is."""

import re
from importlib import import_module

import pytest
from django.test import Client

from terms.models import Term
from tests.factories import make_bundle, make_term, make_topic, relate

pytestmark = pytest.mark.django_db

MARK = "no longer recommended"


@pytest.fixture
def old() -> Term:
    new = make_term("new word")
    term = make_term("old word", status=Term.Status.DEPRECATED, replaced_by=new)
    term.senses.get().topics.add(make_topic("Words"))
    make_bundle(term, new, title="Both")
    return term


@pytest.mark.parametrize(
    "path",
    ["/en/", "/en/letter/O", "/en/topics/words", "/en/recent", "/en/bundles", "/en/bundles/both"],
)
def test_a_list_marks_what_is_no_longer_recommended(client: Client, old: Term, path: str) -> None:
    shown = client.get(path).content.decode()
    named = re.findall(r">((?:old|new) word)</a>\s*(<span class=\"register\")?", shown)
    assert ("old word", '<span class="register"') in named
    assert ("new word", '<span class="register"') not in named
    assert f">{MARK}</span>" in shown


def test_a_bundle_says_what_to_use_instead(client: Client, old: Term) -> None:
    shown = client.get("/en/bundles/both").content.decode()
    assert "No longer recommended: use “new word”." in shown


@pytest.mark.parametrize(
    ("source", "link"),
    [
        ("https://example.org/a", '<a href="https://example.org/a" rel="nofollow noopener">'),
        ("javascript:alert(1)", ""),
        ("A book", ""),
    ],
)
def test_the_source_of_a_bundle_is_a_link_where_it_is_an_address(
    client: Client, source: str, link: str
) -> None:
    make_bundle(make_term(), title="One", source=source)
    shown = client.get("/en/bundles/one").content.decode()
    assert f"Source: {link}{source}" in shown


def test_what_changed_is_shown_a_page_at_a_time(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(import_module("terms.views.recent"), "PAGE", 2)
    for name in ("first", "second", "third"):
        make_term(name)
    found = []
    for number in (1, 2):
        shown = client.get(f"/en/recent?page={number}").content.decode()
        found += re.findall(r'class="headword" href="/en/define/(\w+)"', shown)
    assert sorted(found) == ["first", "second", "third"]
    assert 'href="?page=1" rel="prev"' in shown
    for wrong in ("3", "0", "x"):
        assert client.get(f"/en/recent?page={wrong}").status_code == 404


def test_an_entry_without_a_definition_promises_nothing(client: Client, space: object) -> None:
    make_term("blank").senses.all().delete()
    shown = client.get("/en/define/blank").content.decode()
    assert "This entry has no definition yet." in shown
    assert "What to read first" not in shown
    assert "appear here once" not in shown


def test_of_many_relations_six_are_shown_at_once(client: Client) -> None:
    term = make_term("hub")
    for number in range(9):
        relate(term, make_term(f"spoke {number}"))
    shown = client.get("/en/define/hub").content.decode()
    related = shown[shown.index("<aside") :]
    first, _, rest = related.partition("<summary>and 3 more</summary>")
    assert re.findall(r">(spoke \d)<", first) == [f"spoke {n}" for n in range(6)]
    assert re.findall(r">(spoke \d)<", rest) == [f"spoke {n}" for n in range(6, 9)]
