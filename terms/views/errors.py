from urllib.parse import unquote

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from terms import search
from terms.models import Term
from terms.views.pages import entry_of


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """404 with the nearest names to what the address seems to ask for."""
    word = unquote(request.path).rstrip("/").rsplit("/", 1)[-1].replace("-", " ")
    hits = search.by_name(word, limit=5) if word else []
    terms = Term.objects.published().with_gists().in_bulk([hit.term_id for hit in hits])
    suggestions = [entry_of(term) for hit in hits if (term := terms.get(hit.term_id))]
    context = {"query_word": word, "suggestions": suggestions}
    return render(request, "404.html", context, status=404)
