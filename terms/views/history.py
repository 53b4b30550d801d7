from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from terms.models import Term
from terms.revisions import LENGTH, revisions
from terms.views.pages import of_one_term, reader_page


@reader_page
@of_one_term
def history(request: HttpRequest, term: Term) -> HttpResponse:
    """What of a term changed, and when, as far as readers could see it."""
    context = {"term": term, "revisions": revisions(term), "most": LENGTH}
    return render(request, "terms/history.html", context)
