"""The ways to other terms by key: the next in the list that one came from, and any by its name."""

from collections.abc import Iterator
from copy import copy
from typing import Any

from django.contrib import messages
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.templatetags.admin_urls import add_preserved_filters
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest, JsonResponse, QueryDict
from django.shortcuts import redirect
from django.urls import URLPattern, path, reverse

from terms.admin.step import StepAdmin
from terms.models import Glossary, Term
from terms.querysets import PUBLIC
from terms.suggest import LIMIT, suggest

MAX_BEGUN = 200
STEPS = {"next": 1, "previous": -1}


class BesideAdmin(StepAdmin):
    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        return [
            path("find/", wrap(self.find), name="terms_term_find"),
            path("<int:pk>/beside/", wrap(self.beside), name="terms_term_beside"),
            *super().get_urls(),
        ]

    def find(self, request: HttpRequest) -> HttpResponse:
        """`q=` → up to LIMIT terms of that name that are not public, and of each language."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        begun = request.GET.get("q", "").replace("\x00", "").strip()[:MAX_BEGUN]
        return JsonResponse({"results": [_shown(term) for term in _found(begun)] if begun else []})

    def beside(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Leads to the next or previous term of the list, or to the list when there is none."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        step = STEPS.get(request.GET.get("to", ""))
        if step is None:
            return HttpResponseBadRequest("Say to=next or to=previous.\n")
        return self._go(request, self._neighbour(request, pk, step))

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """What comes next is found before the term is saved, and may leave the list by that."""
        object_id = kwargs.get("object_id") or (args[0] if args else None)
        if "_next" in request.POST and object_id and str(object_id).isdecimal():
            vars(request)["following"] = self._neighbour(request, int(object_id), 1)
        return super().changeform_view(request, *args, **kwargs)

    def response_change(self, request: HttpRequest, obj: Term) -> HttpResponse:
        if "_next" not in request.POST:
            return super().response_change(request, obj)
        self.message_user(request, f"“{obj}” is saved.", messages.SUCCESS)
        return self._go(request, getattr(request, "following", None))

    def _neighbour(self, request: HttpRequest, pk: int, step: int) -> int | None:
        """The id of the term that stands so many places after this one in the list."""
        listed = copy(request)
        listed.GET = QueryDict(request.GET.get("_changelist_filters", ""))
        try:
            rows = self.get_changelist_instance(listed).queryset.values_list("pk", flat=True)
        except (IncorrectLookupParameters, PermissionDenied):
            return None
        ids = list(dict.fromkeys(rows))
        place = ids.index(pk) + step if pk in ids else -1
        return ids[place] if 0 <= place < len(ids) else None

    def _go(self, request: HttpRequest, pk: int | None) -> HttpResponse:
        if pk is None:
            self.message_user(request, "The list ends here.", messages.INFO)
            address = reverse("admin:terms_term_changelist")
        else:
            address = reverse("admin:terms_term_change", args=[pk])
        kept: Any = {"opts": self.opts, "preserved_filters": self.get_preserved_filters(request)}
        return redirect(add_preserved_filters(kept, address))


def _found(begun: str) -> Iterator[Term]:
    yield from Term.objects.exclude(status__in=PUBLIC).filter(name__icontains=begun)[:LIMIT]
    for language in Glossary.current().languages:
        for suggestion in suggest(begun, language):
            yield suggestion.term


def _shown(term: Term) -> dict[str, str]:
    return {
        "name": term.name,
        "language": term.language,
        "status": term.get_status_display(),
        "url": reverse("admin:terms_term_change", args=[term.pk]),
    }
