from django.http import HttpRequest, HttpResponse

from terms import cards
from terms.models import Glossary, Term
from terms.views.pages import of_one_term, reader_page


@reader_page
@of_one_term
def card(request: HttpRequest, term: Term) -> HttpResponse:
    """The picture of a term for those who share its address; it moves when the term moves."""
    picture = cards.png(term.name, term.summary, Glossary.current().name)
    return HttpResponse(picture, content_type="image/png")
