"""What all of REST shares: one shape of error (RFC 9457), one kind of paging, validators."""

import re
from collections import OrderedDict
from http import HTTPStatus
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponsePermanentRedirect, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from rest_framework import pagination
from rest_framework.exceptions import APIException, NotFound, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import exception_handler

from terms.api.problems import told

PROBLEM = "application/problem+json"


def problem(status: int, detail: str, **extra: Any) -> JsonResponse:
    """An RFC 9457 problem. `type` is "about:blank": the status says what kind of problem it is."""
    body = {"type": "about:blank", "title": HTTPStatus(status).phrase, "status": status}
    return JsonResponse({**body, "detail": detail, **extra}, status=status, content_type=PROBLEM)


@csrf_exempt
def not_found(request: HttpRequest) -> HttpResponse:
    """Any address under /api that is none of ours; one too many slashes is led to the right one."""
    if request.path.endswith("/"):
        query = request.META.get("QUERY_STRING", "")
        return HttpResponsePermanentRedirect(
            request.path.rstrip("/") + (f"?{query}" if query else ""), preserve_request=True
        )
    return problem(
        404, f"There is nothing at {request.path}. The routes are listed at /api/v1/docs."
    )


def problem_details(error: Exception, context: dict[str, Any]) -> Response | None:
    """DRF's exception handler: its answer, in the shape of RFC 9457."""
    error = told(error)
    response = exception_handler(error, context)
    if response is None:
        return None
    body = {
        "type": "about:blank",
        "title": HTTPStatus(response.status_code).phrase,
        "status": response.status_code,
    }
    if isinstance(error, ValidationError):
        body["detail"] = "One or more parameters are not valid."
        body["errors"] = _field_errors(error.detail)
    elif isinstance(error, APIException):
        body["detail"] = str(error.detail)
    else:
        body["detail"] = str(response.data.get("detail", ""))
    response.data = body | getattr(error, "extra", {})
    response.content_type = PROBLEM
    return response


def _field_errors(detail: Any) -> list[dict[str, str]]:
    fields = detail.items() if isinstance(detail, dict) else [("", detail)]
    return [
        {"parameter": name, "detail": str(message)}
        for name, messages in fields
        for message in (messages if isinstance(messages, list) else [messages])
    ]


def _leads_nowhere(cursor: Any) -> bool:
    nothing = not cursor.offset and not cursor.reverse and cursor.position is None
    return nothing or "\x00" in (cursor.position or "")


class CursorPagination(pagination.CursorPagination):
    """`{"results": […], "next": url | null}`: stable while the glossary changes."""

    page_size = 50
    page_size_query_param = "limit"
    max_page_size = 200

    def get_page_size(self, request: Request) -> int:
        """Raises ValidationError for what is no number of rows, rather than guess one."""
        asked = request.query_params.get(self.page_size_query_param)
        if asked is None:
            return self.page_size
        if not re.fullmatch("[0-9]{1,6}", asked) or not 1 <= int(asked) <= self.max_page_size:
            message = f"A number from 1 to {self.max_page_size}."
            raise ValidationError({self.page_size_query_param: [message]})
        return int(asked)

    def decode_cursor(self, request: Request) -> Any:
        """Raises ValidationError for a cursor that was not taken from a `next`."""
        given = request.query_params.get(self.cursor_query_param)
        try:
            cursor = super().decode_cursor(request)
        except NotFound:
            cursor = None
        if given and (cursor is None or _leads_nowhere(cursor)):
            message = "Not a cursor of this list; take the address from `next`."
            raise ValidationError({self.cursor_query_param: [message]})
        return cursor

    def get_ordering(self, request: Request, queryset: Any, view: Any) -> tuple[str, ...]:
        return getattr(view, "cursor_ordering", ("id",))

    def get_paginated_response(self, data: Any) -> Response:
        return Response(OrderedDict(results=data, next=self.get_next_link()))

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        return {
            "type": "object",
            "required": ["results", "next"],
            "properties": {
                "results": schema,
                "next": {
                    "type": ["string", "null"],
                    "format": "uri",
                    "description": "Address of the next page; null on the last one.",
                    "example": "http://127.0.0.1:8000/api/v1/terms?cursor=cD10b2tlbg%3D%3D",
                },
            },
        }
