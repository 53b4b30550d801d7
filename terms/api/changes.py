"""What readers saw change, in the order of the commits, for who keeps a copy."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from terms.api.parameters import parameters
from terms.api.problems import Problem
from terms.feeds import entry_id
from terms.models import Change


class ChangesQuerySerializer(serializers.Serializer[Any]):
    since = serializers.RegexField(
        "^[0-9]{1,18}\\Z", default="0", help_text="The `cursor` of the answer before."
    )
    limit = serializers.IntegerField(min_value=1, max_value=1000, default=200)


class AddressSerializer(serializers.Serializer[Any]):
    language = serializers.CharField()
    slug = serializers.CharField()


class ChangeSerializer(serializers.Serializer[Change]):
    id = serializers.CharField(help_text="The term's, which no change of its address touches.")
    action = serializers.ChoiceField(["created", "changed", "deleted"])
    language = serializers.CharField()
    slug = serializers.CharField()
    former = AddressSerializer(allow_null=True, help_text="The address that it had before.")
    version = serializers.IntegerField(allow_null=True, help_text="Null of a deleted term.")
    at = serializers.DateTimeField()

    def to_representation(self, change: Change) -> dict[str, Any]:
        language, slug = change.address
        has_moved = change.action == "changed" and change.address != change.former_address
        return {
            "id": entry_id(change.term_id, change.born_at),
            "action": change.action,
            "language": language,
            "slug": slug,
            "former": dict(zip(("language", "slug"), change.former_address, strict=True))
            if has_moved
            else None,
            "version": None if change.action == "deleted" else change.version,
            "at": self.fields["at"].to_representation(change.at),
        }


class ChangesSerializer(serializers.Serializer[Any]):
    results = ChangeSerializer(many=True)
    next = serializers.URLField(allow_null=True)
    cursor = serializers.CharField(help_text="What to ask with next time, as `since`.")


class Changes(APIView):
    is_reader_page = True

    @extend_schema(
        operation_id="changes", parameters=[ChangesQuerySerializer], responses=ChangesSerializer
    )
    def get(self, request: Request) -> Response:
        """What readers saw change since, the oldest first. Whoever follows it misses nothing."""
        asked = parameters(ChangesQuerySerializer, request)
        since, limit = int(asked["since"]), asked["limit"]
        found = list(Change.objects.after(since)[: limit + 1])
        if not found and Change.objects.is_beyond(since):
            raise Problem(410, "Nothing has this cursor. Was a backup restored? Begin anew.")
        cursor = found[:limit][-1].pk if found else since
        path = f"{request.path}?since={cursor}&limit={limit}"
        body = {
            "results": [ChangeSerializer(change).data for change in found[:limit]],
            "next": request.build_absolute_uri(path) if len(found) > limit else None,
            "cursor": str(cursor),
        }
        return Response(body)
