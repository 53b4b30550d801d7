"""What is typed into the form of a term keeps itself: asked for, kept and forgotten by scripts."""

import json
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import URLPattern, path
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from terms.admin.step import StepAdmin
from terms.models import FormDraft, Term
from terms.text import TextError, clean

MAX_VERSION = 2**31 - 1


class DraftAdmin(StepAdmin):
    def get_urls(self) -> list[URLPattern]:
        view = require_http_methods(["GET", "POST", "DELETE"])(self.form_draft)
        wrapped = self.admin_site.admin_view(never_cache(view))
        return [
            path("draft/", wrapped, name="terms_term_new_draft"),
            path("<int:pk>/draft/", wrapped, name="terms_term_draft"),
            *super().get_urls(),
        ]

    def form_draft(self, request: HttpRequest, pk: int | None = None) -> HttpResponse:
        """{"data": [[name, value, label]], "version": the one it was typed over, "at": when}."""
        term = Term.objects.filter(pk=pk).first() if pk else None
        if pk and term is None:
            return JsonResponse({"detail": "There is no such term."}, status=404)
        if not self._may_write(request, term):
            raise PermissionDenied
        drafts = FormDraft.objects.of(_id(request), term)
        if request.method == "POST":
            return _keep(request, term)
        if request.method == "DELETE":
            drafts.delete()
        return JsonResponse(_shown(drafts.first()))

    def _may_write(self, request: HttpRequest, term: Term | None) -> bool:
        if term is None:
            return self.has_add_permission(request)
        return self.has_change_permission(request, term)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        FormDraft.objects.of(_id(request), form.instance if change else None).delete()


def _keep(request: HttpRequest, term: Term | None) -> HttpResponse:
    if len(request.body) > FormDraft.MAX_BYTES:
        return JsonResponse({"detail": "This is too long to be kept."}, status=413)
    try:
        data, version = _read(request.body)
    except (ValueError, TextError):
        return JsonResponse({"detail": "This is no draft of a form."}, status=400)
    FormDraft.objects.keep(_id(request), term, data, version)
    return HttpResponse(status=204)


def _read(body: bytes) -> tuple[list[list[str]], int | None]:
    """The fields and the version. Raises ValueError or TextError."""
    sent = json.loads(clean(body.decode()))
    if not isinstance(sent, dict) or not isinstance(sent.get("data"), list):
        raise ValueError
    for row in sent["data"]:
        if not isinstance(row, list) or len(row) not in {2, 3}:
            raise ValueError
        if not all(isinstance(value, str) and "\x00" not in value for value in row):
            raise ValueError
    version = sent.get("version")
    known = isinstance(version, int) and 0 <= version <= MAX_VERSION
    if version is not None and not known:
        raise ValueError
    return sent["data"], version


def _shown(draft: FormDraft | None) -> dict[str, Any]:
    if draft is None:
        return {}
    return {"data": draft.data, "version": draft.version, "at": draft.saved_at.isoformat()}


def _id(request: HttpRequest) -> int:
    number: Any = request.user.pk  # admin_view asks for a log-in
    return int(number)
