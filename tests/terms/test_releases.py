"""The published glossary frozen under a name: it never changes, and holds no draft."""

import hashlib
import json
import re
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction
from django.test import Client

from terms import entry, releasing
from terms.entry import entry_of
from terms.models import FrozenEntry, Release, Sense, Term
from tests.factories import (
    make_alias,
    make_editor,
    make_example,
    make_release,
    make_term,
    make_user,
    relate,
)

pytestmark = pytest.mark.django_db


def content(release: Release) -> bytes:
    return "".join(releasing.download(release)).encode()


def compared(old: str, new: str) -> releasing.Comparison:
    before, after = (Release.objects.get(name=name) for name in (old, new))
    return releasing.compare(before, after)


@pytest.fixture
def cup() -> Term:
    cup, draft = make_term("cup", "A *small* vessel."), make_term("Quokka", status="draft")
    make_example(cup.senses.get(), "A cup of tea.", source="A book")
    make_alias(cup, "mug")
    make_alias(cup, "quokka old", kind="former")
    relate(cup, make_term("saucer"), "broader")
    relate(cup, draft)
    return cup


@pytest.mark.parametrize(
    "change",
    [
        lambda release: release.entries.update(line="{}"),
        lambda release: release.entries.update(identity=7),
        lambda release: release.entries.all().delete(),
        lambda release: release.delete(),
        lambda release: Release.objects.update(sha256="0" * 64),
        lambda release: Release.objects.update(name="another"),
        lambda release: FrozenEntry.objects.create(release=release, position=9, line="{}"),
    ],
)
def test_the_database_refuses_every_change(cup: Term, change: Callable[[Release], Any]) -> None:
    release = make_release("1.0")
    before = content(release)
    with pytest.raises(IntegrityError, match="never changes"), transaction.atomic():
        change(release)
    release.refresh_from_db()
    assert release.sha256 == hashlib.sha256(before).hexdigest()
    assert content(release) == before


def test_its_title_and_notes_may_be_mended_and_its_maker_may_go() -> None:
    release = make_release("1.0")
    user = make_user()
    Release.objects.update(created_by=user, title="First", notes="All of it.")
    user.delete()
    release.refresh_from_db()
    assert (str(release), release.created_by) == ("First", None)


def test_it_stays_whatever_becomes_of_the_glossary(cup: Term, client: Client) -> None:
    release = make_release("1.0")
    before = content(release)
    page = client.get("/en/releases/1.0/define/cup").content
    Sense.objects.update(definition="Something else.")
    cup.delete()
    assert content(release) == before
    assert client.get("/en/releases/1.0/define/cup").content == page
    assert client.get("/en/define/cup").status_code == 410


def test_each_line_is_an_entry_as_it_was_without_drafts(cup: Term) -> None:
    release = make_release()
    assert release.count == 2
    frozen = release.entries.get(slug="cup")
    whole = entry_of(cup)
    whole.relations = [link for link in whole.relations if link.slug == "saucer"]
    whole.aliases = [alias for alias in whole.aliases if alias.name == "mug"]
    assert frozen.entry == whole
    assert [json.loads(line)["slug"] for line in releasing.download(release)] == ["cup", "saucer"]


def test_no_page_of_it_tells_of_a_draft(cup: Term, client: Client) -> None:
    make_release("1.0")
    make_term("bowl")
    make_release("1.1")
    for path in ("", "/1.0/", "/1.0/define/cup", "/1.0/compare/1.1"):
        assert b"uokka" not in client.get(f"/en/releases{path}").content
    assert b"uokka" not in b"".join(client.get("/en/releases/1.0/entries.jsonl").streaming_content)  # type: ignore[attr-defined]
    assert client.get("/en/releases/1.0/define/quokka").status_code == 404


