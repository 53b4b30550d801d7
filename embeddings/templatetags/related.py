import logging
from typing import Any

from django import template
from django.db import DatabaseError
from django.http import HttpRequest
from django.template import Context

from embeddings.compare import address_of
from embeddings.models import Space
from embeddings.related import suggestions
from terms.models import Term

register = template.Library()
log = logging.getLogger(__name__)


@register.inclusion_tag("embeddings/related.html", takes_context=True)
def related_terms(context: Context, term: Term) -> dict[str, Any]:
    """What the space suggests beside a term; nothing at all when it cannot say."""
    try:
        space = space_of(context.get("request"))
        if space is None or not space.knows(term.language):
            return {"state": "off"}
        found = suggestions(space, term)
    except DatabaseError as error:
        log.warning("no related terms for %s: %s", term.slug, error)
        return {"state": "off"}
    state = "ready" if found else "building"
    return {"state": state, "space": space, "term": term, "suggestions": found}


def space_of(request: HttpRequest | None) -> Space | None:
    """The active space, as the validator of a reader page has just read it."""
    found: Space | None = getattr(request, "space", None)
    return found or Space.objects.serving()


@register.simple_tag
def comparison_of(one: Term, other: Term) -> str:
    """The address at which the two stand side by side."""
    return address_of(one, other)
