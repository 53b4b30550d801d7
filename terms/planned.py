"""Publishes terms at the time that was set for them."""

import pghistory
from django.core.exceptions import PermissionDenied
from django.db import transaction

from terms import rights
from terms.models import PlannedPublication, Term


def publish_due() -> int:
    """Publishes what is due; returns how many terms.

    What may not be published any more stays as it is, with the reason, and is not tried again.
    """
    return sum(_publish(pk) for pk in list(PlannedPublication.objects.due().values_list("pk")))


@transaction.atomic
def _publish(pk: tuple[int]) -> bool:
    """One term; False when another process has it, or when it may not be published."""
    due = PlannedPublication.objects.due().select_for_update(skip_locked=True, of=("self",))
    plan = due.select_related("term", "by").filter(pk=pk[0]).first()
    if plan is None:
        return False
    if problem := _problem(plan):
        plan.problem = problem
        plan.save()
        return False
    with pghistory.context(user=plan.by_id, reason=plan.comment or "published as planned"):
        Term.objects.filter(pk=plan.pk).update(status=Term.Status.PUBLISHED, replaced_by=None)
    plan.delete()
    return True


def _problem(plan: PlannedPublication) -> str:
    term = plan.term
    if not plan.by.is_active:
        return f"The account of {plan.by} is switched off."
    if not term.senses.exists():
        return "The term has no sense."
    try:
        rights.check_end(plan.by, term.name, Term.Status.PUBLISHED, rights.topics_of(term))
    except PermissionDenied as denied:
        return str(denied)
    return ""
