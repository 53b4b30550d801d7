"""A term as it was, made from the recorded events, and made to be so again."""

from dataclasses import replace
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from terms import editing, restoring
from terms.editing import Stale
from terms.entry import Citation, Entry, Link, SenseText, entry_of
from terms.models import Term, Topic
from terms.past import entry_at, past_at
from terms.writing import Refused, write
from tests.entries import ENTRIES
from tests.factories import make_editor, make_example, make_term, make_topic, make_user, relate

# Each write in a transaction of its own: a history within one has a single state.
pytestmark = pytest.mark.django_db(transaction=True)

TOPICS, OTHERS = ("geometry", "botany"), ("thing", "object")
LINKS = st.builds(
    Link, st.sampled_from(["related", "narrower", "broader"]), st.sampled_from(OTHERS)
)


@st.composite
def writes(draw: Any) -> list[Entry]:
    """Entries that one term is made to say, one after the other."""
    entries = draw(st.lists(ENTRIES, min_size=1, max_size=4))
    for entry in entries:
        entry.slug, entry.language = draw(st.sampled_from(["one", "two"])), "en"
        entry.relations = draw(st.lists(LINKS, max_size=2, unique_by=lambda link: link.name))
        for sense in entry.senses:
            sense.topics = draw(st.lists(st.sampled_from(TOPICS), max_size=2, unique=True))
    return entries


@given(entries=writes())
@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
def test_each_version_is_as_the_entry_was_then(entries: list[Entry]) -> None:
    Term.objects.all().delete()
    for name in TOPICS:
        Topic.objects.get_or_create(name=name)
    for name in OTHERS:
        make_term(name)
    term, then = None, {}
    for entry in entries:
        term = Term.objects.get(pk=write(entry, term).pk)
        then[term.version] = entry_of(term)
    assert term is not None
    assert {version: entry_at(term, version) for version in then} == then
    assert entry_at(term, 0) is None
    assert entry_at(term, term.version + 1) is None


@pytest.fixture
def editor() -> User:
    return make_editor(whole=True, username="ada")


def present(term: Term) -> Term:
    return Term.objects.get(pk=term.pk)


def test_a_version_is_restored_whole_and_that_is_a_change_too(editor: User) -> None:
    term = make_term("cup", "A vessel.")
    make_example(term.senses.get(), "A cup of tea.")
    term.senses.get().topics.add(make_topic("tableware"))
    first = present(term)
    then = entry_of(first)
    write(Entry("mug", slug="mug", senses=[SenseText("A big vessel.")], status="review"), first)
    restored = restoring.restore(present(term), first.version, by=editor)
    assert restored is not None
    assert restored.left_out == ()
    now = entry_of(present(term))
    assert replace(now, aliases=[]) == then
    assert [alias.slug for alias in now.aliases] == [] or now.aliases[0].kind == "former"
    newest = restoring.changes(present(term))[0]
    assert (newest.who, newest.why) == ("ada", f"restored version {first.version}")


def test_one_field_is_restored_alone(editor: User) -> None:
    term = make_term("cup", "A vessel.")
    first, key = present(term), term.senses.get().key
    write(replace(entry_of(first), name="Cup", senses=[SenseText("A mug.", key=key)]), first)
    now = present(term)
    path = f"senses.{key}.definition"
    restoring.restore(now, first.version, by=editor, field=path, version=now.version)
    assert [present(term).name, term.senses.get().definition] == ["Cup", "A vessel."]
    change = restoring.changes(present(term))[0]
    assert change.why == f"restored definition of version {first.version}"
    assert [each.difference.path for each in change.fields] == [path]


def test_a_field_of_a_sense_that_is_gone_brings_it_back(editor: User) -> None:
    term = make_term("cup", "A vessel.")
    first, key = present(term), term.senses.get().key
    write(replace(entry_of(first), senses=[SenseText("A trophy.", key="trophykey")]), first)
    restoring.restore(present(term), first.version, by=editor, field=f"senses.{key}.definition")
    texts = [(sense.key, sense.definition) for sense in entry_of(present(term)).senses]
    assert texts == [(key, "A vessel."), ("trophykey", "A trophy.")]
    with pytest.raises(KeyError):
        restoring.restore(present(term), first.version, by=editor, field="senses.none.definition")


def test_what_is_gone_since_is_left_out_and_told(editor: User) -> None:
    term, other, topic = make_term("cup"), make_term("saucer"), make_topic("tableware")
    relate(term, other)
    term.senses.get().topics.add(topic)
    whole = present(term)
    other.delete()
    topic.delete()
    past = past_at(present(term), whole.version)
    assert past is not None
    assert (past.entry.relations, past.entry.senses[0].topics) == ([], [])
    assert past.left_out == ("the topic “tableware”", "the relation to “saucer”")


