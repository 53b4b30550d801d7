"""OpenSearch: the box of this site in the reader's browser, with its suggestions."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render

from terms.suggest import suggest
from terms.views.pages import of_language, reader_page

MAX_BEGUN = 200  # characters; no name is longer


@reader_page
@of_language
def opensearch(request: HttpRequest, language: str) -> HttpResponse:
    """The description document (OpenSearch 1.1) that a browser adds a search engine by."""
    kind = "application/opensearchdescription+xml"
    return render(request, "terms/opensearch.xml", {}, content_type=kind)


@reader_page
@of_language
def suggestions(request: HttpRequest, language: str) -> HttpResponse:
    """[question, names, gists, addresses]: the suggestions extension of OpenSearch."""
    begun = request.GET.get("q", "")[:MAX_BEGUN]
    found = suggest(begun, language)
    answer = [
        begun,
        [each.matched for each in found],
        [each.gist for each in found],
        [request.build_absolute_uri(each.term.get_absolute_url()) for each in found],
    ]
    return JsonResponse(answer, safe=False, content_type="application/x-suggestions+json")
