from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from terms import alphabet, cards, citations, linked_data, reading
from terms.addresses import Gone, Many, Moved, led_to, resolve
from terms.annotate import annotated
from terms.models import Bundle, Glossary, Relation, Term, Topic
from terms.reading import Surroundings
from terms.views.pages import glossary_of, gone, reader_page

MENTIONING = 12  # terms shown at once of those that mention one
COUNTED = reading.MENTIONING - MENTIONING  # others of them up to which these are counted


@reader_page
def term(request: HttpRequest, language: str, slug: str) -> HttpResponse:
    """A term's page; an old or other name redirects, a shared one offers the choice."""
    if page := reading.page(language, slug):
        return render(request, "terms/term.html", context_of(*page, glossary_of(request)))
    return elsewhere(request, led_to(language, slug))


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
            return gone(request, name)


def context_of(term: Term, around: Surroundings, glossary: Glossary) -> dict[str, Any]:
    """Everything a term's page shows of the words themselves. One query, for the mentions."""
    senses = annotated(term)
    topics = {topic.id: topic for sense in senses for topic in sense.topics.all()}
    relations, breadcrumb = by_kind(term, around.relations), list(topics.values())[:1]
    more = around.mentioned_by - MENTIONING
    return {
        "glossary": glossary,
        "term": term,
        "senses": senses,
        "aliases": term.shown_aliases,
        "relations": relations,
        "mentioning": around.mentioning[:MENTIONING],
        "others": around.mentioning[MENTIONING:],
        "is_cut": more > COUNTED,
        "more": more if more <= COUNTED else _("over %(count)d") % {"count": COUNTED},
        "alternates": alternates_of(term, around.relations),
        "places": around.places,
        "letter": alphabet.letter_of(term),
        "previous": around.previous,
        "next": around.next,
        "breadcrumb_topics": breadcrumb,
        "linked_data": linked_data_of(term, breadcrumb, [place.bundle for place in around.places]),
        "path_url": reverse("path", args=[term.language, term.slug]) if senses else "",
        "card_says": cards.said(term.name, term.summary, glossary.name),
        "citations": citations.of(term, glossary) if term.is_public else [],
        "json_url": reverse("api-term", args=[term.language, term.slug]),
        "edit_url": reverse("admin:terms_term_change", args=[term.id]),
    }


def by_kind(term: Term, relations: list[tuple[Relation, Term]]) -> list[dict[str, Any]]:
    """Curated relations in groups, as seen from this term."""
    groups: dict[tuple[str, str], list[Term]] = {}
    for relation, other in relations:
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


def alternates_of(term: Term, relations: list[tuple[Relation, Term]]) -> list[Term]:
    """The term and its translations, one a language, as `hreflang` wants them; else nothing."""
    found = {term.language: term}
    for relation, other in relations:
        if relation.kind == Relation.Kind.TRANSLATION:
            found.setdefault(other.language, other)
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
