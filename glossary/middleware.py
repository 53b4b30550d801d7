"""What every response carries, and what is said when the database is away."""

import logging
from collections.abc import Callable
from functools import cached_property
from typing import Any

from csp.constants import HEADER
from csp.middleware import CheckableLazyObject, CSPMiddleware
from csp.utils import build_policy
from django.conf import settings
from django.contrib.auth.middleware import (
    LoginRequiredMiddleware,
    PersistentRemoteUserMiddleware,
)
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest, HttpResponseBase
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.cache import patch_vary_headers
from django.utils.translation import get_language_from_request

from glossary.api import problem
from terms.interface import language_of_path
from terms.views.unsent import unsent, written

log = logging.getLogger(__name__)
Handler = Callable[[HttpRequest], HttpResponseBase]

DENIED = ", ".join(
    f"{power}=()" for power in ("camera", "geolocation", "microphone", "payment", "usb")
)


def permissions_policy(get_response: Handler) -> Handler:
    """Every page gives up the browser powers that no page here needs."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        response["Permissions-Policy"] = DENIED
        return response

    return middleware


class ContentSecurityPolicy(CSPMiddleware):
    """django-csp, which builds the policy for each response; here one that is as usual is kept."""

    @cached_property
    def usual(self) -> str:
        return build_policy()

    def process_response(
        self, request: HttpRequest, response: HttpResponseBase
    ) -> HttpResponseBase:
        own = any(name.startswith("_csp") for name in [*vars(request), *vars(response)])
        if own:  # a nonce was asked for, or a view's decorator has changed the policy
            return super().process_response(request, response)
        response.headers.setdefault(HEADER, self.usual)
        # As in django-csp: a nonce that is asked for from now on could not be in the header.
        late = CheckableLazyObject(self._csp_nonce_post_response)
        request.csp_nonce = late  # type: ignore[attr-defined]  # django-csp's own
        return response


def refuse_nul(get_response: Handler) -> Handler:
    """A NUL in an address is a 400: PostgreSQL has no such character, so nothing can be there."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        if "\x00" not in request.path_info and "%00" not in request.META.get("QUERY_STRING", ""):
            return get_response(request)
        if request.path.startswith("/api/"):
            return problem(400, "The address holds a NUL character.")
        return HttpResponseBadRequest("The address holds a NUL character.\n", "text/plain")

    return middleware


def speaks_language_of_path(get_response: Handler) -> Handler:
    """The path alone decides in which language a page speaks: one address, one page for everybody.

    So Django's LocaleMiddleware is not here, which asks cookies and Accept-Language as well. Only
    an account's own pages ask the browser: they have no language, and nobody keeps them.
    """

    def middleware(request: HttpRequest) -> HttpResponseBase:
        asks = request.path_info.startswith("/accounts/")
        tag = get_language_from_request(request) if asks else language_of_path(request.path_info)
        with translation.override(tag):
            response = get_response(request)
        if asks:
            patch_vary_headers(response, ["Accept-Language"])
        return response

    return middleware


class SingleSignOn(PersistentRemoteUserMiddleware):
    """Believes a proxy that names who has logged in there, at the address of the log-in alone.

    So reader pages ask nobody who they are, and stay the same for everybody.
    """

    header = f"HTTP_{settings.SSO_HEADER}"

    def process_request(self, request: HttpRequest) -> None:
        if request.path == reverse("login"):
            super().process_request(request)


class LogInToRead(LoginRequiredMiddleware):
    """Where reading needs a log-in: who was logged out while they wrote does not lose it."""

    def handle_no_permission(self, request: HttpRequest, view_func: Handler) -> Any:
        if written(request):
            return unsent(request)
        return super().handle_no_permission(request, view_func)


class DatabaseOutage:
    """A database that does not answer is an honest 503 with Retry-After, no fault of the page."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if not isinstance(error, InterfaceError | OperationalError):
            return None
        log.error("the database does not answer: %s", error)
        response: HttpResponse
        if request.path.startswith("/api/"):
            response = problem(503, "The database does not answer just now; try again.")
        else:
            response = HttpResponse(render_to_string("503.html"), status=503)
        response["Retry-After"] = "5"
        return response
