"""Proposals by REST: made by who may propose, and decided by those whom it concerns."""

from typing import Any

from django.db.models import QuerySet
from django.http import Http404
from drf_spectacular.utils import extend_schema
from rest_framework import generics, serializers
from rest_framework.permissions import SAFE_METHODS
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from terms import editing, rates, rights
from terms.api.authentication import is_allowed, token_of
from terms.api.entries import KEY, kept_by_nobody, problems
from terms.api.idempotency import once
from terms.api.parameters import parameters
from terms.api.parsers import EntryParser
from terms.api.problems import Problem, unseen
from terms.api.serializers import TermReferenceSerializer
from terms.api.writing import merged, read, within
from terms.entry import Entry, entry_of
from terms.entry_json import EntryJson, from_json, to_json, validated
from terms.models import Proposal, Scope, Term
from terms.models.proposal import MAX_NOTE
from terms.proposing import proposed
from terms.text import LANGUAGE_TAG, TextError, clean
from terms.writing import Refused, check

THE_EDITORS = ("language", "slug", "status", "replaced_by", "is_linked")  # theirs to change


class NoteField(serializers.CharField):
    """Text that somebody reads beside a proposal."""

    def __init__(self, **options: Any) -> None:
        super().__init__(max_length=MAX_NOTE, **options)

    def to_internal_value(self, data: Any) -> str:
        try:
            return clean(super().to_internal_value(data))
        except TextError as error:
            raise serializers.ValidationError(str(error)) from error


class PlaceSerializer(serializers.Serializer[Any]):
    language = serializers.RegexField(rf"^{LANGUAGE_TAG}\Z", default="en")
    slug = serializers.CharField()


class ProposingSerializer(serializers.Serializer[Any]):
    """A new term; or with `term` and `version` an edit, of which `entry` names what changes."""

    entry = serializers.DictField(help_text="As POST of a term takes it: its words and relations.")
    term = PlaceSerializer(default=None, allow_null=True)
    version = serializers.IntegerField(
        default=None, allow_null=True, min_value=1, help_text="Of the term, as you have seen it."
    )
    note = NoteField(default="", allow_blank=True, help_text="Why, for who decides.")


class ProposalSerializer(serializers.ModelSerializer[Proposal]):
    """`version` is that of the term which the proposer saw; null of a new term."""

    name = serializers.CharField(source="__str__")
    language = serializers.CharField(source="entry.language")
    term = serializers.SerializerMethodField()
    proposer = serializers.CharField(source="proposer.username", allow_null=True, default=None)
    decided_by = serializers.CharField(source="decided_by.username", allow_null=True, default=None)

    class Meta:
        model = Proposal
        fields = [
            "id",
            "name",
            "language",
            "state",
            "term",
            "version",
            "note",
            "proposer",
            "created_at",
            "decided_at",
            "decided_by",
            "answer",
        ]

    def get_term(self, proposal: Proposal) -> TermReferenceSerializer(allow_null=True):  # type: ignore[valid-type]
        """What is edited, or was made; null while the proposer may not see it."""
        term = proposal.term
        if term is None or not (term.is_public or self.sees_drafts):
            return None
        return TermReferenceSerializer(term, context=self.context).data

    @property
    def sees_drafts(self) -> bool:
        request: Request = self.context["request"]
        may = is_allowed(Scope.EDIT, request, token_of(request._request))
        return may and request.user.has_perm("terms.view_term")


class WholeProposalSerializer(ProposalSerializer):
    entry = serializers.SerializerMethodField()

    class Meta(ProposalSerializer.Meta):
        fields = [*ProposalSerializer.Meta.fields, "entry"]

    def get_entry(self, proposal: Proposal) -> EntryJson:
        if self.sees_drafts:
            return proposal.entry
        return to_json(proposed.seen(from_json(proposal.entry)))  # type: ignore[return-value]


class ListQuerySerializer(serializers.Serializer[Any]):
    queue = serializers.BooleanField(
        default=False, help_text="What waits for your decision. Needs the scope `edit`."
    )
    state = serializers.ChoiceField(Proposal.State.choices, required=False)


class ProposalView(APIView):
    """One's own proposals take the scope `propose`; what is for editors takes `edit`."""

    parser_classes = [EntryParser]

    @property
    def scope(self) -> str:
        return Scope.PROPOSE

    def finalize_response(
        self, request: Request, response: Response, *args: Any, **kwargs: Any
    ) -> Response:
        return kept_by_nobody(super().finalize_response(request, response, *args, **kwargs))

    def answer(self, proposal: Proposal, status: int = 200, **headers: str) -> Response:
        found = known().get(pk=proposal.pk)
        body = WholeProposalSerializer(found, context={"request": self.request}).data
        return Response(body, status, headers=headers)