def test_a_page_says_of_which_release_it_is_and_leads_to_the_present(
    cup: Term, client: Client
) -> None:
    make_release("1.0")
    page = client.get("/en/releases/1.0/define/cup").content.decode()
    assert "<p>A <em>small</em> vessel.</p>" in page
    assert 'as in release <a href="/en/releases/1.0/">1.0</a>' in page
    assert 'href="/en/releases/1.0/define/saucer"' in page
    assert '<meta name="robots" content="noindex">' in page
    assert (
        'rel="canonical" href="http://localhost:8000/en/define/cup"' in page
        or "/en/define/cup" in page
    )


def test_two_are_compared_word_by_word(cup: Term, client: Client) -> None:
    make_release("1.0")
    make_term("bowl")
    Sense.objects.filter(term=cup).update(definition="A *big* vessel.")
    Term.objects.get(slug="saucer").delete()
    make_release("1.1")
    page = client.get("/en/releases/1.0/compare/1.1").content.decode()
    assert 'href="/en/releases/1.1/define/bowl"' in page
    assert 'href="/en/releases/1.0/define/saucer"' in page
    assert "removed: </span>*small*" in page
    assert "added: </span>*big*" in page
    same = client.get("/en/releases/1.1/compare/1.1").content.decode()
    assert "Both releases say the same" in same


def rename(term: Term, name: str) -> None:
    term.name, term.slug = name, name
    term.save()


def test_a_renamed_term_is_known_again_and_another_at_its_address_is_not(
    cup: Term, client: Client
) -> None:
    make_release("1.0")
    rename(cup, "beaker")
    Sense.objects.filter(term=cup).update(definition="A *big* vessel.")
    make_term("cup", "What a winner is given.")
    make_release("1.1")
    page = client.get("/en/releases/1.0/compare/1.1").content.decode()
    assert re.findall(r"Renamed from <bdi.*?>(.*?)</bdi> to <bdi.*?>(.*?)</bdi>", page) == [
        ("cup", "beaker")
    ]
    assert "removed: </span>*small*" in page
    assert 'id="removed"' not in page
    found = compared("1.0", "1.1")
    assert [entry.gist for entry in found.added] == ["What a winner is given."]
    assert ("cup", "beaker") in [(old.slug, new.slug) for old, new in found.changed]


def test_a_term_that_was_deleted_and_written_anew_is_known_by_its_address(cup: Term) -> None:
    make_release("1.0")
    cup.delete()
    make_term("cup", "Another vessel.")
    make_release("1.1")
    found = compared("1.0", "1.1")
    assert (found.added, found.removed) == ([], [])
    assert ("cup", "cup") in [(old.slug, new.slug) for old, new in found.changed]


def test_a_release_from_before_identities_is_whole_and_compared_by_address(cup: Term) -> None:
    now = make_release("1.0")
    old = Release(name="0.9")
    releasing.keep(old, [(None, line) for _, line in releasing.lines()])
    assert (old.sha256, content(old)) == (now.sha256, content(now))
    rename(cup, "beaker")
    Sense.objects.filter(term__slug="saucer").update(definition="A small plate.")
    make_release("1.1")
    for found, moved in ((compared("0.9", "1.1"), False), (compared("1.0", "1.1"), True)):
        assert ("cup" in {entry.slug for entry in found.removed}) is not moved
        assert ("saucer", "saucer") in [(old.slug, new.slug) for old, new in found.changed]


