"""The page on which an editor makes two terms one: choose, look at both, merge."""

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path

from terms import rights
from terms.admin.fields import TermForm, WhyField
from terms.admin.step import StepAdmin
from terms.duplicates import merge
from terms.editing import Stale
from terms.models import Term


class MergeForm(TermForm):
    into = forms.ModelChoiceField(
        Term.objects.all(),
        label="Merge into",
        help_text="The term that stays. It keeps its own words and is given those of this one.",
    )
    reason = WhyField("Kept in the history of both.")
    term_field = "into"


class MergeAdmin(StepAdmin):
    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.merge)
        return [path("<int:pk>/merge/", view, name="terms_term_merge"), *super().get_urls()]

    def merge(self, request: HttpRequest, pk: int) -> HttpResponse:
        """GET with `into` shows what would become of both; POST does it."""
        duplicate = get_object_or_404(Term.objects.with_senses(), pk=pk)
        if not self.has_delete_permission(request, duplicate):
            raise PermissionDenied
        asked = request.GET if "into" in request.GET else None
        data = request.POST if request.method == "POST" else asked
        form = MergeForm(data, admin_site=self.admin_site)
        if form.is_valid() and request.method == "POST":
            try:
                kept = merge(duplicate, form.cleaned_data["into"], **self._step(request, form))
            except (ValidationError, rights.Denied, Stale) as problem:
                said = problem.messages if isinstance(problem, ValidationError) else [str(problem)]
                form.add_error("into", said)
            else:
                self.message_user(request, f"“{duplicate}” is merged.", messages.SUCCESS)
                return redirect("admin:terms_term_change", kept.pk)
        return self._page(request, duplicate, form)

    @staticmethod
    def _step(request: HttpRequest, form: MergeForm) -> dict[str, Any]:
        return {"by": request.user, "reason": form.cleaned_data["reason"]}

    def _page(self, request: HttpRequest, duplicate: Term, form: MergeForm) -> HttpResponse:
        chosen = form.cleaned_data.get("into") if form.is_bound else None
        into = chosen and Term.objects.with_senses().get(pk=chosen.pk)
        context = {
            **self.admin_site.each_context(request),
            "title": f"Merge “{duplicate}”",
            "opts": self.opts,
            "original": duplicate,
            "form": form,
            "media": self.media + form.media,
            "both": [duplicate, into] if into else [],
        }
        return TemplateResponse(request, "admin/terms/term/merge.html", context)
