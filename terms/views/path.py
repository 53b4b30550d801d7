from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from terms.addresses import resolve
from terms.models import Term
from terms.paths import path_to
from terms.views.pages import reader_page
from terms.views.term import elsewhere


@reader_page
def learning_path(request: HttpRequest, language: str, slug: str) -> HttpResponse:
    """What to read before a term, and why, in order; the term itself last."""
    found = resolve(language, slug)
    if not isinstance(found, Term):
        return elsewhere(request, found, "path")
    return render(request, "terms/path.html", {"term": found, "steps": path_to(found)})
