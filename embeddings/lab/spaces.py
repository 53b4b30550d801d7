"""The spaces of this glossary, and one question in two of them."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from embeddings.inventory import Kept, inventory
from embeddings.side_by_side import side_by_side
from terms.search import MAX_QUERY
from terms.views.pages import live_page, of_language


@live_page
@of_language
def spaces(request: HttpRequest, language: str) -> HttpResponse:
    """All spaces, and a form that asks two of them the same."""
    kept = inventory()
    chosen = choice(request, kept)
    query = request.GET.get("q", "").strip()
    fault = fault_of(query, chosen)
    asked = bool(query and not fault)
    context = {
        "kept": kept,
        "asked": query[:MAX_QUERY],
        "chosen": [one.space.name if one else "" for one in chosen],
        "fault": fault,
        "compared": compared(query, language, chosen) if asked else None,
        "query": "",  # the box in the head asks the serving space
    }
    return render(request, "lab/spaces.html", context, status=400 if fault else 200)


def choice(request: HttpRequest, kept: list[Kept]) -> tuple[Kept | None, Kept | None]:
    """The two spaces that are named; unless any is, the serving one and the newest beside it."""
    named = {each.space.name: each for each in kept}
    one, other = (request.GET.get(name) for name in ("one", "other"))
    if one is None and other is None:
        first, second, *_rest = [*kept, None, None]
        return first, second
    return named.get(one or ""), named.get(other or "")


def fault_of(query: str, chosen: tuple[Kept | None, Kept | None]) -> str:
    """What is wrong with a question, as a sentence for readers; "" for nothing, and for none."""
    one, other = chosen
    if len(query) > MAX_QUERY:
        return _("A question has up to %(most)d characters; this one is longer.") % {
            "most": MAX_QUERY
        }
    if query and (one is None or other is None):
        return _("There is no space of that name; choose two of those that are listed.")
    if query and one == other:
        return _("Choose two different spaces; one space gives one answer.")
    return ""


def compared(query: str, language: str, chosen: tuple[Kept | None, Kept | None]) -> dict[str, Any]:
    one, other = [each for each in chosen if each]
    found = side_by_side(query, language, one.space, other.space)
    return {"found": found, "halves": [(one, found.one), (other, found.other)]}
