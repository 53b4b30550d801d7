from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from terms.models import Glossary


def glossary(request: HttpRequest) -> dict[str, Any]:
    """What every page shows. The glossary's row is read when a template first asks for it."""
    match = request.resolver_match
    return {
        "site": settings.LEXISPACE_URL,
        "glossary": SimpleLazyObject(Glossary.current),
        "language": match.kwargs.get("language", "en") if match else "en",
        "query": request.GET.get("q", ""),
    }
