"""A term saved by its form is a step of somebody: with the right to it, of the version they saw.

What others have saved since is merged with it: terms/admin/meeting.py.

Whether they may take it shows only when all of the form is stored, topics of senses included. What
may not stay is taken back whole, and the form shown again with the reason above it.
"""

from collections.abc import Callable
from functools import partial
from typing import Any

import pghistory
from django import forms
from django.contrib import admin, messages
from django.contrib.admin.utils import flatten_fieldsets
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, QueryDict
from django.template.response import TemplateResponse
from django.utils import timezone

from terms import editing, rights
from terms.admin.fields import MomentWidget, SearchesById, WhyField
from terms.admin.limits import limits
from terms.admin.meeting import Contested, meeting, realigned, sent_again, without_again
from terms.conflicts import questions
from terms.editing import Stale, locked
from terms.models import PlannedPublication, Term
from terms.querysets import PUBLIC
from terms.writing import Refused

STEP = ("seen_version", "reason", "publish_at")


class StepForm(forms.ModelForm[Term]):
    """The term's own fields, with those of the step: why, when, and of which version."""

    problem = ""  # why the same form was not kept a moment ago
    seen_version = forms.IntegerField(required=False, widget=forms.HiddenInput)
    reason = WhyField("A comment on this step, kept in the history.")
    publish_at = forms.SplitDateTimeField(
        required=False,
        label="Publish at",
        help_text="For a draft or a term in review: when it is to be published by itself.",
        widget=MomentWidget,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self.initial["seen_version"] = self.instance.version
            plan = PlannedPublication.objects.filter(term=self.instance).first()
            self.initial["publish_at"] = plan and plan.at

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if cleaned.get("publish_at") and "publish_at" in self.changed_data:
            if cleaned["publish_at"] <= timezone.now():
                self.add_error("publish_at", "This time has passed.")
            elif cleaned.get("status") in PUBLIC:
                self.add_error("publish_at", "The term is public as soon as it is saved.")
        if self.problem:
            raise ValidationError(self.problem)
        return cleaned


class StepAdmin(SearchesById, admin.ModelAdmin[Term]):
    form = StepForm

    def has_change_permission(self, request: HttpRequest, obj: Term | None = None) -> bool:
        if obj is None:
            return super().has_change_permission(request)
        return _decided(request, obj, rights.may_change)

    def has_delete_permission(self, request: HttpRequest, obj: Term | None = None) -> bool:
        if obj is None:
            return super().has_delete_permission(request)
        return _decided(request, obj, rights.may_delete)

    def get_fieldsets(self, request: HttpRequest, obj: Term | None = None) -> Any:
        """Who may only look takes no step."""
        fieldsets = super().get_fieldsets(request, obj)
        if obj is None or self.has_change_permission(request, obj):
            return fieldsets
        steps = (*STEP, "merge_link")
        own = [name for name in flatten_fieldsets(fieldsets) if name not in steps]
        return [(None, {"fields": own})]

    def get_form(
        self, request: HttpRequest, obj: Term | None = None, change: bool = False, **kwargs: Any
    ) -> type[forms.ModelForm[Term]]:
        form: Any = super().get_form(request, obj, change, **kwargs)
        form.problem = getattr(request, "problem", "")
        return form

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        """The term in the context may have values of a form that was refused."""
        original = context.get("original")
        stored = Term.objects.filter(pk=original.pk).first() if original else None
        context["limits"] = limits(request.user, stored)
        return super().render_change_form(request, context, *args, **kwargs)

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        view = super().changeform_view
        try:
            with pghistory.context(reason=request.POST.get("reason", "")[:200]):
                return view(request, object_id, form_url, extra_context)
        except Contested as contested:
            return self._ask(request, contested)
        except (rights.Denied, Refused, Stale) as problem:
            vars(request)["problem"] = str(problem)
            return view(request, object_id, form_url, extra_context)

    def _ask(self, request: HttpRequest, contested: Contested) -> HttpResponse:
        """Which text stays, of the fields that both changed."""
        context = {
            **self.admin_site.each_context(request),
            "title": "Which text stays?",
            "opts": self.opts,
            "original": contested.term,
            "rows": questions(contested.merged.conflicts),
            "version": contested.version,
            "sent": sent_again(request.POST),
        }
        return TemplateResponse(request, "admin/terms/term/meeting.html", context, status=409)

    def get_formset_kwargs(self, request: HttpRequest, obj: Any, inline: Any, prefix: str) -> Any:
        """Rows that somebody has taken away or added too are no error: both sides are merged."""
        kwargs: dict[str, Any] = super().get_formset_kwargs(request, obj, inline, prefix)
        if "data" in kwargs:
            there = kwargs["queryset"].filter(**{_key_to(inline): obj.pk}) if obj.pk else ()
            data = realigned(kwargs["data"], prefix, [row.pk for row in there])
            if obj.pk and hasattr(inline, "is_there") and _is_stale(data, obj):
                data = without_again(data, prefix, partial(inline.is_there, obj))
            kwargs["data"] = data
        return kwargs

    def save_model(self, request: HttpRequest, obj: Term, form: Any, change: bool) -> None:
        before = locked(obj) if change else None
        rights.check_start(request.user, before)
        form.meeting = meeting(before, form.cleaned_data["seen_version"]) if before else None
        if not change or set(form.changed_data) - set(STEP):
            super().save_model(request, obj, form, change)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        term: Term = form.instance
        if form.meeting:
            self._meet(request, term, form)
        rights.check_end(request.user, term.name, term.status, rights.topics_of(term))
        if term.is_public and not term.senses.exists():
            raise Refused({"senses": ["A public term has one sense or more."]})
        self._plan(request, term, form)

    def _meet(self, request: HttpRequest, term: Term, form: Any) -> None:
        """Makes the term say what both sides say. Raises meeting.Contested."""
        entry = form.meeting.settled(term, request.POST)
        editing.save(entry, term, by=request.user, reason=form.cleaned_data["reason"])  # type: ignore[arg-type]  # admin_view asks for a log-in
        term.refresh_from_db()
        said = f"“{term}” had changed since you opened it. What both of you changed is in it."
        self.message_user(request, said, messages.WARNING)

    def _plan(self, request: HttpRequest, term: Term, form: Any) -> None:
        """Keeps, moves or drops the time of publication. Who sets it must be able to publish."""
        at = form.cleaned_data["publish_at"]
        if term.is_public or not at:
            PlannedPublication.objects.filter(term=term).delete()
        elif "publish_at" in form.changed_data:
            published = Term.Status.PUBLISHED
            rights.check_end(request.user, term.name, published, rights.topics_of(term))
            plan = {"at": at, "by": request.user, "comment": form.cleaned_data["reason"]}
            PlannedPublication.objects.update_or_create(term=term, defaults={**plan, "problem": ""})


def _is_stale(data: QueryDict, term: Term) -> bool:
    """Whether the form is of another version than the stored one."""
    return data.get("seen_version") != str(term.version)


def _key_to(inline: Any) -> str:
    """The name of the row's key to its term."""
    return inline.fk_name or "term"


def _decided(request: HttpRequest, term: Term, right: Callable[[Any, Term], bool]) -> bool:
    """Whether the user has the right to the term as it was when the request came.

    Django asks again and again while it makes a page, of a term in which a form that is not saved
    may have put its values.
    """
    known: dict[tuple[Any, int], bool] = vars(request).setdefault("rights", {})
    if (right, term.pk) not in known:
        stored: Term | None = Term.objects.filter(pk=term.pk).first()
        known[right, term.pk] = right(request.user, stored or term)
    return known[right, term.pk]
