"""Where nothing is found: the right address when it can be told, else what may be meant."""

from typing import Any
from urllib.parse import unquote

from django.http import (
    HttpRequest,
    HttpResponse,
    HttpResponsePermanentRedirect,
    HttpResponseRedirect,
)
from django.shortcuts import render
from django.urls import Resolver404, ResolverMatch, resolve
from django.utils.encoding import escape_uri_path

from terms import search
from terms.addresses import tidied
from terms.models import Glossary, Term
from terms.views.context import language_asked
from terms.views.pages import entry_of, glossary_of, may_see_pages

# What an address of each route asks for; "entry" where it has a slug, else "page".
SOUGHT = {
    "index_letter": "letter",
    "topic": "topic",
    "topic_feed_atom": "topic",
    "topic_feed_json": "topic",
    "bundle": "bundle",
    "version": "version",
}


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """A redirect to the right address, else 404 with the nearest names to what is asked for."""
    glossary = glossary_of(request)
    return led_right(request, glossary) or nothing_here(request, glossary)


def led_right(request: HttpRequest, glossary: Glossary) -> HttpResponse | None:
    """To the address as it is written here; for a region without entries, to its language.

    The latter may have entries one day, so that its redirect is not for ever.
    """
    found = tidied(request.path_info)
    if not found or request.method not in {"GET", "HEAD"}:
        return None
    tag, rest = found
    language = language_read(tag, glossary)
    address = f"/{language}{rest}"
    if address == request.path_info or not is_in_language(address, language):
        return None
    query = request.META.get("QUERY_STRING", "")
    kind = HttpResponsePermanentRedirect if language == tag else HttpResponseRedirect
    return kind(escape_uri_path(address) + (f"?{query}" if query else ""))


def language_read(tag: str, glossary: Glossary) -> str:
    """The language itself, or the one that it is a region of when only that is read here."""
    language = tag.partition("-")[0]
    is_elsewhere = not glossary.is_read_in(tag) and glossary.is_read_in(language)
    return language if is_elsewhere else tag


def is_in_language(address: str, language: str) -> bool:
    """Whether there is a page at such an address, and the language is what it begins with."""
    try:
        return bool(resolve(address).kwargs.get("language") == language)
    except Resolver404:
        return False


def nothing_here(request: HttpRequest, glossary: Glossary) -> HttpResponse:
    match = request.resolver_match
    asked = language_asked(request)
    language = asked if asked and glossary.is_read_in(asked) else glossary.main_language
    word = word_of(request, match)
    context = {
        "language": language,
        "sought": sought(match) if asked in {"", language} else "language",
        "number": match.kwargs.get("number") if match else None,
        "query_word": word,
        "suggestions": nearest(word, language) if may_see_pages(request) else [],
    }
    return render(request, "404.html", context, status=404)


def sought(match: ResolverMatch | None) -> str:
    """What an address asks for: entry, version, letter, topic, bundle or, else, page."""
    if match is None:
        return "page"
    return SOUGHT.get(match.url_name or "", "entry" if "slug" in match.kwargs else "page")


def word_of(request: HttpRequest, match: ResolverMatch | None) -> str:
    """What an address says of the thing it asks for: its slug, else its last part."""
    last = unquote(request.path).rstrip("/").rsplit("/", 1)[-1]
    return str(match.kwargs.get("slug", last) if match else last).replace("-", " ")


def nearest(word: str, language: str) -> list[dict[str, Any]]:
    """Entries of the language with names near to a word, as lists show them."""
    hits = search.by_name(word, language, limit=5)
    terms = Term.objects.published().with_gists().in_bulk([hit.term_id for hit in hits])
    return [entry_of(term) for hit in hits if (term := terms.get(hit.term_id))]
