from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from terms.views.pages import glossary_of


def glossary(request: HttpRequest) -> dict[str, Any]:
    """What every page shows. The glossary's row is read when a template first asks for it."""
    match = request.resolver_match
    return {
        "site": settings.LEXISPACE_URL,
        "glossary": SimpleLazyObject(lambda: glossary_of(request)),
        "language": match.kwargs.get("language", "en") if match else "en",
        "query": request.GET.get("q", ""),
    }
