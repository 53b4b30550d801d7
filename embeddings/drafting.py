"""What a page asks while an entry is written: hints, and what the entry would change."""

import json
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.models import AnonymousUser, User
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from embeddings import hints as space_hints
from embeddings.templatetags.meaning import what_changes
from terms import hints as word_hints
from terms import rights
from terms.entry import Entry
from terms.entry_json import from_json
from terms.models import Term
from terms.writing import Refused

MAX_BYTES = 200_000


class Unanswerable(Exception):
    """A request that is not answered: the status, the reason, and errors by path."""

    def __init__(
        self, status: int, detail: str, errors: dict[str, list[str]] | None = None
    ) -> None:
        super().__init__(detail)
        self.answer = JsonResponse({"detail": detail, "errors": errors or {}}, status=status)


View = Callable[[HttpRequest, Entry, Term | None], HttpResponse]


def of_an_entry(view: View) -> Callable[[HttpRequest], HttpResponse]:
    """Answers {"entry": …, "term": its id or null}, or says what is wrong with the question."""

    @never_cache
    @require_POST
    @wraps(view)
    def answered(request: HttpRequest) -> HttpResponse:
        try:
            entry, term = asked(request)
        except Unanswerable as refusal:
            return refusal.answer
        return view(request, entry, term)

    return answered


@of_an_entry
def hints(request: HttpRequest, entry: Entry, term: Term | None) -> HttpResponse:
    """{"hints": […], "meaning": ready, loading or off}."""
    misses = request.user.has_perm("terms.view_miss")
    found = word_hints.hints_of(entry, term.pk if term else None, misses=misses)
    near, meaning = space_hints.by_meaning(entry, term, misses=misses)
    return JsonResponse({"hints": [hint.as_json() for hint in near + found], "meaning": meaning})


@of_an_entry
def meaning(request: HttpRequest, entry: Entry, term: Term | None) -> HttpResponse:
    """What the entry would change, as a piece of a page."""
    told = what_changes(entry, term, misses=request.user.has_perm("terms.view_miss"))
    return render(request, "admin/terms/term/meaning_diff.html", told)


def asked(request: HttpRequest) -> tuple[Entry, Term | None]:
    """The entry, and the stored term that it is of. Raises Unanswerable."""
    if not may_ask(request.user):
        raise Unanswerable(403, "Hints are for those who propose or edit terms.")
    body = told(request)
    try:
        return from_json(body.get("entry")), stored(request.user, body.get("term"))
    except Refused as refused:
        raise Unanswerable(400, "This is no entry.", errors=refused.errors) from refused


def may_ask(user: User | AnonymousUser) -> bool:
    return rights.may_propose(user) or user.has_perm("terms.change_term")


def told(request: HttpRequest) -> dict[str, Any]:
    if len(request.body) > MAX_BYTES:
        raise Unanswerable(413, f"An entry has up to {MAX_BYTES:,} bytes here.")
    try:
        body = json.loads(request.body)
    except (ValueError, RecursionError) as error:
        raise Unanswerable(400, "This is no JSON.") from error
    if not isinstance(body, dict):
        raise Unanswerable(400, "An object is wanted.")
    return body


def stored(user: User | AnonymousUser, id: Any) -> Term | None:
    """A draft is there only for who may see drafts."""
    if id is None:
        return None
    terms = Term.objects.all() if user.has_perm("terms.view_term") else Term.objects.published()
    term = terms.filter(pk=id).first() if type(id) is int and 0 < id < 2**63 else None
    if term is None:
        raise Unanswerable(404, "There is no term with this id.")
    return term
