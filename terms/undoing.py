"""A whole import taken back: what it added goes, what it changed is as it was before.

What was touched since is left, and told. It is an edit as any other: with the right to each step,
in one transaction, on record, and what it took back can be restored from the history.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pghistory
from django.db import transaction
from django.utils import timezone

from terms import rights, unplacing
from terms.entry import Entry
from terms.entry_import import chunks, wait_for_others
from terms.models import ImportRun, Term
from terms.models.history import events_of
from terms.past import past_at
from terms.text import counted
from terms.writing import Refused, write_links, write_words

if TYPE_CHECKING:
    from django.contrib.auth.models import User


class NotDone(ValueError):
    """An import that has not changed anything, or not any more."""


@dataclass
class Undone:
    """What became of an import: terms by number, the names of what was touched since."""

    deleted: int = 0
    changed: int = 0
    bundles: int = 0
    left: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        """
        >>> str(Undone(2, bundles=1, left=["cup"]))
        '2 terms deleted, 1 bundle taken back, 1 left'
        """
        parts = {
            f"{counted(self.deleted, 'term')} deleted": True,
            f"{self.changed:,} as before": self.changed,
            f"{counted(self.bundles, 'bundle')} taken back": self.bundles,
            f"{len(self.left):,} left": self.left,
        }
        return ", ".join(said for said, applies in parts.items() if applies)


@transaction.atomic
def undo(run: ImportRun, *, by: "User | None" = None, dry_run: bool = False) -> Undone:
    """Raises NotDone, rights.Denied, or Refused where what was cannot be any more."""
    wait_for_others()
    run = ImportRun.objects.select_for_update().get(pk=run.pk)
    if not run.can_be_undone:
        raise NotDone(f"Import {run.pk} is {run.get_state_display()}; only what is done is undone.")
    context = {"reason": f"undo import {run.pk} of {run.file_name}"[:200]}
    with pghistory.context(**context | ({"user": by.pk} if by else {})):
        bundles, left = unplacing.take_bundles_back(run, by)
        undone = _Undoing(run, by).undo()
        undone.bundles, undone.left = bundles, left + undone.left
        unplacing.take_unused_back(run, by)
        run.state, run.left = run.State.UNDONE, undone.left
        run.undone_at, run.undone_by = timezone.now(), by
        run.save()
    transaction.set_rollback(dry_run)
    return undone


class _Undoing:
    """The terms of a run, as they are now, by what is to become of them."""

    def __init__(self, run: ImportRun, by: "User | None") -> None:
        self.by = by
        self.added: list[int] = []
        self.before: dict[int, int] = {}
        self.left: list[int] = []
        kept = list(run.terms.values_list("term_id", "before", "after"))
        for some in chunks(kept):
            self._sort(some)
        held = set(_held(self.added, [term for term, *_ in kept]))
        self.left += sorted(held)
        self.added = [pk for pk in self.added if pk not in held]

    def undo(self) -> Undone:
        restored = [self._restored(pk, version) for pk, version in self.before.items()]
        self._delete()
        for term, entry in restored:
            write_links(entry, term)
        return Undone(len(self.added), len(restored), left=list(_names(self.left)))

    def _sort(self, some: Iterable[tuple[int, int | None, int]]) -> None:
        """Nobody else writes these terms from now on."""
        terms = Term.objects.select_for_update(of=("self",)).order_by("pk")
        now = dict(terms.filter(pk__in=[pk for pk, *_ in some]).values_list("pk", "version"))
        for pk, before, after in some:
            if now.get(pk) != after:
                self.left.append(pk)
            elif before is None:
                self.added.append(pk)
            else:
                self.before[pk] = before

    def _restored(self, pk: int, version: int) -> tuple[Term, Entry]:
        """The words; what leads to other terms waits until those that were added are gone."""
        term = Term.objects.get(pk=pk)
        past = past_at(term, version)
        if past is None:
            raise Refused({"version": [f"Nothing is recorded of “{term}” before the import."]})
        if self.by:
            rights.check_step(self.by, term, past.entry)
        return write_words(past.entry, term), past.entry

    def _delete(self) -> None:
        for some in chunks(self.added):
            terms = Term.objects.filter(pk__in=some)
            for term in terms if self.by else ():
                if self.by and not rights.may_delete(self.by, term):
                    raise rights.Denied(f"You may not delete “{term}”.")
            terms.delete()


def _held(added: list[int], own: list[int]) -> Iterable[int]:
    """Those of the added that something else has come to stand on: a bundle, or another term."""
    for some in chunks(added):
        terms = Term.objects.filter(pk__in=some)
        yield from terms.filter(places__isnull=False).values_list("pk", flat=True)
        others = Term.objects.filter(replaced_by__in=some).exclude(pk__in=own)
        yield from others.values_list("replaced_by", flat=True)


def _names(ids: list[int]) -> Iterable[str]:
    """What the terms are called, or were before they were deleted."""
    names = dict(Term.objects.filter(pk__in=ids).values_list("pk", "name"))
    gone = [pk for pk in ids if pk not in names]
    events = events_of(Term).filter(pgh_obj__in=gone).order_by("pgh_id")
    was = dict(events.values_list("pgh_obj", "name")) if gone else {}
    for pk in ids:
        yield names.get(pk) or f"{was.get(pk, '?')} (deleted)"
