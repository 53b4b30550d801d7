from collections.abc import Mapping
from typing import IO, Any

from django.conf import settings
from rest_framework.exceptions import ParseError
from rest_framework.parsers import JSONParser

from terms.api.problems import Problem


class BoundedJSONParser(JSONParser):
    """JSON up to the size that the site takes at once, nested as deep as Python reads it."""

    def parse(
        self,
        stream: IO[Any],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        """Raises ParseError, or Problem 413."""
        request = (parser_context or {})["request"]
        most = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
        if int(request.META.get("CONTENT_LENGTH") or 0) > most:
            raise Problem(413, f"A request may have {most:,} bytes.")
        try:
            return super().parse(stream, media_type, parser_context)
        except RecursionError as error:
            raise ParseError("The JSON is nested too deep.") from error


class MergePatchParser(BoundedJSONParser):
    """RFC 7396."""

    media_type = "application/merge-patch+json"
