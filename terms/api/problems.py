"""What can be wrong with a write, as problems; glossary/api.py gives them their shape."""

from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied, RequestDataTooBig
from django.db import IntegrityError
from django.http import Http404
from rest_framework.exceptions import APIException

from terms.editing import Stale
from terms.writing import Refused

# What a write can meet that is the fault of no program here.
EXPECTED = (APIException, Refused, Stale, PermissionDenied, Http404, IntegrityError)


class Problem(APIException):
    """`extra`: members of the problem beside the usual ones."""

    def __init__(self, status: int, detail: str, **extra: Any) -> None:
        super().__init__(detail)
        self.status_code = status
        self.extra = extra


def told(error: Exception) -> Exception:
    """The error as REST tells it; any other than a write's own stays as it is."""
    match error:
        case Refused(errors=errors):
            return Problem(422, "The entry cannot be kept as it is.", errors=field_errors(errors))
        case Stale(term=term):
            return stale(term.version) if term else Problem(410, "The term has been deleted.")
        case RequestDataTooBig():
            return Problem(
                413, f"A request may have {settings.DATA_UPLOAD_MAX_MEMORY_SIZE:,} bytes."
            )
        case IntegrityError():
            return Problem(409, "Another writer was there at the same time. Try again.")
        case Http404() | PermissionDenied():
            status = 404 if isinstance(error, Http404) else 403
            return Problem(status, str(error) or "There is nothing at this address.")
    return error


def stale(version: int) -> Problem:
    return Problem(412, f"The term has changed: it is now version {version}.", version=version)


def unseen() -> Problem:
    return Problem(428, "Say in `version` which one you have seen.")


def field_errors(errors: dict[str, list[str]]) -> list[dict[str, str]]:
    return [
        {"path": shown(path), "detail": shown(message)}
        for path, messages in errors.items()
        for message in messages
    ]


def shown(text: str) -> str:
    r"""Text that quotes what was sent, without what neither JSON nor the database can hold.

    >>> shown("\ud800 and \x00"), shown("“naïve”")
    ('\\ud800 and \\x00', '“naïve”')
    """
    return text.encode(errors="backslashreplace").decode().replace("\x00", "\\x00")


def as_result(error: Exception) -> dict[str, Any]:
    """The error as one of many results."""
    problem = told(error)
    if not isinstance(problem, APIException):
        raise error
    return {
        "status": problem.status_code,
        "detail": str(problem.detail),
        **getattr(problem, "extra", {}),
    }
