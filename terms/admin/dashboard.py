"""The words' part of the admin's front page: what waits, what is wanted, what is weak.

A fixed number of queries. Each figure leads to the list that has as many rows.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from django.urls import reverse

from terms.models import Miss, PlannedPublication, Proposal, Term
from terms.text import counted

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser, User

LISTED = 5


@dataclass(frozen=True)
class Item:
    """A row of a short list: `since` when it has waited, or what else there is to say."""

    name: str
    address: str = ""
    since: datetime | None = None
    said: str = ""


@dataclass(frozen=True)
class Figure:
    """A number, the address of the list that it counts, and the first of that list."""

    name: str
    count: int
    address: str = ""
    items: tuple[Item, ...] = ()


def waiting(user: "User | AnonymousUser") -> list[Figure]:
    """What somebody has to decide on, the oldest first."""
    figures = [_in_review(), *_publications()] if user.has_perm("terms.view_term") else []
    return [*figures, _proposals()] if user.has_perm("terms.view_proposal") else figures


def lacking(user: "User | AnonymousUser") -> list[Figure]:
    """What readers looked for in vain, and what is weak in the words that there are."""
    figures = [_wanted()] if user.has_perm("terms.view_miss") else []
    if not user.has_perm("terms.view_term"):
        return figures
    stale = Term.objects.stale().order_by("updated_at", "pk")
    oldest = (Item(term.name, change_of(term.pk), term.updated_at) for term in stale[:LISTED])
    return [
        *figures,
        Figure("Unchanged for a year", stale.count(), list_of(lacks="change"), tuple(oldest)),
        Figure(
            "Without an example", Term.objects.without_examples().count(), list_of(lacks="example")
        ),
        Figure("Without a source", Term.objects.without_sources().count(), list_of(lacks="source")),
    ]


def _in_review() -> Figure:
    terms = Term.objects.in_review()
    items = tuple(Item(term.name, change_of(term.pk), term.since) for term in terms[:LISTED])
    return Figure("In review", terms.count(), list_of(status__exact="review"), items)


def _publications() -> list[Figure]:
    plans = PlannedPublication.objects.select_related("term").order_by("at")
    refused = plans.refused()
    return [
        Figure(
            "Planned publications",
            plans.count(),
            list_of(plan="planned"),
            _plans(plan for plan in plans.filter(problem="")[:LISTED]),
        ),
        Figure(
            "Could not be published",
            refused.count(),
            list_of(plan="problem"),
            _plans(plan for plan in refused[:LISTED]),
        ),
    ]


def _plans(plans: Iterable[PlannedPublication]) -> tuple[Item, ...]:
    return tuple(
        Item(
            plan.term.name,
            change_of(plan.pk),
            said=plan.problem or f"on {plan.at:%d %B %Y at %H:%M} UTC",
        )
        for plan in plans
    )


def _proposals() -> Figure:
    proposals = Proposal.objects.open()
    items = tuple(
        Item(str(each), reverse("proposal", args=[each.pk]), since=each.created_at)
        for each in proposals[:LISTED]
    )
    return Figure("Open proposals", proposals.count(), reverse("queue"), items)


def _wanted() -> Figure:
    misses = Miss.objects.all()
    add = reverse("admin:terms_term_add")
    items = tuple(
        Item(
            miss.query, f"{add}?{urlencode({'name': miss.query})}", said=counted(miss.count, "time")
        )
        for miss in misses[:LISTED]
    )
    return Figure("Wanted terms", misses.count(), reverse("admin:terms_miss_changelist"), items)


def list_of(**filters: str) -> str:
    """The address of the list of terms, filtered."""
    return f"{reverse('admin:terms_term_changelist')}?{urlencode(filters)}"


def change_of(pk: int) -> str:
    return reverse("admin:terms_term_change", args=[pk])
