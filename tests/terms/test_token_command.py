"""`manage.py token`: the secret on standard output once, lists without it, JSON for programs."""

import io
import json

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.test import Client

from terms.models.token import PREFIX_LENGTH, digest_of, is_secret
from tests.factories import make_token

pytestmark = pytest.mark.django_db


def token_command(*arguments: str) -> str:
    out = io.StringIO()
    call_command("token", *arguments, stdout=out)
    return out.getvalue().strip()


def test_the_command_prints_the_secret_when_it_makes_a_token_and_never_again() -> None:
    ada = User.objects.create_user("ada")
    secret = token_command("make", "ada", "--scope", "read", "--scope", "edit", "--days", "30")
    token = ada.api_tokens.get()
    assert (token.digest, token.scopes) == (digest_of(secret), ["read", "edit"])
    assert token.expires_at is not None
    listed = token_command("list") + token_command("list", "--user", "ada", "--json")
    assert token.prefix in listed
    assert secret[PREFIX_LENGTH:] not in listed
    assert token.digest not in listed


def test_the_command_speaks_json() -> None:
    User.objects.create_user("ada")
    made = json.loads(token_command("make", "ada", "--note", "the build", "--json"))
    assert is_secret(made.pop("secret"))
    assert json.loads(token_command("list", "--json")) == [made]
    assert (made["owner"], made["scopes"], made["state"]) == ("ada", ["read"], "active")
    revoked = json.loads(token_command("revoke", made["prefix"], "--json"))
    assert revoked["state"] == "revoked"
    assert revoked["revoked_at"]


def test_the_command_revokes() -> None:
    token, secret = make_token()
    assert "revoked" in token_command("revoke", token.prefix)
    headers = {"authorization": f"Bearer {secret}"}
    assert Client().get("/api/v1/terms", headers=headers).status_code == 401


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        (["make", "nobody"], "There is no account “nobody”."),
        (["make", "ada", "--days", "0"], "--days is a number"),
        (["make", "ada", "--note", "x" * 201], "at most 200 characters"),
        (["list", "--user", "nobody"], "There is no account “nobody”."),
        (["revoke", "lex_nothing"], "No token begins with “lex_nothing”."),
    ],
)
def test_the_command_says_what_is_wrong(arguments: list[str], error: str) -> None:
    User.objects.create_user("ada")
    with pytest.raises(CommandError, match=error):
        token_command(*arguments)
