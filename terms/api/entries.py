"""Terms as editors read and write them: the whole entry, drafts included, never kept by a cache."""

from typing import Any

from django.db.models import Prefetch, QuerySet
from django.utils.cache import patch_vary_headers
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse
from rest_framework import serializers
from rest_framework.permissions import SAFE_METHODS
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from terms.api.parameters import parameters
from terms.api.parsers import EntryParser, MergePatchParser
from terms.api.serializers import absolute
from terms.api.versions import etag
from terms.api.writing import Writer
from terms.entry import as_entry
from terms.entry_json import EntryJson, to_json
from terms.models import Relation, Scope, Term

RIGHTS = {
    "POST": "terms.add_term",
    "PUT": "terms.change_term",
    "PATCH": "terms.change_term",
    "DELETE": "terms.delete_term",
}
WRONG = {
    404: "There is nothing of this kind, or not for you.",
    409: "Another was first, or the request is still running; `detail` says which.",
    410: "The term has been deleted.",
    412: "The term has another version by now; `version` names it.",
    422: "The entry cannot be kept; `errors` says why, by path.",
    428: "The version that was seen is missing.",
    429: "Too many within an hour.",
}


class EntrySerializer(EntryJson):
    """The whole of a term as editors have it: what PUT takes, with what the service adds."""

    url = serializers.URLField(read_only=True)
    version = serializers.IntegerField(read_only=True)
    updated_at = serializers.DateTimeField(read_only=True)

    def to_representation(self, term: Any) -> dict[str, Any]:
        changed = self.fields["updated_at"].to_representation(term.updated_at)
        return {
            **to_json(as_entry(term)),
            "url": absolute(self, term.get_absolute_url()),
            "version": term.version,
            "updated_at": changed,
        }


STATUSES = ["all", *Term.Status.values]
ABOUT_STATUS = "For editors: entries of this status, drafts too. Needs the scope `edit`."


class StatusQuerySerializer(serializers.Serializer[Any]):
    status = serializers.ChoiceField(STATUSES, help_text=ABOUT_STATUS)


class ReasonQuerySerializer(serializers.Serializer[Any]):
    reason = serializers.CharField(
        max_length=200, default="", allow_blank=True, help_text="Why, for the history."
    )


STATUS = OpenApiParameter("status", enum=STATUSES, description=ABOUT_STATUS)
IF_MATCH = OpenApiParameter(
    "If-Match",
    location=OpenApiParameter.HEADER,
    required=True,
    description='The version that was seen, such as "v3".',
)
KEY = OpenApiParameter(
    "Idempotency-Key",
    location=OpenApiParameter.HEADER,
    description="A request that is sent again with it is done once.",
)


def problems(*statuses: int) -> dict[int, OpenApiResponse]:
    return {code: OpenApiResponse({"type": "object"}, WRONG[code]) for code in statuses}


def with_everything(terms: Any) -> QuerySet[Term]:
    """Terms with all that their serialisers read, in a fixed number of queries."""
    related = Relation.objects.select_related("from_term", "to_term")
    found: QuerySet[Term] = (
        terms.with_senses()
        .select_related("replaced_by")
        .prefetch_related(Prefetch("relations_out", related), Prefetch("relations_in", related))
    )
    return found


def asks_as_editor(request: Any) -> bool:
    """`status=` is an editor's question; without it everybody reads the same."""
    return request.method not in SAFE_METHODS or "status" in request.GET


def kept_by_nobody(answer: Response) -> Response:
    answer.headers["Cache-Control"] = "private, no-store"
    patch_vary_headers(answer, ["Authorization", "Cookie"])
    return answer


class EntryView(APIView):
    """What everybody reads; and what editors read and write, of the same addresses.

    For them it takes a token with the scope `edit`, or a session, of an account that may.
    """

    parser_classes = [EntryParser, MergePatchParser]
    has_entries = True

    @property
    def scope(self) -> str:
        return Scope.EDIT if self._is_for_editors() else Scope.READ

    def _is_for_editors(self) -> bool:
        return asks_as_editor(self.request)

    def check_permissions(self, request: Request) -> None:
        super().check_permissions(request)
        right = RIGHTS.get(str(request.method), "terms.view_term")
        if self._is_for_editors() and not request.user.has_perm(right):
            self.permission_denied(request, "You may not edit terms. Propose the change instead.")

    def finalize_response(
        self, request: Request, response: Response, *args: Any, **kwargs: Any
    ) -> Response:
        answer = super().finalize_response(request, response, *args, **kwargs)
        return kept_by_nobody(answer) if self._is_for_editors() else answer

    def writer(self) -> Writer:
        reason = parameters(ReasonQuerySerializer, self.request)["reason"]
        return Writer(self.request.user, reason)  # type: ignore[arg-type]

    def wanted(self) -> Any:
        """The terms of the status that an editor asks for."""
        status = parameters(StatusQuerySerializer, self.request)["status"]
        return Term.objects.all() if status == "all" else Term.objects.filter(status=status)

    def answer(self, term: Term, status: int = 200, **headers: str) -> Response:
        """The entry as it is stored now, with its version as ETag."""
        current = with_everything(Term.objects.filter(pk=term.pk)).get()
        entry = EntrySerializer(context={"request": self.request}).to_representation(current)
        return Response(entry, status, headers={"ETag": etag(current.version), **headers})
