"""HTTP validators: one cheap read decides whether a reader already has the page."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any, Self

from django.conf import settings
from django.db import InterfaceError, OperationalError, connection
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils import timezone
from django.utils.cache import get_conditional_response, patch_vary_headers

import glossary
from embeddings.encoders import query_encoder_state
from embeddings.models import Space
from embeddings.tuning import asked
from terms.api.authentication import may_read
from terms.api.entries import asks_as_editor
from terms.hydrate import made
from terms.models import Glossary
from terms.views.pages import may_see_pages

Handler = Callable[[HttpRequest], HttpResponseBase]

STATE = """
SELECT (SELECT row_to_json(glossary) FROM terms_glossary glossary),
       (SELECT row_to_json(space) FROM embeddings_space space WHERE state = 'active')
"""


@dataclass(frozen=True)
class State:
    """What every page depends on, read in one query before its content."""

    glossary: Glossary | None
    space: Space | None

    @classmethod
    def read(cls) -> Self:
        with connection.cursor() as cursor:
            cursor.execute(STATE)
            glossary_row, space_row = cursor.fetchone()
        return cls(
            made(Glossary, glossary_row) if glossary_row else None,
            made(Space, space_row) if space_row else None,
        )


def page_etag(request: HttpRequest, state: State, day: date | None = None) -> str:
    """An ETag of all that a public answer depends on: words, vectors, code, address, format.

    `day` for a page that shows another thing each day.
    """
    parts = (
        state.glossary and state.glossary.revision,
        state.space and state.space.pk,
        glossary.__version__,
        query_encoder_state(state.space.encoder if state.space else settings.DEFAULT_ENCODER),
        asked_through(request, state.space),
        request.get_host(),
        request.get_full_path(),
        request.headers.get("Accept", ""),
        day,
    )
    return '"' + hashlib.sha256(repr(parts).encode()).hexdigest()[:24] + '"'


def asked_through(request: HttpRequest, space: Space | None) -> tuple[str, list[int], bool]:
    """The adapter that a question is asked through, those to choose from, and whether it can be."""
    key, known = asked.state(space, request.GET)
    return key, known, bool(key) and query_encoder_state(key)


class ConditionalReaderPages:
    """Reader pages answer 304 before their view runs, and carry the ETag read before the content.

    So a page can be newer than its ETag, never older: nothing shown from a cache is stale. What was
    read for the ETag, the glossary's row and the active space, is on the request for the view.
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
        elif settings.PRIVATE:
            response.headers.setdefault("Cache-Control", "private, no-cache")
        return response

    def process_view(
        self, request: HttpRequest, view: Any, args: Any, kwargs: Any
    ) -> HttpResponseBase | None:
        if request.method not in {"GET", "HEAD"} or not is_reader_page(view, request):
            return None
        try:
            if not (may_read(request) if is_rest(view) else may_see_pages(request)):
                return None
            state = State.read()
        except (InterfaceError, OperationalError):
            return None  # the view will meet the same fault, and DatabaseOutage answers it
        etag = page_etag(request, state, day_of(view))
        vars(request).update(page_etag=etag, glossary=state.glossary, space=state.space)
        unconditional: HttpResponse | None = None
        return get_conditional_response(request, etag=etag, response=unconditional)


def is_reader_page(view: Any, request: HttpRequest) -> bool:
    """Marked by `terms.views.pages.reader_page`, or a REST view class with that attribute.

    What an editor asks of such an address is for nobody else.
    """
    marked = getattr(view, "cls", view)
    if getattr(marked, "has_entries", False) and asks_as_editor(request):
        return False
    return getattr(marked, "is_reader_page", False)


def is_rest(view: Any) -> bool:
    return hasattr(view, "cls")


def day_of(view: Any) -> date | None:
    """Today, for a view marked by `terms.views.pages.daily_page`."""
    return timezone.localdate() if getattr(view, "is_daily", False) else None
