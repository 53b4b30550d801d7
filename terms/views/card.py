from django.http import HttpRequest, HttpResponse

from terms import cards
from terms.models import Term
from terms.views.pages import glossary_of, of_one_term, reader_page


@reader_page
@of_one_term
def card(request: HttpRequest, term: Term) -> HttpResponse:
    """The picture of a term for those who share its address; it moves when the term moves."""
    picture = cards.png(term.name, term.summary, glossary_of(request).name)
    return HttpResponse(picture, content_type="image/png")
