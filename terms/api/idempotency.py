"""`Idempotency-Key`: who sends a request again gets its answer again, and nothing is done twice."""

import hashlib
import json
from collections.abc import Callable
from typing import Any, cast

from django.db import transaction
from rest_framework.request import Request
from rest_framework.response import Response

from terms.api.problems import Problem
from terms.models import KeptAnswer
from terms.models.answer import MAX_KEY, claim


@transaction.atomic
def once(request: Request, work: Callable[[], Response]) -> Response:
    """The answer of `work`, kept in its transaction; of a request that was done before, that one.

    Raises Problem: 409 while the first is still running, 422 where it asked for something else.
    Whatever `work` raises is not kept, because nothing was done.
    """
    key = request.headers.get("Idempotency-Key")
    if key is None:
        return work()
    if not 0 < len(key) <= MAX_KEY or not key.isprintable():
        raise Problem(400, f"An Idempotency-Key has 1 to {MAX_KEY} printable characters.")
    if not claim(owner_of(request), key):
        raise Problem(409, "A request with this Idempotency-Key is still running.")
    kept = KeptAnswer.objects.filter(owner=owner_of(request), key=key).first()
    return _again(kept, request) if kept else _kept(key, request, work())


def _again(kept: KeptAnswer, request: Request) -> Response:
    if kept.request != fingerprint(request):
        raise Problem(422, "This Idempotency-Key was used for another request.")
    headers = {**kept.headers, "Idempotency-Replayed": "true"}
    return Response(json.loads(kept.body), kept.status, headers=headers)


def _kept(key: str, request: Request, response: Response) -> Response:
    KeptAnswer.objects.create(
        owner_id=owner_of(request),
        key=key,
        request=fingerprint(request),
        status=response.status_code,
        headers={name: response[name] for name in ("Location", "ETag") if name in response},
        body=json.dumps(response.data, ensure_ascii=False),
    )
    return response


def owner_of(request: Request) -> int:
    """Nobody gets here who is not known."""
    return cast(int, request.user.pk)


def fingerprint(request: Request) -> str:
    """What was asked, however its JSON was written."""
    asked: list[Any] = [request.method, request.get_full_path(), request.data]
    return hashlib.sha256(json.dumps(asked, sort_keys=True).encode()).hexdigest()
