import logging
from functools import partial
from typing import Any

from django.db import DatabaseError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.shortcuts import get_object_or_404, render
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from embeddings.compare import Nearness, address_of, nearness, neighbours_of, share
from embeddings.encoders import EncoderUnavailable, load_for_query
from embeddings.explain import explain
from embeddings.lookup import Answer, Hit, Meaning, Strength, look_up
from embeddings.models import Space
from embeddings.tuning.asked import NotThere, asking
from terms import reading
from terms.addresses import Moved, resolve
from terms.contrast import Contrast, contrast
from terms.models import Miss, Sense, Term
from terms.search import MAX_QUERY
from terms.views.pages import of_language, reader_page

SHORT = 4  # letters of a name that is not recognised without one
FILL = 10  # hits that a page shows at the least, distant ones included

log = logging.getLogger(__name__)


@reader_page
@of_language
def search(request: HttpRequest, language: str) -> HttpResponse:
    """One box for names and meanings; every hit says why it is there."""
    query = request.GET.get("q", "").replace("\x00", "").strip()
    if len(query) > MAX_QUERY:
        return render(request, "embeddings/search.html", {"longest": MAX_QUERY}, status=400)
    sentence, tuned = request.GET.get("context", ""), request.GET.get("tuned", "")
    try:
        space = asking(Space.objects.serving(), tuned)
    except NotThere as error:
        raise Http404(str(error)) from error
    answer = Answer(meaning=Meaning.READY if space else Meaning.OFF)
    if query:
        answer = look_up(query, language, space=space, context=sentence)
    if query and not answer.good and request.method == "GET":
        count_miss(query)
    context = {
        "query": query,
        "tuned": tuned,
        "hits": [row_of(hit, query) for hit in answer.good],
        "distant": [
            row_of(hit, query) for hit in answer.distant[: max(0, FILL - len(answer.good))]
        ],
        "contrast": contrast(*answer.rivals) if answer.rivals else None,
        "message": message_of(answer) if query else "",
        "meaning_state": meaning_state(answer, space, language),
        "example": partial(example_of, language),
    }
    return render(request, "embeddings/search.html", context)


def example_of(language: str) -> dict[str, str] | None:
    """What one could ask for here: by a name, another, a misspelt one, a description."""
    terms = Term.objects.published().in_language(language).order_by("id")
    slugs = terms.values_list("slug", flat=True)
    slug = slugs.filter(aliases__kind="synonym").first() or slugs.first()
    term = reading.entry(language, slug) if slug else None
    if term is None:
        return None
    return {
        "name": term.name,
        "alias": term.shown_aliases[0].name if term.shown_aliases else "",
        "misspelt": misspelt(term.name),
        "description": term.gist,
    }


def misspelt(name: str) -> str:
    """The name without a letter in its middle; nothing of a short one.

    >>> misspelt("embedding"), misspelt("語")
    ('embeding', '')
    """
    middle = len(name) // 2
    return name[:middle] + name[middle + 1 :] if len(name) > SHORT else ""


def meaning_state(answer: Answer, space: Space | None, language: str) -> str:
    """ready, loading, off or, where the model does not know the language, language."""
    if space is not None and not space.knows(language):
        return "language"
    return answer.meaning.value


def count_miss(query: str) -> None:
    """Best effort: a question that found nothing good is counted, unless the database minds."""
    try:
        Miss.objects.count_one(query)
    except DatabaseError as error:
        log.warning("a miss was not counted: %s", error)


def message_of(answer: Answer) -> str:
    """The verdict in a sentence. Weak hits are “closest”: whether one is right cannot be told."""
    count = len(answer.good)
    if not answer.hits:
        return _("Nothing was found.")
    if not count:
        return _("There is no good match. These are the closest by meaning.")
    if answer.hits[0].strength == Strength.WEAK:
        message = ngettext("The closest entry.", "The %(count)d closest entries.", count)
    else:
        message = ngettext("One entry.", "%(count)d entries.", count)
    return message % {"count": count}