def test_it_is_refused_when_stale_and_without_the_right(editor: User) -> None:
    term = present(make_term("cup"))
    Term.objects.update(name="Cup")
    with pytest.raises(Stale):
        restoring.restore(present(term), term.version, by=editor, version=term.version)
    with pytest.raises(PermissionDenied):
        restoring.restore(present(term), term.version, by=make_user("contributors"))
    assert present(term).name == "Cup"


def test_a_revision_with_all_its_rows_is_one_change(editor: User) -> None:
    term = make_term("cup", "A vessel.")
    now = present(term)
    sense = entry_of(now).senses[0]
    sense.examples, sense.sources = [("A cup of tea.", "A book")], [Citation("A source")]
    editing.save(
        replace(entry_of(now), senses=[sense, SenseText("A trophy.")]),
        now,
        by=editor,
        reason="both",
    )
    [newest, *_] = restoring.changes(present(term))
    assert (newest.who, newest.why) == ("ada", "both")
    assert [(each.difference.what, each.difference.field) for each in newest.fields] == [
        ("Sense 1", "examples"),
        ("Sense 1", "sources"),
        ("Sense 2", "definition"),
    ]


def test_a_deleted_term_is_restored_whole_or_its_address_is_taken(editor: User) -> None:
    term, other = make_term("cup", "A vessel."), make_term("saucer")
    relate(term, other, "broader")
    make_example(term.senses.get(), "A cup of tea.")
    term.senses.get().topics.add(make_topic("tableware"))
    then, id = entry_of(term), term.pk
    editing.delete(term, by=editor, reason="by mistake")
    assert [(e.name, who, why) for e, who, why in restoring.named(list(restoring.deleted()))] == [
        ("cup", "ada", "by mistake")
    ]
    restored = restoring.restore_deleted(id, by=editor)
    assert restored is not None
    assert entry_of(restored.term) == then
    with pytest.raises(Refused, match="has this address"):
        restoring.restore_deleted(id, by=editor)
    assert restoring.restore_deleted(restored.term.pk, by=editor) is None


def test_the_admin_shows_one_change_a_revision_and_restores(editor: User, client: Client) -> None:
    term = make_term("cup", "A small vessel.")
    first, key = present(term), term.senses.get().key
    write(replace(entry_of(first), senses=[SenseText("A big vessel.", key=key)]), first)
    client.force_login(editor)
    history = f"/admin/terms/term/{term.pk}/history/"
    page = client.get(history).content.decode()
    assert "<del>small</del> <ins>big</ins>" in page
    restore = f"/admin/terms/term/{term.pk}/restore/"
    sent = {"number": first.version, "version": present(term).version}
    assert client.post(restore, {**sent, "field": "no.such.field"}).status_code == 400
    assert client.post(restore, {**sent, "number": "many"}).status_code == 400
    stale = client.post(restore, {**sent, "version": 1}, follow=True)
    assert "has changed since" in stale.content.decode()
    done = client.post(restore, sent, follow=True)
    assert f"restored version {first.version}" in done.content.decode()
    assert term.senses.get().definition == "A small vessel."


def test_the_admin_lists_deleted_terms_and_restores_them(editor: User, client: Client) -> None:
    term, other = make_term("cup", "A vessel."), make_term("saucer")
    relate(term, other)
    id = term.pk
    editing.delete(term, by=editor, reason="by mistake")
    other.delete()
    client.force_login(editor)
    page = client.get("/admin/terms/term/deleted/").content.decode()
    assert "by mistake" in page
    assert client.post("/admin/terms/term/deleted/0/").status_code == 404
    done = client.post(f"/admin/terms/term/deleted/{id}/", follow=True).content.decode()
    assert "Left out: the relation to “saucer”" in done
    assert Term.objects.get().slug == "cup"
    again = client.post(f"/admin/terms/term/deleted/{id}/", follow=True).content.decode()
    assert "Another term of this language has this address." in again


def test_somebody_without_the_right_restores_nothing(client: Client) -> None:
    term = present(make_term("cup", "A vessel."))
    id = make_term("gone")
    pk = id.pk
    id.delete()
    client.force_login(make_editor(make_topic("botany")))
    sent = {"number": term.version, "version": term.version}
    assert client.post(f"/admin/terms/term/{term.pk}/restore/", sent).status_code == 403
    assert client.post(f"/admin/terms/term/deleted/{pk}/").status_code == 403
