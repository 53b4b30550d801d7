from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from terms import revisions
from terms.models import Term
from terms.views.pages import of_one_term, reader_page


@reader_page
@of_one_term
def history(request: HttpRequest, term: Term) -> HttpResponse:
    """What of a term changed, and when, as far as readers could see it."""
    context = {"term": term, "revisions": revisions.revisions(term), "most": revisions.LENGTH}
    return render(request, "terms/history.html", context)


@reader_page
@of_one_term
def version(request: HttpRequest, term: Term, number: int) -> HttpResponse:
    """A term as readers saw it in one of its versions, and what has changed since."""
    then = revisions.version(term, number)
    if then is None:
        raise Http404("This version of the entry was never public.")
    return render(request, "terms/version.html", {"term": term, "version": then})