@reader_page
def why(request: HttpRequest, language: str) -> HttpResponse:
    """A question beside a sense, with the words marked that bring the two near each other."""
    query = request.GET.get("q", "").replace("\x00", "").strip()[:MAX_QUERY]
    senses = Sense.objects.published().filter(term__language=language).select_related("term")
    sense = get_object_or_404(senses, key=request.GET.get("sense", ""))
    space = Space.objects.serving()
    if not query or space is None or not space.knows(language):
        raise Http404
    try:
        explained = explain(load_for_query(space.encoder), query, sense.definition_text)
    except EncoderUnavailable:
        explained = None
    context = {"query": query, "sense": sense, "explained": explained, "space": space}
    return render(request, "embeddings/why.html", context)


@reader_page
def compare(request: HttpRequest, language: str, one: str, other: str) -> HttpResponse:
    """Two terms side by side, at one address: names of old and the other order lead there."""
    first, second = terms = sorted(
        (term_at(language, one), term_at(language, other)), key=lambda term: term.slug
    )
    if first == second:
        return HttpResponsePermanentRedirect(first.get_absolute_url())
    if [one, other] != [term.slug for term in terms]:
        return HttpResponsePermanentRedirect(address_of(first, second))
    return render(request, "embeddings/compare.html", compared(first, second))


def term_at(language: str, slug: str) -> Term:
    """The public term that an address means. Raises Http404 where it means none, or several."""
    match resolve(language, slug):
        case Term() as found:
            return found
        case Moved(there):
            return there
    raise Http404


def compared(one: Term, other: Term) -> dict[str, Any]:
    """Both terms have their senses prefetched."""
    space = Space.objects.serving()
    if space is not None and not space.knows(one.language):
        space = None
    near = nearness(space, one, other) if space else None
    ours, theirs = neighbours_of(space, one), neighbours_of(space, other)
    between = ours.pop(other.id, None)
    theirs.pop(one.id, None)
    return {
        "one": one,
        "other": other,
        "space": space,
        "nearness": near,
        "level": near.level(space) if space and near else "",
        "relation": between.label if between else "",
        "contrast": contrast_of(one, other, near),
        "neighbours": share(ours, theirs),
    }


def contrast_of(one: Term, other: Term, near: Nearness | None) -> Contrast | None:
    """Of the nearest pair of senses; of the first two where no vectors tell which are nearest."""
    ours, theirs = list(one.senses.all()), list(other.senses.all())
    if near:
        ours = [sense for sense in ours if sense.id == near.one]
        theirs = [sense for sense in theirs if sense.id == near.other]
    return contrast(ours[0], theirs[0]) if ours and theirs else None


def row_of(hit: Hit, query: str) -> dict[str, Any]:
    asked = urlencode({"q": query, "sense": hit.sense.key})
    return {
        "term": hit.term,
        "sense": hit.sense,
        "gist": hit.sense.gist,
        "url": f"{hit.term.get_absolute_url()}#{hit.sense.key}",
        "score": hit.score,
        "strength": hit.strength.value,
        "why": why_of(hit),
        "why_query": asked if hit.why.stage == "meaning" else "",
    }


def why_of(hit: Hit) -> str:
    """The reason of a hit as a sentence for readers."""
    kinds = {
        "abbreviation": _("abbreviation"),
        "spelling": _("spelling"),
        "synonym": _("synonym"),
        "name": _("name"),
    }
    named = {"kind": kinds.get(hit.why.field, _("name")), "name": hit.why.matched}
    sentences = {
        "name": _("Exactly this name"),
        "alias": _("Has the %(kind)s “%(name)s”"),
        "inflected": _("A form of the %(kind)s “%(name)s”"),
        "prefix": _("The %(kind)s “%(name)s” begins like this"),
        "misspelt": _("Spelt almost like the %(kind)s “%(name)s”"),
        "words": _("Words of the definition"),
        "meaning": _("Meaning: near to your description"),
    }
    if hit.strength == Strength.NONE:
        return _("No match; the closest by meaning")
    return sentences[hit.why.stage] % named
