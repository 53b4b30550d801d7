"""The recorded events of a term and its parts, and two texts compared word by word."""

import difflib
import re
from collections.abc import Iterator, Sequence
from typing import Any

from django.db.models import Q

from terms.models import Alias, Example, Relation, Sense, Term
from terms.models.history import events_of
from terms.models.sense import SenseSource, SenseTopic

WORD = re.compile(r"\S+\s*")
COMPARED = 1_000_000  # pairs of words: two texts of a thousand words each


def events(term: Term) -> Iterator[tuple[Any, Any]]:
    """The recorded events of the term and its parts, by model."""
    senses = events_of(Sense).filter(term=term.id)
    of_senses = Q(sense__in=senses.values("pgh_obj"))
    of: dict[Any, Q] = {
        Term: Q(pgh_obj=term.id),
        Sense: Q(term=term.id),
        Example: of_senses,
        SenseTopic: of_senses,
        SenseSource: of_senses,
        Alias: Q(term=term.id),
        Relation: Q(from_term=term.id) | Q(to_term=term.id),
    }
    for model, condition in of.items():
        found = events_of(model).filter(condition).select_related("pgh_context")
        yield model, found.order_by("pgh_id")


def word_parts(old: str, new: str) -> Iterator[tuple[str, str]]:
    """Both texts in one: ("span", what stayed), ("del", what went), ("ins", what came).

    Texts too long to be compared in a moment are replaced as a whole.

    >>> list(word_parts("", "a cat")), list(word_parts("a cat", "a cat sat"))
    ([('ins', 'a cat')], [('span', 'a cat '), ('ins', 'sat')])
    """
    before, after = (WORD.findall(text) for text in (old, new))
    for tag, a, b, c, d in _opcodes(before, after):
        if tag == "equal":
            yield "span", "".join(after[c:d])
        else:
            yield from _replaced("".join(before[a:b]), "".join(after[c:d]))


def _replaced(gone: str, come: str) -> Iterator[tuple[str, str]]:
    """The space at the end is not marked: a stroke through it is read as a dash."""
    between = " " if gone and come else ""
    last = come or gone
    space = last[len(last.rstrip()) :]
    parts = ("del", gone.rstrip()), ("span", between), ("ins", come.rstrip()), ("span", space)
    yield from ((tag, text) for tag, text in parts if text)


def _opcodes(before: list[str], after: list[str]) -> Sequence[tuple[str, int, int, int, int]]:
    if len(before) * len(after) > COMPARED:
        return [("replace", 0, len(before), 0, len(after))]
    old, new = ([word.rstrip() for word in words] for words in (before, after))
    return difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes()
