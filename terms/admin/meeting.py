"""Two editors on one term: the form of one meets what the other has saved since it was opened.

The form is stored as it is, so that “mine” is the very term that it makes; “theirs” is the term as
it was a moment before. What only one side changed is taken, and what both changed is asked by a
page that sends the whole form again, with the choices. Until then all of it is taken back.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from django.http import QueryDict

from terms.editing import Stale
from terms.entry import Entry, entry_of
from terms.merging import Merged, merge
from terms.models import Term
from terms.past import entry_at

CHOICE = "choice:"  # what the page puts before the path of a conflict
MET = "met_version"  # of the term that the choices were made about


class Contested(Exception):
    """Both sides changed the same; `merged.conflicts` are to be asked."""

    def __init__(self, term: Term, version: int, merged: Merged) -> None:
        super().__init__("The term has changed since you opened it.")
        self.term = term
        self.version = version
        self.merged = merged


@dataclass(frozen=True)
class Meeting:
    base: Entry
    theirs: Entry
    version: int

    def settled(self, term: Term, sent: Mapping[str, str]) -> Entry:
        """What both sides say, now that the term says mine. Raises Contested."""
        choices = chosen(sent) if sent.get(MET) == str(self.version) else {}
        merged = merge(self.base, self._mine(term), self.theirs, choices)
        if merged.conflicts:
            raise Contested(term, self.version, merged)
        return merged.entry

    def _mine(self, term: Term) -> Entry:
        """Without the keys made just now: what the other took away is known by its text."""
        entry = entry_of(term)
        keys = {sense.key for side in (self.base, self.theirs) for sense in side.senses}
        senses = [s if s.key in keys else replace(s, key="") for s in entry.senses]
        return replace(entry, senses=senses)


def meeting(term: Term, seen: int | None) -> Meeting | None:
    """With what was saved since that version, if anything was. Raises Stale for one unknown."""
    if seen is None or seen == term.version:
        return None
    base = entry_at(term, seen)
    if base is None:
        raise Stale(term)
    return Meeting(base, entry_of(term), term.version)


def chosen(sent: Mapping[str, str]) -> dict[str, str]:
    """The choices, by the paths of the conflicts.

    >>> chosen({"choice:name": "mine", "name": "circle"})
    {'name': 'mine'}
    """
    return {
        name.removeprefix(CHOICE): side for name, side in sent.items() if name.startswith(CHOICE)
    }


def sent_again(sent: QueryDict) -> list[tuple[str, str]]:
    """The whole form, for the page that asks. Without its choices, which are made anew."""
    left = {MET, "csrfmiddlewaretoken"}
    return [
        (name, value)
        for name, values in sent.lists()
        if name not in left and not name.startswith(CHOICE)
        for value in values
    ]


def without_again(
    data: QueryDict, prefix: str, is_there: Callable[[Mapping[str, str]], bool]
) -> QueryDict:
    """The rows of a group of forms, without new ones that somebody else has added since.

    >>> sent = QueryDict("a-TOTAL_FORMS=2&a-0-id=7&a-0-name=x&a-1-id=&a-1-name=x")
    >>> without_again(sent, "a", lambda row: row["name"] == "x").get("a-1-DELETE")
    'on'
    """
    changed = data.copy()
    for number in _rows(data, prefix):
        head = f"{prefix}-{number}-"
        row = {name.removeprefix(head): str(data[name]) for name in data if name.startswith(head)}
        if not row.get("id") and is_there(row):
            changed[f"{head}DELETE"] = "on"
    return changed


def realigned(data: QueryDict, prefix: str, there: Iterable[int]) -> QueryDict:
    """The rows of a group of forms, in which those that are gone since are rows to add.

    >>> sent = "a-TOTAL_FORMS=2&a-INITIAL_FORMS=2&a-0-id=7&a-0-name=x&a-1-id=8&a-1-name=y"
    >>> sorted(realigned(QueryDict(sent), "a", [8]).urlencode().split("&"))[:4]
    ['a-0-id=8', 'a-0-name=y', 'a-1-id=', 'a-1-name=x']
    """
    ids = {str(number) for number in there}
    rows = _rows(data, prefix)
    gone = [n for n in rows if (sent := data.get(f"{prefix}-{n}-id")) and sent not in ids]
    if not gone:
        return data
    stored = [n for n in rows if n not in gone and data.get(f"{prefix}-{n}-id")]
    new = [n for n in rows if n not in gone and n not in stored]
    changed = QueryDict(mutable=True)
    places = {number: place for place, number in enumerate([*stored, *gone, *new])}
    for name, values in data.lists():
        changed.setlist(_moved(name, prefix, places), values)
    changed[f"{prefix}-INITIAL_FORMS"] = str(len(stored))
    for number in gone:
        changed[f"{prefix}-{places[number]}-id"] = ""
    return changed


def _rows(data: QueryDict, prefix: str) -> list[int]:
    total: Any = data.get(f"{prefix}-TOTAL_FORMS", "")
    return list(range(min(int(total), 1_000))) if total.isascii() and total.isdecimal() else []


def _moved(name: str, prefix: str, places: Mapping[int, int]) -> str:
    head, _, rest = name.removeprefix(f"{prefix}-").partition("-")
    if not name.startswith(f"{prefix}-") or not head.isdecimal() or int(head) not in places:
        return name
    return f"{prefix}-{places[int(head)]}-{rest}"