def test_it_is_downloaded_once(cup: Term, client: Client) -> None:
    release = make_release("1.0")
    first = client.get("/en/releases/1.0/entries.jsonl")
    assert b"".join(first.streaming_content) == content(release)  # type: ignore[attr-defined]
    assert "immutable" in first["Cache-Control"]
    assert first["ETag"] == f'"{release.sha256}"'
    again = client.get("/en/releases/1.0/entries.jsonl", headers={"if-none-match": first["ETag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_it_pages_and_refuses_what_is_no_page(client: Client, monkeypatch: Any) -> None:
    monkeypatch.setattr(import_module("terms.views.releases"), "PAGE", 2)
    for name in ("apple", "ash", "beech", "birch"):
        make_term(name)
    make_release("1.0")
    first = client.get("/en/releases/1.0/").content.decode()
    assert "beech" not in first
    assert "?letter=&amp;after=2" in first
    assert "birch" in client.get("/en/releases/1.0/?letter=&after=2").content.decode()
    assert "apple" not in client.get("/en/releases/1.0/?letter=B").content.decode()
    for query in ("letter=Z", "after=x", "after=-1", "after=" + "9" * 30):
        assert client.get(f"/en/releases/1.0/?{query}").status_code == 404, query
    assert client.get("/en/releases/none/").status_code == 404


@pytest.mark.django_db(transaction=True)
def test_it_is_of_one_moment_however_long_it_takes(monkeypatch: Any) -> None:
    """What is committed while it is read is not in it, and does not make it fail."""
    monkeypatch.setattr(entry, "CHUNK", 1)
    for name in ("apple", "beech"):
        make_term(name, "Old.")
    other = connection.copy()
    frozen = releasing.canonical

    def meanwhile(read: Any) -> str:
        with other.cursor() as cursor:
            cursor.execute("UPDATE terms_sense SET definition = 'New.'")
        return frozen(read)

    monkeypatch.setattr(releasing, "canonical", meanwhile)
    try:
        release = releasing.make("1.0")
    finally:
        other.close()
    assert {each.entry.senses[0].definition for each in release.entries.all()} == {"Old."}
    with pytest.raises(ValidationError, match="already exists"):
        releasing.make("1.0")
    with pytest.raises(ValidationError, match="Lower-case"):
        releasing.make("Not/one")


@pytest.mark.django_db(transaction=True)
def test_the_command_makes_lists_compares_and_writes_out(tmp_path: Path, capsys: Any) -> None:
    make_term("cup", "A vessel.")
    call_command("release", "make", "1.0", "--title", "First")
    make_term("bowl")
    Sense.objects.filter(term__slug="cup").update(definition="A big vessel.")
    call_command("release", "make", "1.1")
    capsys.readouterr()
    call_command("release")
    assert [line.split()[0] for line in capsys.readouterr().out.splitlines()] == ["1.1", "1.0"]
    call_command("release", "diff", "1.0", "1.1")
    assert capsys.readouterr().out == "+ en/bowl\n~ en/cup\n"
    call_command("release", "diff", "1.0", "1.1", "--json")
    [words] = json.loads(capsys.readouterr().out)["changed"]["en/cup"].values()
    assert words == ["A vessel.", "A big vessel."]
    rename(Term.objects.get(slug="cup"), "mug")
    call_command("release", "make", "1.2")
    capsys.readouterr()
    call_command("release", "diff", "1.1", "1.2")
    assert capsys.readouterr().out == "~ en/cup → en/mug\n"
    call_command("release", "diff", "1.1", "1.2", "--json")
    told = json.loads(capsys.readouterr().out)
    assert told["moved"] == {"en/mug": "en/cup"}
    assert told["changed"] == {"en/mug": {"name": ["cup", "mug"], "slug": ["cup", "mug"]}}
    file = tmp_path / "1.0.jsonl"
    call_command("release", "download", "1.0", str(file))
    assert hashlib.sha256(file.read_bytes()).hexdigest() == Release.objects.get(name="1.0").sha256
    for wrong in (["make", "1.0"], ["diff", "1.0", "none"], ["download", "none"]):
        with pytest.raises(CommandError):
            call_command("release", *wrong)


@pytest.mark.django_db(transaction=True)
def test_an_administrator_makes_one_in_the_admin_and_an_editor_looks(client: Client) -> None:
    make_term("cup")
    client.force_login(make_user("administrators", username="root"))
    answer = client.post("/admin/terms/release/add/", {"name": "1.0", "title": "", "notes": ""})
    assert answer.status_code == 302
    release = Release.objects.get()
    assert (release.count, release.created_by and release.created_by.username) == (1, "root")
    taken = client.post("/admin/terms/release/add/", {"name": "1.0"}).content.decode()
    assert "already exists" in taken
    client.force_login(make_editor(whole=True))
    assert client.get("/admin/terms/release/").status_code == 200
    assert client.post("/admin/terms/release/add/", {"name": "1.1"}).status_code == 403
