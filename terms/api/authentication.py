"""Who asks: `Authorization: Bearer lex_…`, or else the session of the site."""

from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.http import HttpRequest
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from terms.models import ApiToken, Scope
from terms.models.token import digest_of, is_secret

if TYPE_CHECKING:  # which imports this module for its defaults
    from rest_framework.views import APIView


def token_of(request: HttpRequest) -> ApiToken | None:
    """The token that a request shows, read once; None where it shows none.

    Raises AuthenticationFailed for a token that opens nothing.
    """
    secret = _secret_in(request)
    if secret is None:
        return None
    held = vars(request)
    if "api_token" not in held:
        held["api_token"] = _found(secret)
    token: ApiToken | None = held["api_token"]
    if token is None:
        raise AuthenticationFailed("This token is not known.")
    if not token.is_active:
        raise AuthenticationFailed(f"This token is {token.state}.")
    token.note_use()
    return token


def _secret_in(request: HttpRequest | Request) -> str | None:
    """Other schemes are not ours: a proxy's Basic password says nothing here."""
    scheme, _, secret = request.headers.get("Authorization", "").partition(" ")
    return secret.strip() if scheme.lower() == "bearer" else None


def _found(secret: str) -> ApiToken | None:
    return ApiToken.objects.with_digest(digest_of(secret)) if is_secret(secret) else None


def is_allowed(scope: str, request: HttpRequest | Request, token: ApiToken | None) -> bool:
    """Whoever may read the pages may read here; all else takes a token's scope, or a session.

    In this order, so that a public reader is answered 304 without a look at the session.
    """
    if scope == Scope.READ and not settings.PRIVATE:
        return True
    return token.allows(scope) if token else request.user.is_authenticated


def may_read(request: HttpRequest) -> bool:
    """What a view will decide of a read, known before it runs."""
    try:
        return is_allowed(Scope.READ, request, token_of(request))
    except AuthenticationFailed:
        return False


class TokenAuthentication(BaseAuthentication):
    """Stands before the session: a request with a token has no use for a cookie."""

    def authenticate(self, request: Request) -> tuple[Any, ApiToken] | None:
        token = token_of(request._request)
        return (token.owner, token) if token else None

    def authenticate_header(self, request: Request) -> str:
        """RFC 6750, section 3: a reason only for who has shown a token."""
        reason = "" if _secret_in(request) is None else ', error="invalid_token"'
        return f'Bearer realm="lexispace"{reason}'


class HasScope(BasePermission):
    """A view says in `scope` what it needs; unless told it is to read.

    A session has no scopes: what its user may do is for other permissions to ask.
    """

    def has_permission(self, request: Request, view: "APIView") -> bool:
        scope = getattr(view, "scope", Scope.READ)
        self.message = f"This token lacks the scope “{scope}”."
        return is_allowed(scope, request, token_of(request._request))
