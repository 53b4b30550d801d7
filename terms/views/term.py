from typing import Any

from django.db.models import Count, Window
from django.http import HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from terms import alphabet, citations, linked_data
from terms.addresses import Gone, Many, Moved, resolve
from terms.annotate import annotated
from terms.models import Bundle, BundleEntry, Glossary, Relation, Term, Topic
from terms.querysets import PUBLIC
from terms.views.pages import reader_page

MENTIONING = 12  # terms shown of those whose definitions mention one
COUNTED = 100  # others of them up to which these are counted


@reader_page
def term(request: HttpRequest, language: str, slug: str) -> HttpResponse:
    """A term's page; an old or other name redirects, a shared one offers the choice."""
    found = resolve(language, slug)
    if isinstance(found, Term):
        return render(request, "terms/term.html", context_of(found))
    return elsewhere(request, found)


@reader_page
def preview(request: HttpRequest, language: str, slug: str) -> HttpResponse:
    """The fragment that a card shows: a term's gist, or those of all terms that share a name."""
    match resolve(language, slug):
        case Term() as found:
            context: dict[str, Any] = {"terms": [found]}
        case Many(name, terms):
            context = {"name": name, "terms": terms}
        case found:
            return elsewhere(request, found, "preview")
    response = render(request, "terms/preview.html", context)
    response["X-Robots-Tag"] = "noindex"
    return response


def elsewhere(
    request: HttpRequest, found: Moved | Many | Gone, route: str = "term"
) -> HttpResponse:
    """What is answered where an address is not that of a term."""
    match found:
        case Moved(there):
            address = reverse(route, args=[there.language, there.slug])
            return HttpResponsePermanentRedirect(address)
        case Many(name, terms):
            choices = [{"term": term, "gist": term.gist} for term in terms]
            context = {"name": name, "choices": choices}
            return render(request, "terms/choice.html", context, status=300)
        case Gone(name):
            return render(request, "410.html", {"name": name}, status=410)


def context_of(term: Term) -> dict[str, Any]:
    """Everything a term's page shows of the words themselves."""
    senses = annotated(term)
    topics = {topic.id: topic for sense in senses for topic in sense.topics.all()}
    previous, following = alphabet.beside(term)
    relations, places, breadcrumb = relations_of(term), places_of(term), list(topics.values())[:1]
    glossary = Glossary.current()
    return {
        "glossary": glossary,
        "term": term,
        "senses": senses,
        "aliases": term.shown_aliases,
        "relations": relations,
        **mentioning(term, [row["term"] for group in relations for row in group["terms"]]),
        "alternates": alternates_of(term, relations),
        "places": places,
        "letter": alphabet.letter_of(term),
        "previous": previous,
        "next": following,
        "breadcrumb_topics": breadcrumb,
        "linked_data": linked_data_of(term, breadcrumb, [place["bundle"] for place in places]),
        "path_url": reverse("path", args=[term.language, term.slug]),
        "citations": citations.of(term, glossary) if term.is_public else [],
        "json_url": reverse("api-term", args=[term.language, term.slug]),
        "edit_url": reverse("admin:terms_term_change", args=[term.id]),
    }


def relations_of(term: Term) -> list[dict[str, Any]]:
    """Curated relations by kind, as seen from this term. Three queries, however many."""
    relations = list(Relation.objects.of(term).between_public())
    others = {relation.other_end_id(term) for relation in relations}
    terms = Term.objects.published().filter(id__in=others).with_gists().in_bulk()
    groups: dict[tuple[str, str], list[Term]] = {}
    for relation in relations:
        other = terms[relation.other_end_id(term)]
        kind = (relation.kind_seen_from(term), relation.label_seen_from(term))
        groups.setdefault(kind, []).append(other)
    return [
        {
            "kind": kind,
            "label": label,
            "terms": [
                {"term": other, "gist": other.gist}
                for other in sorted(group, key=lambda other: other.name_key)
            ],
        }
        for (kind, label), group in groups.items()
    ]


def alternates_of(term: Term, relations: list[dict[str, Any]]) -> list[Term]:
    """The term and its translations, one a language, as `hreflang` wants them; else nothing."""
    found = {term.language: term}
    for relation in relations:
        if relation["kind"] == Relation.Kind.TRANSLATION:
            for row in relation["terms"]:
                found.setdefault(row["term"].language, row["term"])
    return list(found.values()) if len(found) > 1 else []


def linked_data_of(term: Term, topics: list[Topic], bundles: list[Bundle]) -> SafeString:
    """The page as schema.org data, with the breadcrumb where it shows one."""
    page = linked_data.term_page(term, bundles)
    if not topics:
        return linked_data.script(page)
    steps = [(_("Topics"), reverse("topics", args=[term.language]))]
    steps += [(each.name, reverse("topic", args=[term.language, each.slug])) for each in topics]
    here = (term.name, term.get_absolute_url())
    return linked_data.script(page, linked_data.breadcrumb(*steps, here))


def mentioning(term: Term, shown: list[Term]) -> dict[str, Any]:
    """Terms whose definitions mention this one, without those that are shown already. One query."""
    terms = Term.objects.published().mentioning(term).exclude(id__in=[other.id for other in shown])
    counted = terms.alphabetical().annotate(count=Window(Count("*")))
    found = list(counted[:MENTIONING])
    more = found[0].count - len(found) if found else 0
    return {
        "mentioning": found,
        "more": more if more <= COUNTED else _("over %(count)d") % {"count": COUNTED},
    }


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
