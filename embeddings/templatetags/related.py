import logging
from typing import Any

from django import template
from django.db import DatabaseError

from embeddings.compare import address_of
from embeddings.models import Space
from embeddings.related import suggestions
from terms.models import Term

register = template.Library()
log = logging.getLogger(__name__)


@register.inclusion_tag("embeddings/related.html")
def related_terms(term: Term) -> dict[str, Any]:
    """What the space suggests beside a term; nothing at all when it cannot say."""
    try:
        space = Space.objects.serving()
        if space is None or not space.knows(term.language):
            return {"state": "off"}
        found = suggestions(space, term)
    except DatabaseError as error:
        log.warning("no related terms for %s: %s", term.slug, error)
        return {"state": "off"}
    state = "ready" if found else "building"
    return {"state": state, "space": space, "term": term, "suggestions": found}


@register.simple_tag
def comparison_of(one: Term, other: Term) -> str:
    """The address at which the two stand side by side."""
    return address_of(one, other)
