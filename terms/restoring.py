"""What was is made again: a version of a term, one field of it, a term that was deleted.

Each is an edit as any other (terms/editing.py): with the right to it, of the version that was seen,
and on record.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.contrib.auth import get_user_model
from django.db.models import Exists, OuterRef, QuerySet

from terms import editing, markup
from terms.differences import Difference, differences, with_field
from terms.entry import Entry, entry_of
from terms.models import Term
from terms.models.history import events_of
from terms.past import Past, past_at, pasts

if TYPE_CHECKING:
    from django.contrib.auth.models import User

LENGTH = 100  # the newest changes that are shown
NOBODY = "unknown"


@dataclass(frozen=True)
class FieldChange:
    """A field of a change; `is_undone` where the term says again what it said before."""

    difference: Difference
    is_undone: bool


@dataclass(frozen=True)
class Change:
    """One transaction as an editor reads it. `before`: the version that it changed."""

    version: int
    before: int | None
    at: datetime
    who: str
    why: str
    fields: list[FieldChange]
    meanings: list[tuple[str, tuple[str, str], tuple[str, str]]]
    is_present: bool


@dataclass(frozen=True)
class Restored:
    """The term that was made again. `left_out`: what could not be, as it is gone."""

    term: Term
    left_out: tuple[str, ...]


def changes(term: Term) -> list[Change]:
    """The last LENGTH transactions that changed the term, newest first. Fixed number of queries."""
    found: list[Past] = []
    for past in pasts(term):
        if not found or past.entry != found[-1].entry:
            found.append(past)
    names = _names({past.state.context.get("user") for past in found})
    pairs = list(zip([None, *found], found, strict=False))[::-1][:LENGTH]
    return [_change(old, new, found[-1].entry, names) for old, new in pairs]


def restore(
    term: Term, number: int, *, by: "User", field: str = "", version: int | None = None
) -> Restored | None:
    """The term made as it was in version `number`, or one field alone; None without that version.

    Raises what `editing.save` raises, and KeyError for a field that is not in either.
    """
    past = past_at(term, number)
    if past is None:
        return None
    entry = with_field(entry_of(term), field, past.entry) if field else past.entry
    what = (
        f"{field.rsplit('.')[-1].replace('_', ' ')} of version {number}"
        if field
        else f"version {number}"
    )
    saved = editing.save(entry, term, by=by, reason=f"restored {what}", version=version)
    return Restored(saved, past.left_out)


def deleted() -> QuerySet[Any]:
    """The events by which terms were deleted, newest first, each with who and why."""
    there = Term.objects.filter(pk=OuterRef("pgh_obj_id"))
    gone = events_of(Term).filter(pgh_label="delete").exclude(Exists(there))
    return gone.select_related("pgh_context").order_by("-pgh_id")


def restore_deleted(id: int, *, by: "User") -> Restored | None:
    """A term that was deleted, made anew at its old address; None where there never was one.

    Raises what `editing.save` raises: Refused where another term has the address.
    """
    if Term.objects.filter(pk=id).exists():
        return None
    past = next(iter(list(pasts(Term(pk=id)))[-1:]), None)
    if past is None:
        return None
    term = editing.save(past.entry, by=by, reason="restored the deleted term")
    return Restored(term, past.left_out)


def named(events: list[Any]) -> Iterator[tuple[Any, str, str]]:
    """Each event with who and why."""
    said = [event.pgh_context.metadata if event.pgh_context else {} for event in events]
    names = _names({context.get("user") for context in said})
    for event, context in zip(events, said, strict=True):
        yield event, names.get(context.get("user"), NOBODY), context.get("reason", "")


def _names(ids: set[Any]) -> dict[Any, str]:
    users = get_user_model().objects.filter(pk__in=ids - {None})
    return dict(users.values_list("pk", "username"))


def _change(old: Past | None, new: Past, present: Entry, names: dict[Any, str]) -> Change:
    before = old.entry if old else None
    away = {each.path for each in differences(before, present)}
    fields = [FieldChange(each, each.path not in away) for each in differences(before, new.entry)]
    return Change(
        version=new.state.version,
        before=old.state.version if old else None,
        at=new.state.at,
        who=names.get(new.state.context.get("user"), NOBODY),
        why=new.state.context.get("reason", ""),
        fields=fields,
        meanings=list(_meanings(before, new.entry)) if before else [],
        is_present=new.entry == present,
    )


def _meanings(old: Entry, new: Entry) -> Iterator[tuple[str, tuple[str, str], tuple[str, str]]]:
    """(sense, before, after) where the name or the definition of a sense that stayed changed."""
    was = {sense.key: (old.name, markup.plain(sense.definition)) for sense in old.senses}
    for number, sense in enumerate(new.senses, 1):
        now = (new.name, markup.plain(sense.definition))
        if was.get(sense.key, now) != now:
            yield f"Sense {number}", was[sense.key], now
