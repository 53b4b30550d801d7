"""What an editor does with a proposal. One decision, whoever comes first; all of it or nothing."""

from dataclasses import replace
from typing import TYPE_CHECKING

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.shortcuts import get_object_or_404

from terms import editing, rights
from terms.entry import Entry, entry_of
from terms.entry_json import from_json
from terms.merging import THEIRS, Merged, merge
from terms.models import Proposal, Term

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.contrib.auth.models import AnonymousUser, User

State = Proposal.State


class Decided(Exception):
    """Somebody else was first."""


def decidable(user: "User | AnonymousUser", number: int) -> Proposal:
    """The proposal, if it is this user's to decide. Raises PermissionDenied, or Http404."""
    found = get_object_or_404(Proposal.objects.select_related("term", "proposer"), pk=number)
    if not rights.may_decide(user, found):
        raise PermissionDenied("Others are responsible for this proposal.")
    return found


def merged(
    proposal: Proposal,
    present: Entry | None,
    choices: "Mapping[str, str] | None" = None,
    otherwise: str = THEIRS,
) -> Merged:
    """What the term would say: the proposal, with what has changed since the proposer saw it."""
    mine = from_json(proposal.entry)
    if present is None:
        return Merged(mine)
    base = from_json(proposal.base) if proposal.base else Entry("", language=mine.language)
    return merge(base, mine, present, choices, otherwise)


def present(proposal: Proposal) -> Entry | None:
    """The term as it is."""
    return entry_of(proposal.term) if proposal.term else None


def as_accepted(entry: Entry, by: "User") -> Entry:
    """A new term is published by who may, else it waits in review."""
    may = rights.may_publish(by, rights.topics_said(entry))
    return replace(entry, status=Term.Status.PUBLISHED if may else Term.Status.REVIEW)


@transaction.atomic
def accept(
    proposal: Proposal, entry: Entry, *, by: "User", version: int | None = None, answer: str = ""
) -> Term:
    """The term that says the entry now. Raises Decided, and what `editing.save` raises."""
    _decide(proposal, State.ACCEPTED, by, answer)
    if proposal.is_orphan:
        raise editing.Stale(None)
    why = f"Proposed by {proposal.proposer or 'somebody without an account'}. {proposal.note}"
    term = editing.save(entry, proposal.term, by=by, reason=why.strip(), version=version)
    if proposal.term is None:
        Proposal.objects.filter(pk=proposal.pk).update(term=term)
    return term


def decline(proposal: Proposal, *, by: "User", answer: str) -> None:
    _decide(proposal, State.DECLINED, by, answer)


def withdraw(proposal: Proposal) -> None:
    if proposal.proposer:
        _decide(proposal, State.WITHDRAWN, proposal.proposer, "")


def _decide(proposal: Proposal, state: str, by: "User", answer: str) -> None:
    if not Proposal.objects.filter(pk=proposal.pk).decide(state, by, answer):
        raise Decided
