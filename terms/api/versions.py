"""A term's version as an ETag, and the condition that a write needs: it is of that version."""

import re

from rest_framework.request import Request

from terms.api.problems import Problem, stale
from terms.models import Term


def etag(version: int) -> str:
    """
    >>> etag(3)
    '"v3"'
    """
    return f'"v{version}"'


def named_in(header: str) -> set[int]:
    """The versions that an If-Match names. Compression on the way makes an ETag weak: still it.

    >>> sorted(named_in('"v3", W/"v12", "7527c7"')), named_in("*")
    ([3, 12], set())
    """
    return {int(number) for number in re.findall(r'"v([0-9]{1,9})"', header)}


def asked_for(request: Request, term: Term) -> int:
    """The version that the request is about. Raises Problem 428 where it names none, or 412."""
    header = request.headers.get("If-Match", "*").strip()
    if header == "*":
        raise Problem(
            428,
            "Say which version you have seen: If-Match with “v” and the number of `version`, in"
            f" quotes, such as {etag(3)}.",
        )
    if term.version not in named_in(header):
        raise stale(term.version)
    return term.version
