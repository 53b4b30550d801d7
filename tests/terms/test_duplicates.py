"""Merging two terms: nothing that was written is lost, and every address still leads somewhere."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.test import Client

from embeddings import pipeline
from embeddings.encoders.hashing import HashingEncoder
from embeddings.models import Embedding, Space
from terms import rights
from terms.duplicates import merge
from terms.entry import entry_of
from terms.models import Alias, Relation, Sense, Term
from terms.restoring import changes
from tests.factories import (
    make_alias,
    make_bundle,
    make_editor,
    make_example,
    make_sense,
    make_term,
    make_topic,
    relate,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def editor() -> User:
    return make_editor(whole=True, username="ada")


@pytest.fixture
def both() -> tuple[Term, Term]:
    stays, goes = make_term("cup", "A small vessel."), make_term("mug", "A large cup.")
    make_sense(goes, "A small vessel.")
    make_example(goes.senses.get(position=1), "A mug of tea.")
    make_alias(goes, "beaker")
    make_alias(goes, "old mug", kind="former")
    return stays, goes


def test_what_belongs_to_the_duplicate_moves(both: tuple[Term, Term], editor: User) -> None:
    stays, goes = both
    key = goes.senses.get(position=1).key
    broader, other, shared = make_term("vessel"), make_term("bowl"), make_term("glass")
    relate(goes, broader, "broader")
    relate(other, goes, "related")
    relate(goes, shared, "related")
    relate(stays, shared, "related")
    relate(stays, goes, "see_also")
    other_bundle, own_bundle = make_bundle(goes, other), make_bundle(goes, stays)
    replaced = make_term("tankard", status="deprecated", replaced_by=goes)
    merge(goes, stays, by=editor)
    entry = entry_of(stays)
    assert [sense.definition for sense in entry.senses] == ["A small vessel.", "A large cup."]
    assert entry.senses[1].key == key
    assert entry.senses[1].examples == [("A mug of tea.", "")]
    assert {(link.kind, link.name) for link in entry.relations} == {
        ("broader", "vessel"),
        ("related", "bowl"),
        ("related", "glass"),
    }
    assert {(alias.kind, alias.name) for alias in entry.aliases} == {
        ("synonym", "mug"),
        ("synonym", "beaker"),
        ("former", "old mug"),
    }
    assert [e.term for e in other_bundle.entries.order_by("position")] == [stays, other]
    assert [e.term for e in own_bundle.entries.all()] == [stays]
    replaced.refresh_from_db()
    assert replaced.replaced_by == stays


def test_its_addresses_lead_to_the_one_that_stays(
    both: tuple[Term, Term], editor: User, client: Client
) -> None:
    stays, goes = both
    merge(goes, stays, by=editor)
    for slug in ("mug", "beaker", "old-mug"):
        page = client.get(f"/en/define/{slug}")
        assert (page.status_code, page["Location"]) == (301, "/en/define/cup")


def test_twins_leave_an_address_not_a_synonym(editor: User) -> None:
    stays, goes = make_term("cup"), make_term("Cup", slug="cup-2")
    merge(goes, stays, by=editor)
    assert Alias.objects.get().kind == "former"
    assert Alias.objects.get().slug == "cup-2"


def test_history_keeps_who_and_why_of_both(both: tuple[Term, Term], editor: User) -> None:
    stays, goes = both
    merge(goes, stays, by=editor, reason="the same thing")
    told = {(change.who, change.why) for change in changes(stays)}
    assert ("ada", "the same thing") in told
    assert "A large cup." in str(changes(stays))


def test_moved_senses_are_embedded_under_their_new_name(
    both: tuple[Term, Term], editor: User, space: Space
) -> None:
    stays, goes = both
    while pipeline.embed_due(space, HashingEncoder()):
        pass
    moved = goes.senses.get(position=1)
    before = {e.view: e.text_hash for e in Embedding.objects.filter(sense=moved)}
    merge(goes, stays, by=editor)
    while pipeline.embed_due(space, HashingEncoder()):
        pass
    after = {e.view: e.text_hash for e in Embedding.objects.filter(sense=moved)}
    assert before["entry"] != after["entry"]
    assert before["definition"] == after["definition"]
    assert Sense.objects.count() == 2


def test_two_that_cannot_be_one_are_refused(editor: User) -> None:
    term = make_term("cup")
    with pytest.raises(ValidationError, match="itself"):
        merge(term, term, by=editor)
    with pytest.raises(ValidationError, match="languages"):
        merge(make_term("Tasse", language="de"), term, by=editor)


def test_it_takes_the_right_to_both(both: tuple[Term, Term]) -> None:
    stays, goes = both
    topic = make_topic()
    stays.senses.get().topics.add(topic)
    with pytest.raises(rights.Denied):
        merge(goes, stays, by=make_editor(topic))
    assert Term.objects.count() == 2
    assert not Relation.objects.exists()


def test_in_the_admin_one_chooses_looks_and_merges(
    both: tuple[Term, Term], editor: User, client: Client, space: Any
) -> None:
    stays, goes = both
    client.force_login(editor)
    address = f"/admin/terms/term/{goes.pk}/merge/"
    assert address in client.get(f"/admin/terms/term/{goes.pk}/change/").content.decode()
    chosen = client.get(address, {"into": stays.pk}).content.decode()
    assert "A large cup." in chosen
    assert Term.objects.count() == 2
    done = client.post(address, {"into": stays.pk, "reason": "the same"}, follow=True)
    assert "cup" in done.content.decode()
    assert not Term.objects.filter(pk=goes.pk).exists()
    assert client.get(address).status_code == 404


def test_in_the_admin_it_says_what_is_wrong(both: tuple[Term, Term], client: Client) -> None:
    _, goes = both
    address = f"/admin/terms/term/{goes.pk}/merge/"
    client.force_login(make_editor(whole=True))
    assert "itself" in client.post(address, {"into": goes.pk}).content.decode()
    assert "required" in client.post(address, {}).content.decode()
    client.force_login(make_editor())
    assert client.get(address).status_code == 403
