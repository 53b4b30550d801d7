"""A form that lets somebody do less than all says why, and what it takes."""

import pytest
from django.contrib.auth.models import Permission
from django.test import Client

from terms.roles import ADMINISTRATORS, EDITORS
from tests.factories import make_editor, make_term, make_topic, make_user
from tests.glossary.test_admin import ADD, change

pytestmark = pytest.mark.django_db


def said(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return str(answer.context["limits"])


def test_a_form_that_is_closed_says_why_and_what_opens_it(client: Client, space: object) -> None:
    term = make_term()
    term.senses.get().topics.add(make_topic("geometry"), make_topic("<b>"))
    client.force_login(make_user(EDITORS))
    told = said(client, change(term))
    assert "not change it: it is public, and you are responsible for none of its topics." in told
    assert "for one of them (“&lt;b&gt;”, “geometry”) or for the whole glossary" in told
    assert "under “May publish in” on your account by an administrator" in told
    assert "merge it into another term" not in client.get(change(term)).content.decode()


def test_an_administrator_is_led_to_where_the_responsibility_is_given(
    client: Client, space: object
) -> None:
    term = make_term()
    user = make_user(ADMINISTRATORS)
    client.force_login(user)
    told = said(client, change(term))
    assert "it is public, and it has no topic. It takes a responsibility for the whole" in told
    [account] = [part for part in told.split('"') if part.startswith("/admin/auth/user/")]
    assert "May publish in" in client.get(account).content.decode()
    user.responsibilities.create(topic=None)
    assert said(client, change(term)) == ""
    assert said(client, ADD) == ""


def test_a_draft_that_one_may_not_publish_says_so_before_one_tries(
    client: Client, space: object
) -> None:
    geometry = make_topic("geometry")
    draft = make_term(status="draft")
    user = make_editor(make_topic("botany"))
    client.force_login(user)
    assert "but not publish it: it has no topic." in said(client, change(draft))
    draft.senses.get().topics.add(geometry)
    assert "responsible for none of its topics" in said(client, change(draft))
    assert said(client, ADD) == "", "its topic is still to be chosen"
    user.responsibilities.create(topic=geometry)
    assert said(client, change(draft)) == ""
    user.responsibilities.all().delete()
    assert "you are responsible for no topic" in said(client, ADD)


def test_who_has_no_role_is_told_so(client: Client, space: object) -> None:
    user = make_user()
    user.is_staff = True
    user.save()
    user.user_permissions.add(Permission.objects.get(codename="view_term"))
    client.force_login(user)
    assert said(client, change(make_term())).endswith("that takes the role of an editor.")
