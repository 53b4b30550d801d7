import logging
from typing import Any

from django import template
from django.db import DatabaseError, transaction
from django.template import Context

from terms.admin import dashboard
from terms.admin.coverage import coverage

register = template.Library()
log = logging.getLogger(__name__)


@register.inclusion_tag("admin/dashboard/words.html", takes_context=True)
def words_at_a_glance(context: Context) -> dict[str, Any]:
    """What waits, is wanted, is weak: of that what the user may see."""
    user = context["user"]
    try:
        with transaction.atomic():
            return {"waiting": dashboard.waiting(user), "lacking": dashboard.lacking(user)}
    except DatabaseError as error:
        log.warning("no figures of the words: %s", error)
        return {}


@register.inclusion_tag("admin/dashboard/coverage.html", takes_context=True)
def coverage_by_topic(context: Context) -> dict[str, Any]:
    if not context["user"].has_perm("terms.view_term"):
        return {}
    try:
        with transaction.atomic():
            return {"coverage": coverage()}
    except DatabaseError as error:
        log.warning("no coverage by topic: %s", error)
        return {}
