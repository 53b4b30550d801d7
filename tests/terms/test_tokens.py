"""Tokens: what is kept of them, whom they let in, and how long."""

from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth.models import AnonymousUser, User
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, connections, transaction
from django.http import HttpResponse
from django.test import Client, override_settings
from django.utils import timezone
from rest_framework.request import Request
from rest_framework.test import APIRequestFactory
from rest_framework.views import APIView

from terms.api.authentication import HasScope
from terms.models import ApiToken, Scope
from terms.models.token import PREFIX_LENGTH, digest_of, is_secret
from tests.factories import make_term, make_token

pytestmark = pytest.mark.django_db
TERMS = "/api/v1/terms"


def ask(secret: str, url: str = TERMS, **headers: str) -> Any:
    return Client().get(url, headers={"authorization": f"Bearer {secret}", **headers})


def refused(response: Any) -> str:
    """The reason, of a refusal in the shape that refusals have."""
    assert response.status_code == 401
    assert response["Content-Type"] == "application/problem+json"
    assert response["WWW-Authenticate"].startswith('Bearer realm="lexispace"')
    assert response.json()["status"] == 401
    return str(response.json()["detail"])


# What is kept


def test_it_keeps_a_hash_and_the_beginning_of_the_secret_and_nothing_else() -> None:
    token, secret = make_token(note="the build")
    assert is_secret(secret)
    assert token.prefix == secret[:PREFIX_LENGTH]
    with connection.cursor() as cursor:
        cursor.execute("SELECT token::text FROM terms_apitoken token")
        (row,) = cursor.fetchone()
    assert digest_of(secret) in row
    assert secret[PREFIX_LENGTH:] not in row


def test_it_makes_another_secret_each_time() -> None:
    assert len({make_token()[1] for _ in range(20)}) == 20


@pytest.mark.parametrize(
    "fields", [{"digest": "lex_secret"}, {"scopes": []}, {"scopes": ["read", "everything"]}]
)
def test_the_database_refuses_what_is_no_token(fields: dict[str, Any]) -> None:
    token, _ = make_token()
    with pytest.raises(IntegrityError), transaction.atomic():
        ApiToken.objects.filter(pk=token.pk).update(**fields)


def test_a_token_without_a_scope_is_not_made() -> None:
    with pytest.raises(ValidationError):
        ApiToken.make(owner=User.objects.create_user("ada"), scopes=[])


# Whom it lets in


@pytest.mark.parametrize("secret", ["", "lex_", "lex_" + "a" * 43, "a" * 5000, "é", "lex_\x00"])
def test_it_refuses_a_token_that_nobody_made(secret: str) -> None:
    assert refused(ask(secret)) == "This token is not known."


def test_it_refuses_an_expired_token() -> None:
    token, secret = make_token(expires_at=timezone.now() + timedelta(hours=1))
    assert ask(secret).status_code == 200
    ApiToken.objects.filter(pk=token.pk).update(expires_at=timezone.now())
    response = ask(secret)
    assert refused(response) == "This token is expired."
    assert response["WWW-Authenticate"].endswith('error="invalid_token"')


def test_it_refuses_a_revoked_token_at_the_next_request() -> None:
    token, secret = make_token()
    assert ask(secret).status_code == 200
    assert ApiToken.objects.filter(pk=token.pk).revoke() == 1
    assert refused(ask(secret)) == "This token is revoked."
    assert ApiToken.objects.filter(pk=token.pk).revoke() == 0


def test_it_refuses_the_token_of_an_account_that_is_switched_off() -> None:
    token, secret = make_token()
    User.objects.filter(pk=token.owner_id).update(is_active=False)
    assert "switched off" in refused(ask(secret))


def test_it_answers_no_304_to_a_token_that_opens_nothing() -> None:
    _, secret = make_token()
    etag = ask(secret)["ETag"]
    assert ask(secret, **{"if-none-match": etag}).status_code == 304
    ApiToken.objects.revoke()
    refused(ask(secret, **{"if-none-match": etag}))


def test_it_lets_a_token_decide_and_not_the_cookie_beside_it(client: Client) -> None:
    client.force_login(User.objects.create_user("reader"))
    refused(client.get(TERMS, headers={"authorization": "Bearer lex_wrong"}))


def test_it_leaves_other_schemes_to_the_proxy_that_asked_for_them(client: Client) -> None:
    assert client.get(TERMS, headers={"authorization": "Basic eDp5"}).status_code == 200


def test_it_answers_a_token_as_everybody_while_reading_is_open() -> None:
    make_term("vector")
    _, secret = make_token("propose")
    given, public = ask(secret), Client().get(TERMS)
    assert given["Cache-Control"] == public["Cache-Control"] == "public, no-cache"
    assert (given["ETag"], given.content) == (public["ETag"], public.content)


def test_it_costs_one_read_and_once_a_minute_one_write(
    django_assert_num_queries: Any, client: Client
) -> None:
    _, secret = make_token()
    client.get(TERMS)
    ask(secret)
    with django_assert_num_queries(2):  # the state of the glossary, and the terms
        client.get(TERMS)
    with django_assert_num_queries(3):
        ask(secret)


