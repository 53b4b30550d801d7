"""REST for the words: what is public for everybody, and the same addresses for editors."""

from typing import Any

from django.db import transaction
from django.db.models import Prefetch, QuerySet
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import generics, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer
from rest_framework.views import APIView

from terms.addresses import Gone, Many, Moved, resolve
from terms.api.entries import (
    IF_MATCH,
    KEY,
    STATUS,
    EntrySerializer,
    EntryView,
    ReasonQuerySerializer,
    asks_as_editor,
    problems,
    with_everything,
)
from terms.api.filters import TermFilter
from terms.api.idempotency import once
from terms.api.parameters import parameters
from terms.api.serializers import (
    BundleSerializer,
    SuggestedSerializer,
    SuggestQuerySerializer,
    TermReferenceSerializer,
    TermSerializer,
    TopicSerializer,
)
from terms.api.versions import asked_for
from terms.api.writing import Removed, stored
from terms.entry_json import EntryJson
from terms.models import Bundle, BundleEntry, Term, Topic
from terms.suggest import suggest


class Terms(EntryView, generics.ListAPIView[Term]):
    """Public terms in alphabetical order, a page at a time; for editors, entries of any status."""

    is_reader_page = True
    cursor_ordering = ("name_key", "id")
    serializer_class = TermSerializer
    filterset_class = TermFilter

    def get_queryset(self) -> QuerySet[Term]:
        terms = self.wanted() if asks_as_editor(self.request) else Term.objects.published()
        return with_everything(terms)

    def get_serializer_class(self) -> type[BaseSerializer[Any]]:
        return EntrySerializer if asks_as_editor(self.request) else TermSerializer

    @extend_schema(parameters=[STATUS], responses=TermSerializer(many=True))
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().get(request, *args, **kwargs)

    @extend_schema(
        operation_id="terms_create",
        request=EntryJson,
        parameters=[ReasonQuerySerializer, KEY],
        responses={201: EntrySerializer, **problems(409, 422)},
    )
    def post(self, request: Request) -> Response:
        """A new term with all that belongs to it, a draft unless told."""
        return once(request, self._create)

    def _create(self) -> Response:
        term = self.writer().create(self.request.data)
        status = "" if term.is_public else "?status=all"
        return self.answer(term, 201, Location=api_url(term) + status)


class Suggest(APIView):
    is_reader_page = True

    @extend_schema(
        operation_id="suggest", parameters=[SuggestQuerySerializer], responses=SuggestedSerializer
    )
    def get(self, request: Request) -> Response:
        """Names and aliases that begin so, then misspelt ones, while one types."""
        asked = parameters(SuggestQuerySerializer, request)
        found = suggest(asked["q"], asked["lang"], asked["limit"])
        body = {"results": found, "next": None}
        return Response(SuggestedSerializer(body, context={"request": request}).data)


class TermDetail(EntryView, generics.GenericAPIView[Term]):
    is_reader_page = True
    serializer_class = TermSerializer
    pagination_class = None
    filter_backends = []
    queryset = Term.objects.none()

    @extend_schema(
        operation_id="terms_retrieve",
        parameters=[STATUS],
        responses={
            200: TermSerializer,
            300: OpenApiResponse(
                TermReferenceSerializer(many=True), "The name is shared: a choice."
            ),
            301: OpenApiResponse(None, "An alias or a former address; follow Location."),
            404: OpenApiResponse({"type": "object"}, "No such term."),
            410: OpenApiResponse({"type": "object"}, "The term was removed."),
        },
    )
    def get(self, request: Request, language: str, slug: str) -> Any:
        """One term, by its slug; an alias redirects, a shared alias answers with the choice."""
        if asks_as_editor(request):
            return self.answer(get_object_or_404(self.wanted().at(language, slug)))
        match resolve(language, slug):
            case Term(pk=pk):
                term = with_everything(Term.objects.filter(pk=pk)).get()
                return Response(self.get_serializer(term).data)
            case Moved(term):
                return redirect(api_url(term), permanent=True)
            case Many(_, terms):
                body = TermReferenceSerializer(terms, many=True, context={"request": request})
                return Response({"choices": body.data}, status=status.HTTP_300_MULTIPLE_CHOICES)
            case Gone(name):
                raise Removed(f"“{name}” was removed.")
        raise Http404

    @extend_schema(
        operation_id="terms_replace",
        request=EntryJson,
        parameters=[ReasonQuerySerializer, IF_MATCH],
        responses={200: EntrySerializer, **problems(409, 412, 422, 428)},
    )
    @transaction.atomic
    def put(self, request: Request, language: str, slug: str) -> Response:
        """The whole of a term: what is left out is empty; address and status stay."""
        term = stored(language, slug)
        version = asked_for(request, term)
        return self.answer(self.writer().replace(term, request.data, version))

    @extend_schema(
        operation_id="terms_merge",
        request=EntryJson(partial=True),
        parameters=[ReasonQuerySerializer, IF_MATCH],
        responses={200: EntrySerializer, **problems(409, 412, 422, 428)},
    )
    @transaction.atomic
    def patch(self, request: Request, language: str, slug: str) -> Response:
        """A JSON merge patch (RFC 7396) of the entry: lists are replaced as wholes."""
        term = stored(language, slug)
        version = asked_for(request, term)
        return self.answer(self.writer().merge(term, request.data, version))

    @extend_schema(
        operation_id="terms_delete",
        parameters=[ReasonQuerySerializer, IF_MATCH],
        responses={204: None, **problems(412, 428)},
    )
    def delete(self, request: Request, language: str, slug: str) -> Response:
        """The term with all that belongs to it. Its history stays; a public address says 410."""
        term = stored(language, slug)
        self.writer().delete(term, asked_for(request, term))
        return Response(status=status.HTTP_204_NO_CONTENT)


def api_url(term: Term) -> str:
    return reverse("api-term", args=[term.language, term.slug])


class Bundles(generics.ListAPIView[Bundle]):
    """Reading lists with their terms in order."""

    is_reader_page = True
    cursor_ordering = ("title", "id")
    serializer_class = BundleSerializer

    def get_queryset(self) -> QuerySet[Bundle]:
        entries = BundleEntry.objects.select_related("term").order_by("position")
        return Bundle.objects.published().prefetch_related(Prefetch("entries", entries))


class Topics(generics.ListAPIView[Topic]):
    """Subjects with the number of their public terms; `parent` makes them a tree."""

    is_reader_page = True
    cursor_ordering = ("name", "id")
    serializer_class = TopicSerializer

    def get_queryset(self) -> QuerySet[Topic]:
        return Topic.objects.published().with_counts().select_related("parent")
