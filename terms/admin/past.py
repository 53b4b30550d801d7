"""What was: a term's history with the way back to each version, and the terms that are gone."""

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBadRequest
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.views.decorators.http import require_POST

from terms import restoring
from terms.editing import Stale
from terms.models import Term
from terms.restoring import Restored
from terms.writing import Refused

if TYPE_CHECKING:
    from terms.admin.term import TermAdmin

PAGE = 100  # deleted terms on a page


class RestoreForm(forms.Form):
    """What to restore, and the version of the term that was seen."""

    number = forms.IntegerField(min_value=0, max_value=2**31 - 1)
    version = forms.IntegerField(min_value=0, max_value=2**31 - 1)
    field = forms.CharField(required=False, max_length=60)


def urls(admin: "TermAdmin") -> list[URLPattern]:
    def view(of: Any) -> Any:
        def seen(request: HttpRequest, **kwargs: Any) -> HttpResponse:
            return of(admin, request, **kwargs)

        return seen

    wrap = admin.admin_site.admin_view
    return [
        path("<int:pk>/restore/", wrap(require_POST(view(restore))), name="terms_term_restore"),
        path("deleted/", wrap(view(deleted)), name="terms_term_deleted"),
        path(
            "deleted/<int:pk>/",
            wrap(require_POST(view(restore_deleted))),
            name="terms_term_restore_deleted",
        ),
    ]


def history(admin: "TermAdmin", request: HttpRequest, object_id: str) -> HttpResponse:
    """What each transaction changed, newest first."""
    term = get_object_or_404(Term, pk=object_id)
    if not admin.has_view_permission(request, term):
        raise PermissionDenied
    context = {
        **admin.admin_site.each_context(request),
        "title": f"History of {term}",
        "original": term,
        "opts": admin.opts,
        "changes": restoring.changes(term),
        "most": restoring.LENGTH,
        "may_restore": admin.has_change_permission(request, term),
    }
    return TemplateResponse(request, "admin/terms/term/history.html", context)


def restore(admin: "TermAdmin", request: HttpRequest, pk: int) -> HttpResponse:
    term = get_object_or_404(Term, pk=pk)
    form = RestoreForm(request.POST)
    if not form.is_valid():
        return HttpResponseBadRequest("Say the version to restore, and the one that you saw.\n")
    try:
        restored = restoring.restore(term, by=request.user, **form.cleaned_data)  # type: ignore[arg-type]  # admin_view asks for a log-in
    except KeyError:
        return HttpResponseBadRequest("There is no such field.\n")
    except (Stale, Refused) as error:
        messages.error(request, str(error))
    else:
        _say(request, restored, f"restored version {form.cleaned_data['number']}")
    return redirect("admin:terms_term_history", pk)


def deleted(admin: "TermAdmin", request: HttpRequest) -> HttpResponse:
    """The terms that were deleted, a page at a time."""
    if not admin.has_view_permission(request):
        raise PermissionDenied
    page = Paginator(restoring.deleted(), PAGE).get_page(request.GET.get("p"))
    context = {
        **admin.admin_site.each_context(request),
        "title": "Deleted terms",
        "opts": admin.opts,
        "page": page,
        "rows": list(restoring.named(list(page.object_list))),
        "may_restore": admin.has_add_permission(request),
    }
    return TemplateResponse(request, "admin/terms/term/deleted.html", context)


def restore_deleted(admin: "TermAdmin", request: HttpRequest, pk: int) -> HttpResponse:
    try:
        restored = restoring.restore_deleted(pk, by=request.user)  # type: ignore[arg-type]  # the same
    except Refused as error:
        messages.error(request, f"It is not restored. {error}")
        return redirect("admin:terms_term_deleted")
    term = _say(request, restored, "restored the deleted term")
    return redirect("admin:terms_term_change", term.pk)


def _say(request: HttpRequest, restored: Restored | None, done: str) -> Term:
    """Raises Http404 where nothing was there to restore."""
    if restored is None:
        raise Http404("There is nothing to restore.")
    messages.success(request, f"“{restored.term}”: {done}.")
    if restored.left_out:
        messages.warning(request, f"Left out: {', '.join(restored.left_out)}. Gone since.")
    return restored.term
