from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from terms.interface import language_of_path
from terms.search import MAX_QUERY
from terms.views.pages import glossary_of


def glossary(request: HttpRequest) -> dict[str, Any]:
    """What every page shows. The glossary's row is read when a template first asks for it."""
    return {
        "site": settings.LEXISPACE_URL,
        "glossary": SimpleLazyObject(lambda: glossary_of(request)),
        "language": language_asked(request),
        "query": request.GET.get("q", "")[:MAX_QUERY],
    }


def language_asked(request: HttpRequest) -> str:
    """The language of the words of a page; "" where the address names none (templates/base.html).

    An address that leads nowhere names one only when the interface speaks it.
    """
    if match := request.resolver_match:
        return str(match.kwargs.get("language", ""))
    return language_of_path(request.path_info, otherwise="")
