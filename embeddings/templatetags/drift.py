import logging
from collections.abc import Sequence

from django import template
from django.db import DatabaseError

from embeddings import drift
from embeddings.drift import Move, Reworded
from embeddings.encoders import EncoderUnavailable, load_for_query
from embeddings.models import Space
from embeddings.vectors import BadVectors
from terms.models import Term

register = template.Library()
log = logging.getLogger(__name__)


@register.simple_tag
def moves_of(term: Term, revisions: Sequence[Reworded]) -> dict[int, list[Move]]:
    """How far the revisions moved the senses, by version; nothing when the space cannot say."""
    try:
        space = Space.objects.serving()
        if space is None or not space.knows(term.language):
            return {}
        return drift.moves(space, load_for_query(space.encoder), term, revisions)
    except (DatabaseError, EncoderUnavailable, BadVectors) as error:
        log.warning("no moves of %s: %s", term.slug, error)
        return {}


@register.inclusion_tag("embeddings/moved.html")
def moved(moves: dict[int, list[Move]], revision: Reworded) -> dict[str, list[Move]]:
    """How far one of the revisions moved the senses."""
    return {"moves": moves.get(revision.version, [])}
