"""Who may take which step with a term, and what stands in the way of two who edit one."""

from dataclasses import replace

import pytest
from django.contrib.auth.models import Group, User
from django.core.exceptions import PermissionDenied

from terms import editing, rights
from terms.editing import Stale
from terms.entry import Entry, SenseText, entry_of
from terms.models import Term, Topic
from terms.restoring import changes
from terms.roles import ADMINISTRATORS, CONTRIBUTORS, EDITORS, ROLES
from terms.writing import Refused
from tests.factories import make_editor, make_term, make_topic, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def geometry() -> Topic:
    return make_topic("geometry")


@pytest.fixture
def circle(geometry: Topic) -> Term:
    return about(geometry, "circle")


def about(topic: Topic, name: str, status: str = "published") -> Term:
    term = make_term(name, status=status)
    term.senses.get().topics.add(topic)
    term.refresh_from_db()
    return term


def drafted(name: str, *topics: str, status: str = "draft") -> Entry:
    return Entry(name, senses=[SenseText(f"What {name} is.", topics=[*topics])], status=status)


def test_each_role_is_a_group_with_all_its_permissions() -> None:
    for role, names in ROLES.items():
        group = Group.objects.get(name=role)
        held = {f"{p.content_type.app_label}.{p.codename}" for p in group.permissions.all()}
        assert held == names


def test_readers_and_contributors_edit_nothing(circle: Term) -> None:
    for user in (make_user(), make_user(CONTRIBUTORS)):
        with pytest.raises(PermissionDenied, match="Propose"):
            editing.save(entry_of(circle), circle, by=user)
        with pytest.raises(PermissionDenied, match="Propose"):
            editing.save(drafted("square"), by=user)
        with pytest.raises(PermissionDenied):
            editing.delete(circle, by=user)
    assert rights.may_propose(make_user(CONTRIBUTORS))
    assert not rights.may_propose(make_user())


def test_an_editor_drafts_anywhere_and_publishes_in_own_topics(
    geometry: Topic, circle: Term
) -> None:
    below, elsewhere = make_topic("triangles", parent=geometry), make_topic("botany")
    editor = make_editor(geometry)
    term = editing.save(drafted("rose", "botany", status="review"), by=editor)
    with pytest.raises(PermissionDenied, match="no topic that you are responsible for"):
        editing.save(replace(entry_of(term), status="published"), term, by=editor)
    editing.save(drafted("scalene", below.slug, status="published"), by=editor)
    editing.save(replace(entry_of(circle), name="Circle"), circle, by=editor)
    rose = about(elsewhere, "tulip")
    with pytest.raises(PermissionDenied, match="others are responsible"):
        editing.save(replace(entry_of(rose), status="draft"), rose, by=editor)


def test_nobody_takes_a_term_over_by_giving_it_a_topic_of_their_own(circle: Term) -> None:
    make_topic("botany")
    editor = make_editor(Topic.objects.get(slug="botany"))
    entry = entry_of(circle)
    entry.senses[0].topics.append("botany")
    with pytest.raises(PermissionDenied, match="others are responsible"):
        editing.save(entry, circle, by=editor)


def test_a_term_without_a_topic_takes_responsibility_for_the_whole_glossary(
    geometry: Topic,
) -> None:
    with pytest.raises(PermissionDenied):
        editing.save(drafted("thing", status="published"), by=make_editor(geometry))
    editing.save(drafted("thing", status="published"), by=make_editor(whole=True))


def test_responsibility_alone_lets_nobody_publish(geometry: Topic, circle: Term) -> None:
    user = make_user(CONTRIBUTORS)
    user.responsibilities.create(topic=geometry)
    assert not rights.may_publish(user, [geometry])
    assert not rights.may_publish_somewhere(user)


def test_administrators_are_responsible_as_they_are_told_and_superusers_for_all(
    circle: Term,
) -> None:
    administrator = make_user(ADMINISTRATORS)
    assert not rights.may_change(administrator, circle)
    administrator.responsibilities.create(topic=None)
    assert rights.may_change(administrator, circle)
    assert rights.may_change(User.objects.create_superuser("root"), circle)


def test_drafts_are_deleted_by_editors_and_public_terms_by_those_responsible(
    geometry: Topic, circle: Term
) -> None:
    editor = make_editor()
    editing.delete(about(geometry, "ellipse", "draft"), by=editor)
    with pytest.raises(PermissionDenied):
        editing.delete(circle, by=editor)
    editing.delete(circle, by=make_editor(geometry), reason="superfluous")
    assert not Term.objects.exists()


def test_an_edit_of_a_version_that_is_no_more_is_refused(geometry: Topic, circle: Term) -> None:
    editor, entry, seen = make_editor(geometry), entry_of(circle), circle.version
    saved = editing.save(replace(entry, name="Circle"), circle, by=editor, version=seen)
    saved.refresh_from_db()
    assert saved.version > seen
    with pytest.raises(Stale) as stale:
        editing.save(replace(entry, name="Ring"), circle, by=editor, version=seen)
    assert stale.value.term == saved
    with pytest.raises(Stale):
        editing.delete(circle, by=editor, version=seen)
    Term.objects.all().delete()
    with pytest.raises(Stale) as gone:
        editing.save(entry, circle, by=editor)
    assert gone.value.term is None


def test_who_and_why_are_in_the_history(geometry: Topic, circle: Term) -> None:
    editor = make_editor(geometry, username="Ada")
    editing.save(replace(entry_of(circle), name="Circle"), circle, by=editor, reason="as in print")
    told = {(change.who, change.why) for change in changes(circle)}
    assert ("Ada", "as in print") in told


def test_what_is_refused_changes_nothing(geometry: Topic, circle: Term) -> None:
    entry = replace(entry_of(circle), name="Circle")
    entry.senses[0].definition = ""
    editor = make_editor(geometry)
    with pytest.raises(Refused):
        editing.save(entry, circle, by=editor)
    assert Term.objects.get().name == "circle"


def test_the_groups_are_as_many_as_the_roles() -> None:
    assert set(Group.objects.values_list("name", flat=True)) == {
        CONTRIBUTORS,
        EDITORS,
        ADMINISTRATORS,
    }
