"""An entry in forms that are taken elsewhere: citations and Markdown."""

from django.http import HttpRequest, HttpResponse
from django.utils.http import content_disposition_header

from terms import citations, entry_markdown, reading
from terms.models import Term
from terms.views.pages import glossary_of, of_one_term, reader_page
from terms.views.term import by_kind

WRITERS = {
    "bib": (citations.bib, "application/x-bibtex; charset=utf-8"),
    "json": (citations.csl_json, "application/vnd.citationstyles.csl+json; charset=utf-8"),
}


@reader_page
@of_one_term
def cite(request: HttpRequest, term: Term, form: str) -> HttpResponse:
    """The citations of a term's senses, as a file for a reference manager."""
    write, content_type = WRITERS[form]
    text = write(citations.of(term, glossary_of(request)))
    response = HttpResponse(text, content_type=content_type)
    file = content_disposition_header(as_attachment=True, filename=f"{term.slug}.{form}")
    response["Content-Disposition"] = file or "attachment"
    return response


@reader_page
@of_one_term
def markdown(request: HttpRequest, term: Term) -> HttpResponse:
    text = entry_markdown.written(
        term, by_kind(term, reading.relations_of(term)), glossary_of(request)
    )
    return HttpResponse(text, content_type="text/markdown; charset=utf-8")
