"""HTTP validators: one cheap read decides whether a reader already has the page."""

import hashlib
from collections.abc import Callable
from datetime import date
from typing import Any

from django.conf import settings
from django.db import InterfaceError, OperationalError, connection
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils import timezone
from django.utils.cache import get_conditional_response, patch_vary_headers

import glossary
from embeddings.encoders import query_encoder_state

Handler = Callable[[HttpRequest], HttpResponseBase]

STATE = """
SELECT (SELECT revision FROM terms_glossary),
       (SELECT max(id) FROM embeddings_space WHERE state = 'active')
"""


def page_etag(request: HttpRequest, day: date | None = None) -> str:
    """An ETag of all that a public answer depends on: words, vectors, code, address, format.

    `day` for a page that shows another thing each day.
    """
    with connection.cursor() as cursor:
        cursor.execute(STATE)
        revision_and_space = cursor.fetchone()
    parts = (
        revision_and_space,
        glossary.__version__,
        query_encoder_state(),
        request.get_host(),
        request.get_full_path(),
        request.headers.get("Accept", ""),
        day,
    )
    return '"' + hashlib.sha256(repr(parts).encode()).hexdigest()[:24] + '"'


class ConditionalReaderPages:
    """Reader pages answer 304 before their view runs, and carry the ETag read before the content.

    So a page can be newer than its ETag, never older: nothing shown from a cache is stale.
    """

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        etag = getattr(request, "page_etag", None)
        if etag and response.status_code in {200, 304}:
            response.headers.setdefault("ETag", etag)
            visibility = "private" if settings.PRIVATE else "public"
            response.headers.setdefault("Cache-Control", f"{visibility}, no-cache")
            patch_vary_headers(response, ["Accept"])
        return response

    def process_view(
        self, request: HttpRequest, view: Any, args: Any, kwargs: Any
    ) -> HttpResponseBase | None:
        if request.method not in {"GET", "HEAD"} or not is_reader_page(view):
            return None
        if settings.PRIVATE and not request.user.is_authenticated:
            return None
        try:
            etag = page_etag(request, day_of(view))
        except (InterfaceError, OperationalError):
            return None  # the view will meet the same fault, and DatabaseOutage answers it
        request.page_etag = etag  # type: ignore[attr-defined]  # read back in __call__
        unconditional: HttpResponse | None = None
        return get_conditional_response(request, etag=etag, response=unconditional)


def is_reader_page(view: Any) -> bool:
    """Marked by `terms.views.pages.reader_page`, or a REST view class with that attribute."""
    return getattr(getattr(view, "cls", view), "is_reader_page", False)


def day_of(view: Any) -> date | None:
    """Today, for a view marked by `terms.views.pages.daily_page`."""
    return timezone.localdate() if getattr(view, "is_daily", False) else None
