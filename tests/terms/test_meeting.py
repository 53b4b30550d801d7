"""Two editors on one term: what one saves while the other writes."""

from dataclasses import replace
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from terms import editing
from terms.entry import SenseText, entry_of
from terms.models import Glossary, Term, Topic
from terms.restoring import changes
from tests.factories import make_alias, make_sense, make_term, make_topic, relate
from tests.glossary.test_admin import change, filled, with_sense
from tests.terms.test_steps import ada, errors, term_in

__all__ = ["ada"]

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def geometry() -> Topic:
    Glossary.objects.get_or_create(id=1)
    return make_topic("geometry")


@pytest.fixture
def admin(client: Client, ada: User) -> Client:
    client.force_login(ada)
    return client


def opened(admin: Client, term: Term, **mine: Any) -> dict[str, Any]:
    """The form as I send it, of the version before what follows."""
    return filled(admin.get(change(term))) | mine


def with_row(form: dict[str, Any], group: str, **fields: Any) -> dict[str, Any]:
    """The form with one more row in a group."""
    number = int(form[f"{group}-TOTAL_FORMS"])
    row = {f"{group}-{number}-{name}": value for name, value in fields.items()}
    return {**form, f"{group}-TOTAL_FORMS": number + 1, **row}


def test_what_only_one_of_them_changed_is_taken(admin: Client, geometry: Topic, ada: User) -> None:
    term = term_in(geometry, name="circle", definition="A line.")
    mine = {"senses-0-definition": "A closed line.", "_continue": "1"}
    form = with_sense(opened(admin, term, **mine), 1, definition="My sense.")
    entry = entry_of(term)
    theirs = [*entry.senses, SenseText("Their sense.", [("One.", "")])]
    editing.save(replace(entry, name="Circle", senses=theirs), term, by=ada)
    assert admin.post(change(term), form)["Location"] == change(term)
    now = entry_of(term)
    assert now.name == "Circle"
    assert {sense.definition for sense in now.senses} == {
        "A closed line.",
        "My sense.",
        "Their sense.",
    }


def test_what_both_changed_is_asked_and_the_choice_kept(admin: Client, geometry: Topic) -> None:
    term = term_in(geometry, name="circle")
    form = opened(admin, term, name="ring", is_linked="", reason="a better name")
    Term.objects.filter(pk=term.pk).update(name="Circle")
    asked = admin.post(change(term), form)
    assert asked.status_code == 409
    [row] = asked.context["rows"]
    assert (row.title, row.theirs) == ("Name", "Circle")
    assert Term.objects.get().name == "Circle"
    assert Term.objects.get().is_linked, "all of it waits"
    again = {name: value for name, value in asked.context["sent"] if value}
    again |= {"choice:name": "mine", "met_version": asked.context["version"]}
    assert admin.post(change(term), again).status_code == 302
    now = Term.objects.get()
    assert (now.name, now.is_linked) == ("ring", False)
    assert ("ada", "a better name") in {(each.who, each.why) for each in changes(term)}


def test_choices_about_an_older_version_are_asked_again(admin: Client, geometry: Topic) -> None:
    term = term_in(geometry, name="circle")
    form = opened(admin, term, name="ring")
    Term.objects.filter(pk=term.pk).update(name="Circle")
    asked = admin.post(change(term), form)
    Term.objects.filter(pk=term.pk).update(name="CIRCLE")
    again = form | {"choice:name": "mine", "met_version": asked.context["version"]}
    assert admin.post(change(term), again).status_code == 409
    assert Term.objects.get().name == "CIRCLE"


def test_rows_that_the_other_took_away_stay_away_unless_i_rewrote_them(
    admin: Client, geometry: Topic
) -> None:
    term = term_in(geometry)
    for definition in ("Kept.", "Rewritten."):
        make_sense(term, definition)
    make_alias(term, "gone")
    term.refresh_from_db()
    form = opened(admin, term, **{"senses-2-definition": "Written anew."})
    term.senses.exclude(definition="Kept.").delete()
    term.aliases.all().delete()
    term.senses.get().topics.add(geometry)
    assert admin.post(change(term), form).status_code == 302
    now = entry_of(term)
    assert [sense.definition for sense in now.senses] == ["Kept.", "Written anew."]
    assert now.aliases == []


def test_a_version_that_never_was_is_refused(admin: Client, geometry: Topic) -> None:
    term = term_in(geometry)
    refused = admin.post(change(term), opened(admin, term, seen_version=999))
    assert "changed since you opened it" in errors(refused)


def test_what_both_added_is_there_once(admin: Client, geometry: Topic) -> None:
    older, term = make_term("round"), term_in(geometry, name="circle")
    younger = make_term("curve")
    form = with_row(opened(admin, term), "aliases", name="ring", kind="synonym")
    form = with_row(form, "aliases", name="disc", kind="synonym")
    for kind, other in (("broader", younger), ("related", older)):
        form = with_row(form, "relations_out", kind=kind, to_term=other.pk)
    make_alias(term, "ring")
    relate(term, younger, "broader")
    relate(older, term, "related")
    assert admin.post(change(term), form).status_code == 302
    now = entry_of(term)
    assert [alias.name for alias in now.aliases] == ["ring", "disc"]
    assert [(link.kind, link.name) for link in now.relations] == [
        ("broader", "curve"),
        ("related", "round"),
    ]


def test_a_name_that_is_there_already_is_told_where_nobody_else_wrote(
    admin: Client, geometry: Topic
) -> None:
    term = term_in(geometry, name="circle")
    make_alias(term, "ring")
    term.refresh_from_db()
    form = with_row(opened(admin, term), "aliases", name="Ring", kind="synonym")
    assert "This name is there already." in admin.post(change(term), form).content.decode()


def test_names_stand_as_their_numbers_say_and_without_one_come_last(
    admin: Client, geometry: Topic
) -> None:
    term = term_in(geometry, name="circle")
    for name in ("ring", "disc"):
        make_alias(term, name)
    term.refresh_from_db()
    moved = {"aliases-0-position": 2, "aliases-1-position": 1}
    form = with_row(opened(admin, term, **moved), "aliases", name="annulus", kind="synonym")
    assert admin.post(change(term), form).status_code == 302
    rows = term.aliases.values_list("position", "name")
    assert list(rows) == [(1, "disc"), (2, "ring"), (3, "annulus")]
