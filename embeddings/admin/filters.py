"""What the list of terms can be narrowed to by what the space knows of them."""

from typing import Any

from django.contrib import admin
from django.db.models import Exists, OuterRef, QuerySet

from embeddings.calibration import Calibration
from embeddings.models import Pending, Space, Standing
from terms.models import Term

STATES = {"embedded": "embedded", "waiting": "waiting", "parked": "parked"}
STANDINGS = {
    "alone": "alone: no other term is near",
    "overlapping": "says what another term says",
    "moved": "moved in the last 30 days",
}


class EmbeddingStateFilter(admin.SimpleListFilter):
    title = "embedding"
    parameter_name = "embedding"

    def lookups(self, request: Any, model_admin: Any) -> list[tuple[str, str]]:
        return list(STATES.items())

    def queryset(self, request: Any, queryset: QuerySet[Term]) -> QuerySet[Term]:
        pending = Pending.objects.filter(sense__term=OuterRef("pk"), space__state="active")
        match self.value():
            case "parked":
                return queryset.filter(Exists(pending.filter(parked=True)))
            case "waiting":
                return queryset.filter(Exists(pending.filter(parked=False)))
            case "embedded":
                return queryset.exclude(Exists(pending)).filter(senses__isnull=False).distinct()
        return queryset


class StandingFilter(admin.SimpleListFilter):
    title = "standing in the space"
    parameter_name = "standing"

    def lookups(self, request: Any, model_admin: Any) -> list[tuple[str, str]]:
        return list(STANDINGS.items())

    def queryset(self, request: Any, queryset: QuerySet[Term]) -> QuerySet[Term]:
        if self.value() not in STANDINGS:
            return queryset
        space = Space.objects.serving()
        return standing_so(space, str(self.value()), queryset) if space else queryset.none()


def standing_so(space: Space, how: str, terms: QuerySet[Term]) -> QuerySet[Term]:
    """Those of the terms of which the last survey found that: the dashboard counts the same.

    A term is alone when all of its senses are; for the others one sense is enough.
    """
    standings = Standing.objects.filter(space=space)
    if how == "alone":
        below = Calibration.of(space).none_below
        company = standings.in_company(below).filter(sense__term=OuterRef("pk"))
        terms = terms.filter(~Exists(company))
        return terms.filter(pk__in=standings.alone(below).values("sense__term"))
    chosen = standings.overlapping() if how == "overlapping" else standings.moved()
    return terms.filter(pk__in=chosen.values("sense__term"))
