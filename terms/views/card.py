from django.http import Http404, HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.urls import reverse

from terms import cards
from terms.addresses import Moved, resolve
from terms.models import Glossary, Term
from terms.views.pages import reader_page


@reader_page
def card(request: HttpRequest, language: str, slug: str) -> HttpResponse:
    """The picture of a term for those who share its address; it moves when the term moves."""
    match resolve(language, slug):
        case Term() as term:
            picture = cards.png(term.name, term.summary, Glossary.current().name)
            return HttpResponse(picture, content_type="image/png")
        case Moved(there):
            address = reverse("card", args=[there.language, there.slug])
            return HttpResponsePermanentRedirect(address)
    raise Http404("No one term is at this address.")
