"""Decisions on proposals by REST, as the editors' queue makes them."""

from collections.abc import Callable, Iterable
from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from terms.api.entries import KEY, problems
from terms.api.idempotency import once
from terms.api.problems import Problem
from terms.api.proposals import NoteField, ProposalView, WholeProposalSerializer
from terms.conflicts import said
from terms.entry_json import validated
from terms.merging import MINE, THEIRS, Conflict
from terms.models import Proposal, Scope
from terms.proposing import decisions
from terms.proposing.decisions import Decided


class DecidingSerializer(serializers.Serializer[Any]):
    answer = NoteField(default="", allow_blank=True, help_text="The proposer reads it.")


class DecliningSerializer(DecidingSerializer):
    answer = NoteField(help_text="Why; the proposer reads it.")


class AcceptingSerializer(DecidingSerializer):
    choices = serializers.DictField(
        child=serializers.ChoiceField([MINE, THEIRS]),
        default=dict,
        help_text="Which text stays, the proposal's (mine) or the term's, by path of a conflict.",
    )


class DecisionView(ProposalView):
    """The proposal with what became of it; 409 when somebody was first."""

    @property
    def scope(self) -> str:
        return Scope.EDIT

    def decide(
        self, number: int, asks: DecidingSerializer, carry_out: Callable[..., object]
    ) -> Response:
        """`carry_out` is given the proposal and what was asked."""
        proposal = decisions.decidable(self.request.user, number)
        asked = validated(asks, self.request.data)
        try:
            carry_out(proposal, **asked)
        except Decided as error:
            raise Problem(409, "Somebody has decided on this proposal already.") from error
        return self.answer(proposal)


class Accept(DecisionView):
    @extend_schema(
        operation_id="proposals_accept",
        request=AcceptingSerializer,
        parameters=[KEY],
        responses={200: WholeProposalSerializer, **problems(404, 409, 410, 412, 422)},
    )
    def post(self, request: Request, number: int) -> Response:
        """Makes the term say it, with what has changed since; 409 tells what both changed."""
        return once(request, lambda: self.decide(number, AcceptingSerializer(), self.accept))

    def accept(self, proposal: Proposal, answer: str, choices: dict[str, str]) -> None:
        present = decisions.present(proposal)
        found = decisions.merged(proposal, present, choices)
        if found.conflicts and proposal.is_open:
            raise contested(found.conflicts)
        by: Any = self.request.user
        entry = found.entry if present else decisions.as_accepted(found.entry, by)
        version = proposal.term.version if proposal.term else None
        decisions.accept(proposal, entry, by=by, version=version, answer=answer)


def contested(conflicts: Iterable[Conflict]) -> Problem:
    rows = [
        {"path": each.path, "mine": said(each.mine), "theirs": said(each.theirs)}
        for each in conflicts
    ]
    return Problem(409, "Both changed this. Say in `choices` which text stays.", conflicts=rows)


class Decline(DecisionView):
    @extend_schema(
        operation_id="proposals_decline",
        request=DecliningSerializer,
        parameters=[KEY],
        responses={200: WholeProposalSerializer, **problems(404, 409, 422)},
    )
    def post(self, request: Request, number: int) -> Response:
        """Declines it, with a reason."""
        return once(request, lambda: self.decide(number, DecliningSerializer(), self.decline))

    def decline(self, proposal: Proposal, answer: str) -> None:
        by: Any = self.request.user
        decisions.decline(proposal, by=by, answer=answer)
