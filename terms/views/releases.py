"""The glossary as it was frozen under a name. What is shown of a release never changes."""

from collections.abc import Callable
from functools import wraps
from itertools import zip_longest
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.db.models import Count
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    StreamingHttpResponse,
)
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.cache import get_conditional_response

from terms import releasing
from terms.differences import edits
from terms.models import Alias, FrozenEntry, Release
from terms.models.relation import LABELS
from terms.views.pages import of_language, reader_page

PAGE = 100  # entries on a page
COMPARED = 100  # changed entries of which a page tells the words
YEAR = 365 * 24 * 3600


def of_a_release(view: Callable[..., HttpResponseBase]) -> Any:
    """The view gets the release that the address names."""

    @wraps(view)
    def page(request: HttpRequest, language: str, name: str, **kwargs: Any) -> HttpResponseBase:
        return view(request, language, get_object_or_404(Release, name=name), **kwargs)

    return of_language(page)


@reader_page
@of_language
def releases(request: HttpRequest, language: str) -> HttpResponse:
    found = list(Release.objects.exclude(sha256=""))
    pairs = zip_longest(found, found[1:])
    rows = [{"release": release, "before": before} for release, before in pairs]
    return render(request, "terms/releases.html", {"rows": rows})


@reader_page
@of_a_release
def release(request: HttpRequest, language: str, release: Release) -> HttpResponse:
    """A–Z of a release, of one letter or from the beginning, a page at a time."""
    entries = release.entries.filter(language=language)
    letters = dict(entries.values_list("letter").annotate(Count("id")).order_by("letter"))
    letter, after = request.GET.get("letter", ""), request.GET.get("after", "0")
    if (letter and letter not in letters) or not (after.isdecimal() and len(after) < 10):
        raise Http404("No such page of the release.")
    chosen = entries.filter(letter=letter) if letter else entries
    rows = list(
        chosen.filter(position__gt=int(after)).defer("line").order_by("position")[: PAGE + 1]
    )
    more = rows[PAGE:] and urlencode({"letter": letter, "after": rows[PAGE - 1].position})
    return render(
        request,
        "terms/release.html",
        {
            "release": release,
            "letter": letter,
            "letters": letters.items(),
            "entries": [_listed(row, release) for row in rows[:PAGE]],
            "next_url": more and f"{request.path}?{more}",
        },
    )


def _listed(entry: FrozenEntry, release: Release) -> dict[str, str]:
    address = reverse("release_entry", args=[entry.language, release.name, entry.slug])
    return {"name": entry.name, "url": address, "gist": entry.gist}


@reader_page
def release_entry(request: HttpRequest, language: str, name: str, slug: str) -> HttpResponse:
    """An entry as it is in a release. One query."""
    frozen = get_object_or_404(
        FrozenEntry.objects.select_related("release"),
        release__name=name,
        language=language,
        slug=slug,
    )
    entry = frozen.entry
    context = {
        "release": frozen.release,
        "entry": entry,
        "aliases": [(Alias.Kind(alias.kind).label, alias.name) for alias in entry.aliases],
        "senses": releasing.shown_senses(entry),
        "relations": [
            (
                LABELS[link.kind],
                link.name,
                reverse("release_entry", args=[link.language, name, link.slug]),
            )
            for link in entry.relations
        ],
        "present_url": reverse("term", args=[language, slug]),
    }
    return render(request, "terms/release_entry.html", context)


@reader_page
@of_a_release
def release_comparison(
    request: HttpRequest, language: str, release: Release, other: str
) -> HttpResponse:
    """What the other release has that this one has not, in the language of the page."""
    second = get_object_or_404(Release, name=other)
    found = releasing.compare(release, second, language)
    shown = found.changed[:COMPARED]
    context = {
        "old": release,
        "new": second,
        "added": [_listed(entry, second) for entry in found.added],
        "removed": [_listed(entry, release) for entry in found.removed],
        "changed": [
            {"was": old.name, "edits": edits(old.entry, new.entry), **_listed(new, second)}
            for old, new in shown
        ],
        "untold": len(found.changed) - len(shown),
    }
    return render(request, "terms/release_comparison.html", context)


@reader_page
@of_a_release
def release_lines(request: HttpRequest, language: str, release: Release) -> HttpResponseBase:
    """The whole release, in all its languages, as JSON Lines; its ETag is its hash."""
    etag = f'"{release.sha256}"'
    answer: HttpResponseBase | None = get_conditional_response(request, etag=etag)
    if answer is None:
        answer = StreamingHttpResponse(
            releasing.download(release) if request.method == "GET" else (),
            content_type="application/jsonl; charset=utf-8",
        )
        answer["Content-Disposition"] = f'attachment; filename="{release.name}.jsonl"'
    answer["ETag"] = etag
    visibility = "private" if settings.PRIVATE else "public"
    answer["Cache-Control"] = f"{visibility}, max-age={YEAR}, immutable"
    return answer