def known() -> QuerySet[Proposal]:
    """Proposals with all that their serialisers read."""
    return Proposal.objects.select_related("term", "proposer", "decided_by")


class Proposals(ProposalView, generics.ListAPIView[Proposal]):
    cursor_ordering = ("created_at", "id")
    serializer_class = ProposalSerializer
    filter_backends = []

    @property
    def scope(self) -> str:
        return Scope.EDIT if "queue" in self.request.GET else Scope.PROPOSE

    def check_permissions(self, request: Request) -> None:
        super().check_permissions(request)
        if request.method not in SAFE_METHODS and not rights.may_propose(request.user):
            self.permission_denied(request, "To propose, an account has to be a contributor's.")

    def get_queryset(self) -> QuerySet[Proposal]:
        asked = parameters(ListQuerySerializer, self.request)
        found = known()
        if "state" in asked:
            found = found.filter(state=asked["state"])
        if asked["queue"]:
            return rights.decidable_by(self.request.user, found.filter(state="open"))  # type: ignore[arg-type]
        return found.filter(proposer=self.request.user.pk)

    @extend_schema(operation_id="proposals_list", parameters=[ListQuerySerializer])
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Your own proposals, the oldest first; or those that wait for you to decide."""
        return super().get(request, *args, **kwargs)

    @extend_schema(
        operation_id="proposals_create",
        request=ProposingSerializer,
        parameters=[KEY],
        responses={201: WholeProposalSerializer, **problems(404, 409, 412, 422, 428, 429)},
    )
    def post(self, request: Request) -> Response:
        """Proposes a new term, or an edit of one that readers see, as it was in a version."""
        return once(request, self._propose)

    def _propose(self) -> Response:
        asked = validated(ProposingSerializer(), self.request.data)
        term = seen_term(**asked["term"], version=asked["version"]) if asked["term"] else None
        base = entry_of(term) if term else None
        with within("entry"):
            entry = wanted(asked["entry"], base, term)
        if not rates.PROPOSE_BY_REST.allows_anyhow(str(self.request.user.pk)):
            raise Problem(429, f"{rates.PROPOSE_BY_REST.most} proposals an hour are enough.")
        by = self.request.user.pk
        proposal = proposed.keep(entry, base, term, by=by, note=asked["note"])
        return self.answer(proposal, 201, Location=f"/api/v1/proposals/{proposal.pk}")


def seen_term(language: str, slug: str, version: int | None) -> Term:
    """The public term, which nobody changes until this is done. Raises Http404, Problem, Stale."""
    term = Term.objects.published().at(language, slug).first()
    if term is None:
        raise Http404(f"There is no term at {language}/{slug}.")
    if version is None:
        raise unseen()
    return editing.locked(term, version)


def wanted(data: Any, base: Entry | None, term: Term | None) -> Entry:
    """What the term is to say; whatever is left out of an edit stays. Raises Refused."""
    said = read(merged(to_json(proposed.seen(base)), data) if base else data)
    base = base or Entry("", language=said.language, status=Term.Status.DRAFT)
    check_left(said, base)
    entry = proposed.proposed(said, base, term)
    check(entry, term)
    if term and proposed.is_same(entry, base):
        raise Refused({"": ["The term says all of this already."]})
    if not term and proposed.is_there(entry):
        raise Refused({"name": ["There is a term of this name. Propose an edit of it instead."]})
    return entry


def check_left(said: Entry, base: Entry) -> None:
    """Raises Refused for what a proposal does not change."""
    errors = {
        name: ["This is left to the editors."]
        for name in THE_EDITORS
        if getattr(said, name) not in (getattr(base, name), None)
    }
    if errors:
        raise Refused(errors)


class ProposalDetail(ProposalView):
    @property
    def scope(self) -> str:
        return Scope.EDIT if self._is_allowed(Scope.EDIT) else Scope.PROPOSE

    def _is_allowed(self, scope: str) -> bool:
        return is_allowed(scope, self.request, token_of(self.request._request))

    @extend_schema(
        operation_id="proposals_retrieve",
        responses={200: WholeProposalSerializer, **problems(404)},
    )
    def get(self, request: Request, number: int) -> Response:
        """A proposal of yours, or one that you may decide, with what became of it."""
        found = known().filter(pk=number).first()
        if found is None or not self._may_see(found):
            raise Http404("There is no such proposal of yours, or for you to decide.")
        return self.answer(found)

    def _may_see(self, proposal: Proposal) -> bool:
        user = self.request.user
        is_own = proposal.proposer_id == user.pk
        if is_own and self._is_allowed(Scope.PROPOSE):
            return True
        return self._is_allowed(Scope.EDIT) and rights.may_decide(user, proposal)
