"""What can be done with many terms at once: status, topics, relations. In one transaction."""

from typing import Any

import pghistory
from django import forms
from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse

from terms import rights
from terms.admin.fields import TermForm, WhyField
from terms.admin.step import StepAdmin
from terms.models import Relation, Sense, Term, Topic
from terms.models.sense import SenseTopic
from terms.querysets import PUBLIC, TermQuerySet
from terms.text import counted

MAX_TERMS = 1_000


class BulkForm(TermForm):
    status = forms.ChoiceField(required=False, choices=[("", "as it is"), *Term.Status.choices])
    add_topic = forms.ModelChoiceField(Topic.objects.all(), required=False, empty_label="none")
    remove_topic = forms.ModelChoiceField(Topic.objects.all(), required=False, empty_label="none")
    relation = forms.ChoiceField(
        required=False, choices=[("", "none"), *Relation.Kind.choices], label="Add relation"
    )
    to_term = forms.ModelChoiceField(Term.objects.all(), required=False, label="To term")
    reason = WhyField("Kept in the history of each term.")
    term_field = "to_term"

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if bool(cleaned.get("relation")) != bool(cleaned.get("to_term")):
            self.add_error("to_term", "A relation has a kind and a term.")
        if not any(cleaned.get(name) for name in self.fields if name != "reason"):
            raise forms.ValidationError("Choose what is to change.")
        return cleaned


class BulkAdmin(StepAdmin):
    actions = ["publish", "deprecate", "change_many", "export_chosen"]

    @admin.action(description="Publish", permissions=["change"])
    def publish(self, request: HttpRequest, terms: TermQuerySet) -> None:
        self._set_status(request, terms, Term.Status.PUBLISHED)

    @admin.action(description="Deprecate", permissions=["change"])
    def deprecate(self, request: HttpRequest, terms: TermQuerySet) -> None:
        self._set_status(request, terms, Term.Status.DEPRECATED)

    def _set_status(self, request: HttpRequest, terms: TermQuerySet, status: str) -> None:
        other = terms.exclude(status=status)
        chosen = list(other.values_list("pk", flat=True).distinct())
        changed = with_status(allowed(request.user, other, status), status)
        self._say(request, changed, len(chosen))

    def _say(self, request: HttpRequest, changed: int, of: int) -> None:
        self.message_user(request, f"{counted(changed, 'term')} changed.", messages.SUCCESS)
        if left := of - changed:
            why = "without a sense, or without a topic that you are responsible for."
            said = f"{counted(left, 'term')} left as before: {why}"
            self.message_user(request, said, messages.WARNING)

    @admin.action(description="Change status, topics or relations …", permissions=["change"])
    def change_many(self, request: HttpRequest, terms: TermQuerySet) -> HttpResponse | None:
        """A form about the chosen terms; sent, it comes back here."""
        ids = list(terms.order_by().values_list("pk", flat=True).distinct()[: MAX_TERMS + 1])
        if len(ids) > MAX_TERMS:
            said = f"At most {MAX_TERMS:,} terms at a time."
            self.message_user(request, said, messages.ERROR)
            return None
        data = request.POST if "apply" in request.POST else None
        form = BulkForm(data, admin_site=self.admin_site)
        if form.is_valid():
            self._say(request, change(request.user, ids, form.cleaned_data), len(ids))
            return None
        context = {
            **self.admin_site.each_context(request),
            "title": f"Change {counted(len(ids), 'term')}",
            "opts": self.opts,
            "form": form,
            "media": self.media + form.media,
            "terms": Term.objects.filter(pk__in=ids).order_by("name_key"),
            "checkbox": ACTION_CHECKBOX_NAME,
        }
        return TemplateResponse(request, "admin/terms/term/bulk.html", context)


@transaction.atomic
def change(user: Any, ids: list[int], wanted: dict[str, Any]) -> int:
    """Makes the changes to those of the terms that the user may change; returns how many."""
    terms = Term.objects.select_for_update(of=("self",)).order_by("pk")
    list(terms.filter(pk__in=ids).values_list("pk"))  # others wait
    allowed_ids = allowed(user, Term.objects.filter(pk__in=ids), wanted["status"])
    with pghistory.context(user=user.pk, reason=wanted["reason"]):
        senses = Sense.objects.filter(term__in=allowed_ids)
        if topic := wanted["remove_topic"]:
            SenseTopic.objects.filter(sense__in=senses, topic=topic).delete()
        if topic := wanted["add_topic"]:
            rows = [SenseTopic(sense=sense, topic=topic) for sense in senses]
            SenseTopic.objects.bulk_create(rows, ignore_conflicts=True)
        if other := wanted["to_term"]:
            relate(allowed_ids, other, wanted["relation"])
        if status := wanted["status"]:
            with_status(allowed_ids, status)
    return len(allowed_ids)


def allowed(user: Any, terms: TermQuerySet, status: str) -> list[int]:
    """The ids of the terms that the user may change, and give this status if any."""
    if status in PUBLIC:
        found = rights.publishable_by(user, terms).filter(senses__isnull=False)
    else:
        found = rights.changeable_by(user, terms)
    return sorted(set(found.values_list("pk", flat=True)))


def with_status(ids: list[int], status: str) -> int:
    """A term that is no longer deprecated is not replaced by another."""
    kept = {} if status == Term.Status.DEPRECATED else {"replaced_by": None}
    changed = Term.objects.filter(pk__in=ids).exclude(status=status)
    return changed.update(status=status, **kept)


def relate(ids: list[int], other: Term, kind: str) -> None:
    relations = []
    for pk in ids:
        if pk != other.pk:
            relation = Relation(from_term_id=pk, to_term_id=other.pk, kind=kind)
            relation.put_in_order()
            relations.append(relation)
    Relation.objects.bulk_create(relations, ignore_conflicts=True)
