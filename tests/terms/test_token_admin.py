"""Tokens in the admin: the secret is seen once, and each sees their own."""

import re
from datetime import timedelta

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission, User
from django.core import serializers
from django.test import Client
from django.utils import timezone

from terms.models import ApiToken
from terms.models.token import PREFIX_LENGTH
from tests.factories import make_token

pytestmark = pytest.mark.django_db
LIST = "/admin/terms/apitoken/"
ADD = f"{LIST}add/"
SECRET = re.compile(r"lex_[A-Za-z0-9]{43}")
FORM = {"note": "the build", "scopes": ["read", "edit"], "expires_at_0": "", "expires_at_1": ""}


@pytest.fixture
def editor(client: Client) -> Client:
    client.force_login(User.objects.create_user("ada", is_staff=True))
    return client


@pytest.fixture
def administrator() -> Client:
    client = Client()
    client.force_login(User.objects.create_superuser("root"))
    return client


def test_it_shows_the_secret_in_the_answer_and_nowhere_else(editor: Client) -> None:
    answer = editor.post(ADD, FORM)
    assert answer.status_code == 200
    assert "no-store" in answer["Cache-Control"]
    page = answer.content.decode()
    (secret,) = SECRET.findall(page)
    token = ApiToken.objects.get()
    assert (token.prefix, token.scopes) == (secret[:PREFIX_LENGTH], ["read", "edit"])
    assert token.owner.username == "ada"
    assert not answer.cookies.get("messages")
    kept = serializers.serialize("json", [token, *LogEntry.objects.all()])
    pages = [LIST, f"{LIST}{token.pk}/change/", f"{LIST}{token.pk}/history/", "/admin/"]
    for text in [kept, str(editor.session.items()), *(body(editor, url) for url in pages)]:
        assert secret[PREFIX_LENGTH:] not in text


def body(client: Client, url: str) -> str:
    response = client.get(url)
    assert response.status_code == 200
    return response.content.decode()


def test_the_secret_that_is_shown_opens_rest(editor: Client) -> None:
    (secret,) = SECRET.findall(editor.post(ADD, FORM).content.decode())
    headers = {"authorization": f"Bearer {secret}"}
    assert Client().get("/api/v1/terms", headers=headers).status_code == 200


@pytest.mark.parametrize(
    "wrong",
    [
        {"scopes": []},
        {"scopes": ["everything"]},
        {"expires_at_0": "2001-01-01", "expires_at_1": "00:00"},
    ],
)
def test_it_makes_no_token_of_a_wrong_form(editor: Client, wrong: dict[str, object]) -> None:
    page = editor.post(ADD, FORM | wrong).content.decode()
    assert "errorlist" in page
    assert not SECRET.search(page)
    assert not ApiToken.objects.exists()


def test_an_editor_sees_and_revokes_their_own_tokens_only(editor: Client) -> None:
    own, _ = make_token(owner=User.objects.get(username="ada"))
    other, _ = make_token()
    page = body(editor, LIST)
    assert own.prefix in page
    assert other.prefix not in page
    assert editor.get(f"{LIST}{other.pk}/change/").status_code == 302
    assert editor.get(f"{LIST}{other.pk}/history/").status_code == 302
    assert editor.post(f"{LIST}{other.pk}/revoke/").status_code == 404
    editor.post(LIST, {"action": "revoke", "_selected_action": [own.pk, other.pk]})
    own.refresh_from_db()
    other.refresh_from_db()
    assert (own.state, other.state) == ("revoked", "active")
    assert "Revoked." in body(editor, f"{LIST}{own.pk}/history/")


def test_an_administrator_sees_and_revokes_all(administrator: Client) -> None:
    token, _ = make_token("read", "propose", expires_at=timezone.now() + timedelta(days=1))
    page = body(administrator, LIST)
    for shown in (token.prefix, token.owner.username, "read, propose", "active"):
        assert shown in page
    assert "Revoke" in body(administrator, f"{LIST}{token.pk}/change/")
    assert administrator.post(f"{LIST}{token.pk}/revoke/").status_code == 302
    token.refresh_from_db()
    assert token.state == "revoked"
    page = body(administrator, f"{LIST}{token.pk}/change/")
    assert f"{token.pk}/revoke/" not in page
    assert "Revoked." in body(administrator, f"{LIST}{token.pk}/history/")


def test_the_right_to_manage_tokens_can_be_given(editor: Client) -> None:
    token, _ = make_token()
    ada = User.objects.get(username="ada")
    ada.user_permissions.add(Permission.objects.get(codename="manage_apitoken"))
    assert token.prefix in body(editor, LIST)


def test_nothing_of_a_token_is_changed(administrator: Client) -> None:
    token, _ = make_token()
    page = administrator.post(f"{LIST}{token.pk}/change/", FORM | {"scopes": ["admin"]})
    assert page.status_code == 403
    token.refresh_from_db()
    assert token.scopes == ["read"]


def test_an_account_is_deleted_with_its_tokens(administrator: Client) -> None:
    token, _ = make_token()
    gone = f"/admin/auth/user/{token.owner_id}/delete/"
    assert administrator.post(gone, {"post": "yes"}).status_code == 302
    assert not ApiToken.objects.exists()
