from typing import Any

from django import template
from django.template import Context

from glossary import system

register = template.Library()


@register.inclusion_tag("admin/dashboard/system.html", takes_context=True)
def system_at_a_glance(context: Context) -> dict[str, Any]:
    """Each part of the service and its state, for administrators."""
    may_see = context["user"].has_perm("embeddings.view_space")
    return {"parts": system.parts() if may_see else []}
