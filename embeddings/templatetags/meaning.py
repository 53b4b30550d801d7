import logging
from typing import Any

from django import template
from django.db import DatabaseError

from embeddings.doubles import same_meanings as hints_of_same
from embeddings.encoders import EncoderUnavailable
from embeddings.hints import by_meaning
from embeddings.meaning_diff import meaning_diff
from embeddings.models import Space
from terms.entry import Entry
from terms.hints import Hint
from terms.hints import hints_of as words_hints
from terms.import_preview import Row
from terms.models import Term

register = template.Library()
log = logging.getLogger(__name__)


@register.inclusion_tag("admin/terms/term/meaning_diff.html", name="meaning_diff")
def what_changes(entry: Entry, term: Term | None, *, misses: bool = False) -> dict[str, Any]:
    """What the entry would change in the space; a sentence where that cannot be told."""
    space = Space.objects.serving()
    if space is None or not space.knows(entry.language):
        return {}
    try:
        return {"diff": meaning_diff(space, entry, term, misses=misses)}
    except (DatabaseError, EncoderUnavailable) as error:
        log.warning("no meaning diff of %s: %s", entry.name, error)
        return {}


@register.simple_tag
def remarks(entry: Entry, term: Term | None) -> list[Hint]:
    """What the space and the words object to in the entry; what might be added is for its form."""
    near, _ = by_meaning(entry, term, misses=False)
    found = [*near, *words_hints(entry, term.pk if term else None, misses=False)]
    return [hint for hint in found if not hint.action]


@register.simple_tag
def same_meanings(rows: list[Row] | None) -> list[tuple[Row, Hint | None]]:
    """Each row with the stored term that it may mean the same as, where it is new."""
    new = {n: row.entry for n, row in enumerate(rows or ()) if row.is_new and row.entry}
    found: dict[int, Hint | None] = {}
    try:
        if space := Space.objects.serving():
            found = dict(zip(new, hints_of_same(space, list(new.values())), strict=True))
    except (DatabaseError, EncoderUnavailable) as error:
        log.warning("no duplicates among the rows of an import: %s", error)
    return [(row, found.get(n)) for n, row in enumerate(rows or ())]
