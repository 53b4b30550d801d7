"""What the list of terms can be narrowed to, besides what a term is: what it waits for or lacks."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet

from terms.models import PlannedPublication, Term
from terms.querysets import TermQuerySet


class PlanFilter(admin.SimpleListFilter):
    title = "publication"
    parameter_name = "plan"

    def lookups(self, request: Any, model_admin: Any) -> list[tuple[str, str]]:
        return [("planned", "planned"), ("problem", "planned, with a problem")]

    def queryset(self, request: Any, queryset: QuerySet[Term]) -> QuerySet[Term]:
        plans = PlannedPublication.objects.all()
        match self.value():
            case "planned":
                return queryset.filter(pk__in=plans.values("term"))
            case "problem":
                return queryset.filter(pk__in=plans.refused().values("term"))
        return queryset


class LackFilter(admin.SimpleListFilter):
    """The same querysets that the dashboard counts."""

    title = "what it lacks"
    parameter_name = "lacks"
    QUERYSETS = {
        "change": ("a change within a year", TermQuerySet.stale),
        "example": ("an example", TermQuerySet.without_examples),
        "source": ("a source", TermQuerySet.without_sources),
    }

    def lookups(self, request: Any, model_admin: Any) -> list[tuple[str, str]]:
        return [(value, name) for value, (name, _) in self.QUERYSETS.items()]

    def queryset(self, request: Any, queryset: Any) -> QuerySet[Term]:
        if chosen := self.QUERYSETS.get(self.value() or ""):
            return chosen[1](queryset)
        return queryset
