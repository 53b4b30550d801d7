"""REST for the space: search, related terms, and the spaces themselves."""

from typing import Any

from django.http import Http404
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import generics, status
from rest_framework.exceptions import APIException, NotFound, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from embeddings.api.serializers import (
    AnswerSerializer,
    ExplainQuerySerializer,
    ExplanationSerializer,
    LimitSerializer,
    RelatedSerializer,
    SearchQuerySerializer,
    SpaceSerializer,
    TwoSpacesQuerySerializer,
    TwoSpacesSerializer,
)
from embeddings.encoders import EncoderUnavailable, load_for_query
from embeddings.explain import explain
from embeddings.lookup import Mode
from embeddings.models import Space
from embeddings.related import suggestions
from embeddings.side_by_side import side_by_side
from embeddings.steps import BadMark, Guided, guided
from embeddings.tuning.asked import NotThere, asking
from terms.api.parameters import parameters
from terms.contrast import contrast
from terms.models import Sense, Term, Topic


class Search(APIView):
    is_reader_page = True

    @extend_schema(
        operation_id="search",
        parameters=[SearchQuerySerializer],
        responses={
            200: AnswerSerializer,
            404: OpenApiResponse({"type": "object"}, "No such tuning for questions."),
        },
    )
    def get(self, request: Request) -> Response:
        """Terms by name or by meaning, best first, each with the reason why it is there."""
        asked = parameters(SearchQuerySerializer, request)
        answer = _answer(asked)
        body = {
            "results": answer.hits,
            "next": None,
            "meaning": answer.meaning.value,
            "space": answer.space,
            "contrast": contrast(*answer.rivals) if answer.rivals else None,
            "path": answer.path,
        }
        return Response(AnswerSerializer(body, context={"request": request}).data)


def _answer(asked: dict[str, Any]) -> Guided:
    """The answer to checked parameters.

    Raises ValidationError for marks that cancel out, NotFound for a tuning that is not there.
    """
    topic = asked.get("topic")
    inside = Topic.objects.with_descendants(topic.slug) if topic else None
    try:
        space = asking(Space.objects.serving(), asked["tuned"])
        return guided(
            asked["q"],
            asked["lang"],
            Mode(asked["mode"]),
            asked["limit"],
            space,
            context=asked["context"],
            topics=None if inside is None else list(inside.values_list("id", flat=True)),
            marked=asked["mark"],
        )
    except NotThere as error:
        raise NotFound(str(error)) from error
    except BadMark as error:
        raise ValidationError({"mark": [str(error)]}) from error


class MeaningIsOff(APIException):
    status_code = status.HTTP_503_SERVICE_UNAVAILABLE
    default_detail = "Questions cannot be encoded at present: see /readyz."


class Explain(APIView):
    is_reader_page = True

    @extend_schema(
        operation_id="explain",
        parameters=[ExplainQuerySerializer],
        responses={
            200: ExplanationSerializer,
            404: OpenApiResponse({"type": "object"}, "No such sense."),
            503: OpenApiResponse({"type": "object"}, "The model is not ready."),
        },
    )
    def get(self, request: Request) -> Response:
        """Why a sense is near a question: the words without which it would be less near."""
        asked = parameters(ExplainQuerySerializer, request)
        sense = Sense.objects.published().select_related("term").filter(key=asked["sense"]).first()
        space = Space.objects.serving()
        if sense is None:
            raise Http404
        if space is None or not space.knows(sense.term.language):
            raise MeaningIsOff
        try:
            explained = explain(load_for_query(space.encoder), asked["q"], sense.definition_text)
        except EncoderUnavailable as error:
            raise MeaningIsOff from error
        return Response(ExplanationSerializer(explained).data)


class Related(APIView):
    is_reader_page = True

    @extend_schema(
        operation_id="terms_related", parameters=[LimitSerializer], responses=RelatedSerializer
    )
    def get(self, request: Request, language: str, slug: str) -> Response:
        """Terms that the space suggests beside this one, without the curated relations."""
        limit = parameters(LimitSerializer, request)["limit"]
        term = Term.objects.published().at(language, slug).first()
        if term is None:
            raise Http404
        space = Space.objects.serving()
        known = space is not None and space.knows(language)
        found = suggestions(space, term, limit) if space and known else []
        body = {"results": found, "next": None, "model": space.model if space else None}
        return Response(RelatedSerializer(body, context={"request": request}).data)


class Spaces(generics.ListAPIView[Space]):
    """The latent spaces: the one that serves, those being built, and those kept as a way back."""

    is_reader_page = False  # progress changes without the glossary
    serializer_class = SpaceSerializer
    queryset = Space.objects.all()
    pagination_class = None

    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        rows = self.get_serializer(self.get_queryset(), many=True).data
        return Response({"results": rows, "next": None})


class TwoSpaces(APIView):
    is_reader_page = False  # a space that is being built answers more from minute to minute

    @extend_schema(
        operation_id="lab_spaces_compare",
        parameters=[TwoSpacesQuerySerializer],
        responses=TwoSpacesSerializer,
    )
    def get(self, request: Request) -> Response:
        """One question in two spaces, by meaning alone."""
        asked = parameters(TwoSpacesQuerySerializer, request)
        q, lang, one, other = (asked[name] for name in ("q", "lang", "one", "other"))
        found = side_by_side(q, lang, one, other, asked["limit"])
        return Response(TwoSpacesSerializer(found, context={"request": request}).data)
