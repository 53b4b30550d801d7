import logging
from typing import Any

from django import template
from django.db import DatabaseError, transaction
from django.template import Context

from embeddings.admin import dashboard

register = template.Library()
log = logging.getLogger(__name__)


@register.inclusion_tag("admin/dashboard/space.html", takes_context=True)
def space_at_a_glance(context: Context) -> dict[str, Any]:
    """What the space says of the glossary, for whom may see terms; nothing without a space."""
    if not context["user"].has_perm("terms.view_term"):
        return {}
    try:
        with transaction.atomic():
            return {"findings": dashboard.findings()}
    except DatabaseError as error:
        log.warning("no findings of the space: %s", error)
        return {}
