"""A term's history as an editor reads it: who changed what, when and why, word by word."""

import difflib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.auth import get_user_model
from django.db.models import Q
from django.utils.html import format_html_join
from django.utils.safestring import SafeString

from terms.models import Alias, Example, Relation, Sense, Term
from terms.models.history import events_of

SHOWN = {
    Term: ("name", "slug", "language", "status", "replaced_by_id", "is_linked"),
    Sense: ("position", "definition", "part_of_speech", "register"),
    Example: ("position", "text", "source"),
    Alias: ("name", "kind"),
    Relation: ("from_term_id", "to_term_id", "kind", "provenance"),
}
WORD = re.compile(r"\S+\s*")
COMPARED = 1_000_000  # pairs of words: two texts of a thousand words each


@dataclass(frozen=True)
class Change:
    """One row inserted, updated or deleted, with the fields that changed."""

    at: datetime
    who: str
    why: str
    what: str
    action: str
    fields: list[tuple[str, SafeString]]


def changes(term: Term) -> list[Change]:
    """Every recorded change of the term and its parts, newest first. A fixed number of queries.

    A new version alone is none: it says that a part changed, which is told of the part.
    """
    names: dict[Any, str] = dict(get_user_model().objects.values_list("pk", "username"))
    found = [change for model, events in events(term) for change in _changes(model, events, names)]
    found = [change for change in found if change.fields or change.action != "update"]
    return sorted(found, key=lambda change: change.at, reverse=True)


def events(term: Term) -> Iterator[tuple[Any, Any]]:
    """The recorded events of the term and its parts, by model."""
    senses = events_of(Sense).filter(term=term.id)
    of = {
        Term: Q(pgh_obj=term.id),
        Sense: Q(term=term.id),
        Example: Q(sense__in=senses.values("pgh_obj")),
        Alias: Q(term=term.id),
        Relation: Q(from_term=term.id) | Q(to_term=term.id),
    }
    for model, condition in of.items():
        found = events_of(model).filter(condition).select_related("pgh_context")
        yield model, found.order_by("pgh_id")


def _changes(model: Any, events: Any, names: dict[Any, str]) -> Iterator[Change]:
    before: dict[int, Any] = {}
    for event in events:
        context = event.pgh_context.metadata if event.pgh_context else {}
        previous = before.get(event.pgh_obj_id)
        yield Change(
            event.pgh_created_at,
            names.get(context.get("user"), "unknown"),
            context.get("reason", ""),
            str(model._meta.verbose_name),
            event.pgh_label,
            _fields(model, previous, event),
        )
        before[event.pgh_obj_id] = event


def _fields(model: Any, previous: Any, event: Any) -> list[tuple[str, SafeString]]:
    shown = []
    for name in SHOWN[model]:
        old = _text(previous, name)
        new = "" if event.pgh_label == "delete" else _text(event, name)
        if old != new:
            shown.append((name.removesuffix("_id").replace("_", " "), word_diff(old, new)))
    return shown


def _text(event: Any, name: str) -> str:
    value = getattr(event, name, None)
    return "" if value is None else str(value)


def word_diff(old: str, new: str) -> SafeString:
    """The new text with what came and went marked by <ins> and <del>; escaped.

    >>> word_diff("a small cat", "a big cat")
    '<span>a </span><del>small</del><span> </span><ins>big</ins><span> </span><span>cat</span>'
    """
    parts = ((tag, text, tag) for tag, text in word_parts(old, new))
    return format_html_join("", "<{}>{}</{}>", parts)


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
