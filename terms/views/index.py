from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.encoding import escape_uri_path

from terms import alphabet
from terms.models import Term
from terms.views.pages import of_language, reader_page

PAGE = 100


@reader_page
@of_language
def index(request: HttpRequest, language: str, letter: str = "") -> HttpResponse:
    """A–Z: names and aliases, of one letter or from the beginning, a page at a time."""
    letters = alphabet.letters(language)
    if letter and letter not in dict(letters):
        raise Http404
    lines = alphabet.entries(language, letter, request.GET.get("after", ""), PAGE + 1)
    more = urlencode({"after": lines[PAGE - 1].cursor}) if len(lines) > PAGE else ""
    context = {
        "here": _here(request),
        "letter": letter or None,
        "letters": [
            {
                "letter": name,
                "count": count,
                "url": reverse("index_letter", args=[language, name]),
                "current": name == letter,
            }
            for name, count in letters
        ],
        "entries": _with_gists(lines[:PAGE], language),
        "next_url": more and f"?{more}",
    }
    return render(request, "terms/index.html", context)


def _here(request: HttpRequest) -> str:
    """This page's address, with the place in the list and nothing else that was asked."""
    after = request.GET.get("after")
    return escape_uri_path(request.path) + (f"?{urlencode({'after': after})}" if after else "")


def _with_gists(lines: list[alphabet.Entry], language: str) -> list[dict[str, object]]:
    slugs = {line.slug for line in lines}
    terms = Term.objects.published().filter(language=language, slug__in=slugs).with_gists()
    by_slug = {term.slug: term for term in terms}
    return [
        {
            "name": line.name,
            "is_alias": line.is_alias,
            "target": line.target,
            "url": reverse("term", args=[language, line.slug]),
            "gist": term.gist,
            "is_deprecated": term.is_deprecated,
        }
        for line in lines
        if (term := by_slug.get(line.slug))
    ]
