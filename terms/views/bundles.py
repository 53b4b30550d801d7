from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render

from terms import linked_data
from terms.models import Bundle, BundleEntry, Sense, Term
from terms.views.pages import of_language, reader_page


@reader_page
@of_language
def bundles(request: HttpRequest, language: str) -> HttpResponse:
    listed = [with_gists(bundle) for bundle in Bundle.objects.published()]
    return render(request, "terms/bundles.html", {"bundles": listed})


@reader_page
@of_language
def bundle(request: HttpRequest, language: str, slug: str) -> HttpResponse:
    """A bundle reads like an article: its terms in order, each with the sense the bundle means."""
    found = get_object_or_404(Bundle.objects.published(), slug=slug)
    terms = Term.objects.published().select_related("replaced_by").with_senses()
    places = found.entries.filter(term__in=Term.objects.published()).select_related("sense")
    by_id = {term.id: term for term in terms.filter(places__bundle=found)}
    entries = [
        {
            "term": by_id[place.term_id],
            "position": place.position,
            "senses": shown_senses(by_id[place.term_id], place),
        }
        for place in places.order_by("position")
    ]
    data = linked_data.bundle_set(found, [entry["term"] for entry in entries])
    context = {"bundle": found, "entries": entries, "linked_data": linked_data.script(data)}
    return render(request, "terms/bundle.html", context)


def shown_senses(term: Term, place: BundleEntry) -> list[Sense]:
    """The sense that the bundle means, or all of the term's. Uses the term's prefetched senses."""
    senses = list(term.senses.all())
    return [sense for sense in senses if sense.id == place.sense_id] or senses


def with_gists(bundle: Bundle | None) -> dict[str, Any] | None:
    """A bundle as a card: its public terms in order, each with its first sentence there."""
    if bundle is None:
        return None
    places = bundle.entries.select_related("sense").order_by("position")
    terms = Term.objects.published().filter(places__bundle=bundle).with_gists()
    by_id = {term.id: term for term in terms}
    return {
        "title": bundle.title,
        "introduction": bundle.introduction_text,
        "slug": bundle.slug,
        "reading_minutes": bundle.reading_minutes,
        "entries": [
            {"term": term, "gist": place.sense.gist if place.sense else term.gist}
            for place in places
            if (term := by_id.get(place.term_id))
        ],
    }