# Private reading


@pytest.fixture
def private() -> Any:
    with override_settings(PRIVATE=True):
        yield


def test_it_reads_what_needs_a_log_in(private: None) -> None:
    make_term("vector")
    _, secret = make_token("read")
    response = ask(secret)
    assert [row["slug"] for row in response.json()["results"]] == ["vector"]
    assert response["Cache-Control"] == "private, no-cache"
    again = ask(secret, **{"if-none-match": response["ETag"]})
    assert (again.status_code, again["Cache-Control"]) == (304, "private, no-cache")
    spaces = ask(secret, "/api/v1/spaces")
    assert (spaces.status_code, spaces["Cache-Control"]) == (200, "private, no-cache")


def test_it_reads_nothing_without_the_scope(private: None) -> None:
    _, reads = make_token("read")
    etag = ask(reads)["ETag"]
    _, secret = make_token("propose", "edit", "admin")
    response = ask(secret, **{"if-none-match": etag})
    assert response.status_code == 403
    assert response.json()["detail"] == "This token lacks the scope “read”."


def test_it_says_to_who_shows_nothing_what_is_needed(private: None) -> None:
    response = Client().get(TERMS)
    refused(response)
    assert response["WWW-Authenticate"] == 'Bearer realm="lexispace"'
    assert "ETag" not in response


def test_it_blames_no_token_where_another_scheme_was_shown(private: None) -> None:
    response = Client().get(TERMS, headers={"authorization": "Basic eDp5"})
    assert response["WWW-Authenticate"] == 'Bearer realm="lexispace"'


def test_it_still_reads_with_a_session(private: None, client: Client) -> None:
    client.force_login(User.objects.create_user("reader"))
    assert client.get(TERMS).status_code == 200


def test_it_opens_no_page(private: None) -> None:
    wall = "django.contrib.auth.middleware.LoginRequiredMiddleware"
    session = "django.contrib.auth.middleware.AuthenticationMiddleware"
    middleware = list(settings.MIDDLEWARE)
    middleware.insert(middleware.index(session) + 1, wall)
    _, secret = make_token("read", "admin")
    with override_settings(MIDDLEWARE=middleware):
        assert ask(secret, "/en/").status_code == 302
        assert ask(secret).status_code == 200


# Scopes


class Editing(APIView):
    scope = Scope.EDIT

    def get(self, request: Request) -> HttpResponse:
        return HttpResponse(request.user.get_username())


@pytest.mark.parametrize(
    ("scopes", "status"), [(["edit"], 200), (["edit", "read"], 200), (["read", "admin"], 403)]
)
def test_a_view_names_the_scope_that_it_needs(scopes: list[str], status: int) -> None:
    token, secret = make_token(*scopes)
    request = APIRequestFactory().get("/", headers={"authorization": f"Bearer {secret}"})
    response = Editing.as_view()(request)
    assert response.status_code == status
    if status == 200:
        assert response.content.decode() == token.owner.get_username()


def test_a_view_that_needs_more_than_reading_is_closed_to_who_is_nobody() -> None:
    request = APIRequestFactory().get("/")
    request.user = AnonymousUser()
    assert Editing.as_view()(request).status_code == 401
    request.user = User.objects.create_user("ada")
    assert Editing.as_view()(request).status_code == 200


def test_every_route_of_rest_asks_for_a_scope() -> None:
    assert APIView.permission_classes == [HasScope]


# The time of the last use


def test_it_remembers_the_minute_of_the_last_use() -> None:
    token, secret = make_token()
    ask(secret)
    token.refresh_from_db()
    first = token.last_used_at
    assert first is not None
    ask(secret)
    token.refresh_from_db()
    assert token.last_used_at == first
    long_ago = first - timedelta(minutes=2)
    ApiToken.objects.filter(pk=token.pk).update(last_used_at=long_ago)
    ask(secret)
    token.refresh_from_db()
    assert token.last_used_at is not None
    assert token.last_used_at > long_ago


def test_an_answer_without_content_is_a_use_too() -> None:
    token, secret = make_token()
    etag = Client().get(TERMS)["ETag"]
    assert ask(secret, **{"if-none-match": etag}).status_code == 304
    token.refresh_from_db()
    assert token.last_used_at is not None


@pytest.mark.django_db(transaction=True)
def test_it_reads_on_while_the_row_is_locked() -> None:
    token, secret = make_token()
    other = connections.create_connection("default")
    try:
        other.set_autocommit(False)
        with other.cursor() as cursor:
            cursor.execute("SELECT 1 FROM terms_apitoken FOR UPDATE")
        with connection.cursor() as cursor:
            cursor.execute("SET lock_timeout = 1")  # to wait for the lock would be an error
        assert ask(secret).status_code == 200
    finally:
        other.rollback()
        other.close()
    token.refresh_from_db()
    assert token.last_used_at is None


def test_it_reads_on_in_a_database_that_only_reads() -> None:
    token, _ = make_token()
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL transaction_read_only = on")
        token.note_use()
        assert ApiToken.objects.filter(last_used_at=None).exists()
        transaction.set_rollback(True)
