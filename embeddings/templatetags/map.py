import logging
from typing import Any

from django import template
from django.db import DatabaseError

from embeddings.neighbourhood import around
from terms.models import Term

register = template.Library()
log = logging.getLogger(__name__)


@register.inclusion_tag("embeddings/where_on_map.html")
def where_on_map(term: Term) -> dict[str, Any]:
    """The map around a term; nothing at all when there is no map, or when it cannot be read."""
    try:
        return {"term": term, "around": around(term)}
    except DatabaseError as error:
        log.warning("no map around %s: %s", term.slug, error)
        return {}
