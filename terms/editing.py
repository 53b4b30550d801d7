"""An edit by somebody: with the right to it, of the version that they saw, and on record."""

from typing import TYPE_CHECKING

import pghistory
from django.db import transaction

from terms import rights
from terms.entry import Entry, lend
from terms.models import Term
from terms.writing import write

if TYPE_CHECKING:
    from django.contrib.auth.models import User


class Stale(Exception):
    """The term has changed since. `term` is as it is now; None when it was deleted."""

    def __init__(self, term: Term | None) -> None:
        super().__init__("The term has changed since you opened it.")
        self.term = term


@transaction.atomic
def save(
    entry: Entry,
    term: Term | None = None,
    *,
    by: "User",
    reason: str = "",
    version: int | None = None,
    make_topics: bool = False,
    read: Term | None = None,
) -> Term:
    """The term, new unless given, made to say the entry, if it still is of that version.

    `read`: the same term as it was read `with_parts`; it is used up. Raises Stale, rights.Denied,
    or Refused for what the entry has wrong; nothing is changed.
    """
    with pghistory.context(user=by.pk, reason=reason):
        current = locked(term, version) if term else None
        if current and read:
            lend(read, current)
        rights.check_step(by, current, entry)
        return write(entry, current, make_topics=make_topics)


@transaction.atomic
def delete(term: Term, *, by: "User", reason: str = "", version: int | None = None) -> None:
    """Raises Stale or rights.Denied."""
    with pghistory.context(user=by.pk, reason=reason):
        current = locked(term, version)
        if not rights.may_delete(by, current):
            raise rights.Denied(f"You may not delete “{current}”.")
        current.delete()


def locked(term: Term, version: int | None = None) -> Term:
    """The term as it is now; others wait until this transaction ends. Raises Stale."""
    current: Term | None = Term.objects.select_for_update().filter(pk=term.pk).first()
    if current is None or (version is not None and current.version != version):
        raise Stale(current)
    return current
