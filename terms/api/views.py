"""REST for the words: read-only lists and single terms, public terms only."""

from typing import Any

from django.db.models import Prefetch, QuerySet
from django.http import Http404
from django.shortcuts import redirect
from django.urls import reverse
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import generics, status
from rest_framework.exceptions import APIException
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from terms.addresses import Gone, Many, Moved, resolve
from terms.api.filters import TermFilter
from terms.api.parameters import parameters
from terms.api.serializers import (
    BundleSerializer,
    SuggestedSerializer,
    SuggestQuerySerializer,
    TermReferenceSerializer,
    TermSerializer,
    TopicSerializer,
)
from terms.models import Bundle, BundleEntry, Relation, Term, Topic
from terms.suggest import suggest


def with_everything(terms: Any) -> QuerySet[Term]:
    """Terms with all that TermSerializer reads, in a fixed number of queries."""
    related = Relation.objects.select_related("from_term", "to_term")
    found: QuerySet[Term] = (
        terms.with_senses()
        .select_related("replaced_by")
        .prefetch_related(Prefetch("relations_out", related), Prefetch("relations_in", related))
    )
    return found


class Terms(generics.ListAPIView[Term]):
    """Public terms in alphabetical order, a page at a time."""

    is_reader_page = True
    cursor_ordering = ("name_key", "id")
    serializer_class = TermSerializer
    filterset_class = TermFilter

    def get_queryset(self) -> QuerySet[Term]:
        return with_everything(Term.objects.published())


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


class TermDetail(generics.GenericAPIView[Term]):
    is_reader_page = True
    serializer_class = TermSerializer
    pagination_class = None
    filter_backends = []
    queryset = Term.objects.none()

    @extend_schema(
        operation_id="terms_retrieve",
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


class Removed(APIException):
    status_code = status.HTTP_410_GONE


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
