from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.shortcuts import render
from django.urls import reverse

from terms.addresses import Gone, Many, Moved, resolve
from terms.models import BundleEntry, Relation, Term
from terms.querysets import PUBLIC
from terms.views.pages import reader_page


@reader_page
def term(request: HttpRequest, language: str, slug: str) -> HttpResponse:
    """A term's page; an old or other name redirects, a shared one offers the choice."""
    match resolve(language, slug):
        case Term() as found:
            return render(request, "terms/term.html", context_of(found))
        case Moved(there):
            return HttpResponsePermanentRedirect(there.get_absolute_url())
        case Many(name, terms):
            choices = [{"term": term, "gist": term.gist} for term in terms]
            context = {"name": name, "choices": choices}
            return render(request, "terms/choice.html", context, status=300)
        case Gone(name):
            return render(request, "410.html", {"name": name}, status=410)


def context_of(term: Term) -> dict[str, Any]:
    """Everything a term's page shows of the words themselves."""
    topics = {topic.id: topic for sense in term.senses.all() for topic in sense.topics.all()}
    return {
        "term": term,
        "senses": term.senses.all(),
        "aliases": term.shown_aliases,
        "relations": relations_of(term),
        "places": places_of(term),
        "breadcrumb_topics": list(topics.values())[:1],
        "json_url": reverse("api-term", args=[term.language, term.slug]),
        "edit_url": reverse("admin:terms_term_change", args=[term.id]),
    }


def relations_of(term: Term) -> list[dict[str, Any]]:
    """Curated relations by kind, as seen from this term. Three queries, however many."""
    relations = list(Relation.objects.of(term).between_public())
    others = {relation.other_end_id(term) for relation in relations}
    terms = Term.objects.published().filter(id__in=others).with_gists().in_bulk()
    groups: dict[str, list[Term]] = {}
    for relation in relations:
        other = terms[relation.other_end_id(term)]
        groups.setdefault(relation.label_seen_from(term), []).append(other)
    return [
        {
            "label": label,
            "terms": [
                {"term": other, "gist": other.gist}
                for other in sorted(group, key=lambda other: other.name_key)
            ],
        }
        for label, group in groups.items()
    ]


def places_of(term: Term) -> list[dict[str, Any]]:
    """The bundles that hold the term, with its neighbours there. Two queries, however many."""
    holding = BundleEntry.objects.filter(term=term).values("bundle")
    entries = BundleEntry.objects.filter(bundle__in=holding, term__status__in=PUBLIC)
    bundles: dict[Any, list[Term]] = {}
    for entry in entries.select_related("bundle", "term").order_by("bundle__title", "position"):
        bundles.setdefault(entry.bundle, []).append(entry.term)
    places = []
    for bundle, terms in bundles.items():
        at = terms.index(term)
        places.append(
            {
                "bundle": bundle,
                "position": at + 1,
                "count": len(terms),
                "previous": terms[at - 1] if at else None,
                "next": terms[at + 1] if at + 1 < len(terms) else None,
            }
        )
    return places
