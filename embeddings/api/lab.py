"""REST for the latent lab: each operation by GET, and by POST where a vector is given as JSON."""

from typing import Any

from drf_spectacular.utils import OpenApiResponse, extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.exceptions import Throttled, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from embeddings.api.views import MeaningIsOff
from embeddings.encoders import EncoderUnavailable
from embeddings.lab import load
from embeddings.lab.bounds import RATE, is_beyond
from embeddings.lab.operation import Operation
from embeddings.lab.workspace import Workspace
from embeddings.operations import Impossible

DECIMALS = 6


class LanguageSerializer(serializers.Serializer[Any]):
    lang = serializers.RegexField(
        r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$", default="en", help_text="The language of the terms."
    )


class LabView(APIView):
    """One operation of the lab."""

    is_reader_page = True
    operation: Operation

    def get(self, request: Request) -> Response:
        return self._answer(request, request.query_params)

    def post(self, request: Request) -> Response:
        return self._answer(request, request.data)

    def _answer(self, request: Request, given: Any) -> Response:
        if is_beyond(request._request):
            raise Throttled(RATE.seconds)
        workspace = self._workspace(given)
        try:
            fields = self.operation.Asked(data=given, context={"workspace": workspace})
            fields.is_valid(raise_exception=True)
            asked = fields.validated_data
            result = self.operation.answer(workspace, **asked)
        except EncoderUnavailable as error:
            raise MeaningIsOff from error
        except Impossible as error:
            raise ValidationError({"": [str(error)]}) from error
        body = self.operation.Found(result, context={"request": request}).data
        body.pop("vectors")
        vectors = {name: told(vector) for name, vector in result.vectors.items()}
        return Response(
            {
                "operation": self.operation.name,
                "space": {"name": workspace.space.name, "model": workspace.space.model},
                **body,
                **({"vectors": vectors} if asked["vectors"] else {}),
            }
        )

    def _workspace(self, given: Any) -> Workspace:
        """Raises MeaningIsOff where no space serves, or its model does not know the language."""
        language = LanguageSerializer(data=given)
        language.is_valid(raise_exception=True)
        workspace = Workspace.serving(language.validated_data["lang"])
        if workspace is None:
            raise MeaningIsOff
        return workspace


def told(vector: Any) -> Any:
    """Numbers as JSON has them."""
    return vector.astype(float).round(DECIMALS).tolist()


def view_of(name: str) -> Any:
    """The view of an operation, with its own schema."""
    made = load(name)
    view: Any = type(f"Lab{name.title()}", (LabView,), {"operation": made})
    about: Any = {
        "tags": ["lab"],
        "description": str(made.lead),
        "responses": {
            200: made.Found,
            400: OpenApiResponse({"type": "object"}, "A parameter that has no answer; says which."),
            429: OpenApiResponse({"type": "object"}, "Too many within a minute."),
            503: OpenApiResponse({"type": "object"}, "The model is not ready."),
        },
    }
    described = extend_schema_view(
        get=extend_schema(
            operation_id=f"lab_{name}", parameters=[LanguageSerializer, made.Asked], **about
        ),
        post=extend_schema(operation_id=f"lab_{name}_json", request=made.Asked, **about),
    )
    return described(view).as_view()
