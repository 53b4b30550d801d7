"""REST for the directions that editors keep."""

from typing import Any

import numpy as np
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from embeddings.api.lab import LanguageSerializer, told
from embeddings.lab.direction import FiguresSerializer
from embeddings.models import Direction, Space
from terms.api.parameters import parameters


class DirectionsQuerySerializer(LanguageSerializer):
    vectors = serializers.BooleanField(default=False, help_text="Whether the vectors come along.")


class KeptSerializer(serializers.Serializer[Any]):
    """A direction, and what the serving space has learned of it."""

    slug = serializers.CharField(source="direction.slug")
    name = serializers.CharField(source="direction.name")
    language = serializers.CharField(source="direction.language")
    toward = serializers.CharField(source="direction.toward", help_text="The group, as written.")
    away = serializers.CharField(source="direction.away")
    figures = FiguresSerializer()
    learned_at = serializers.DateTimeField()
    vector = serializers.ListField(
        child=serializers.FloatField(), required=False, help_text="Where it was asked for."
    )

    def to_representation(self, learned: Any) -> dict[str, Any]:
        shown: dict[str, Any] = super().to_representation(learned)
        del shown["vector"]
        return shown | (
            {"vector": told(np.asarray(learned.vector))} if self.context["vectors"] else {}
        )


class Directions(APIView):
    is_reader_page = True

    @extend_schema(
        operation_id="lab_directions",
        tags=["lab"],
        parameters=[DirectionsQuerySerializer],
        responses=KeptSerializer(many=True),
    )
    def get(self, request: Request) -> Response:
        """The directions that editors keep by a name, as the serving space has learned them."""
        asked = parameters(DirectionsQuerySerializer, request)
        space = Space.objects.serving()
        found = Direction.objects.learned_in(space, asked["lang"]) if space else []
        rows = KeptSerializer(found, many=True, context={"vectors": asked["vectors"]}).data
        return Response({"results": rows, "next": None})
