import logging
from collections.abc import Iterable, Sequence
from functools import partial
from typing import Any

from django.db import DatabaseError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.shortcuts import get_object_or_404, render
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from embeddings import steps
from embeddings.compare import Nearness, address_of, nearness, neighbours_of, share
from embeddings.encoders import EncoderUnavailable, load_for_query
from embeddings.explain import explain
from embeddings.lookup import Answer, Hit, Meaning, Strength
from embeddings.models import Space
from embeddings.steps import MOST, BadMark, Guided, Mark, Toward, guided
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
    tuned = request.GET.get("tuned", "")
    try:
        space = asking(Space.objects.serving(), tuned)
        marked = steps.marks(request.GET.getlist("mark"))
        answer = answer_to(query, language, space, request.GET.get("context", ""), marked)
    except NotThere as error:
        raise Http404(str(error)) from error
    except BadMark as error:
        told = {"query": query, "bad_mark": str(error)}
        return render(request, "embeddings/search.html", told, status=400)
    if query and not (answer.good or marked) and request.method == "GET":
        count_miss(query)
    context = {
        "query": query,
        "tuned": tuned,
        "hits": rows_of(answer.good, query, marked),
        "distant": rows_of(answer.distant[: max(0, FILL - len(answer.good))], query, marked),
        "contrast": contrast(*answer.rivals) if answer.rivals else None,
        "message": message_of(answer) if query else "",
        "meaning_state": meaning_state(answer, space, language),
        "example": partial(example_of, language),
        "guided": answer,
        "path": path_of(answer, query),
        "asked_again": steps.address(query, []),
        "may_mark": answer.has_meaning and len(marked) < MOST,
    }
    return render(request, "embeddings/search.html", context)


def answer_to(
    query: str, language: str, space: Space | None, context: str, marked: Sequence[Mark]
) -> Guided:
    """Raises BadMark where the marks cancel the question out."""
    if not query:
        return Guided(meaning=Meaning.READY if space else Meaning.OFF)
    return guided(query, language, space=space, context=context, marked=marked)


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


def rows_of(hits: Iterable[Hit], query: str, marked: Sequence[Mark]) -> list[dict[str, Any]]:
    return [row_of(hit, query, marked) for hit in hits]


def row_of(hit: Hit, query: str, marked: Sequence[Mark]) -> dict[str, Any]:
    asked = urlencode({"q": query, "sense": hit.sense.key})
    return {
        "term": hit.term,
        "sense": hit.sense,
        "gist": hit.sense.gist,
        "url": f"{hit.term.get_absolute_url()}#{hit.sense.key}",
        "score": hit.score,
        "strength": hit.strength.value,
        "why": why_of(hit, led=bool(marked)),
        "why_query": asked if hit.why.stage == "meaning" and not marked else "",
        "is_closer": any(mark.sense == hit.sense for mark in marked),
        "marks": {
            toward.name: steps.address(query, [*marked, Mark(toward, hit.sense)])
            for toward in Toward
        },
    }


def path_of(answer: Guided, query: str) -> list[dict[str, Any]]:
    """The steps of an answer, each with the addresses of the question up to it and without it."""
    marked = [step.mark for step in answer.path]
    return [
        {
            "step": step,
            "up_to": steps.address(query, marked[: number + 1]),
            "without": steps.address(query, [*marked[:number], *marked[number + 1 :]]),
        }
        for number, step in enumerate(answer.path)
    ]


def why_of(hit: Hit, *, led: bool = False) -> str:
    """The reason of a hit as a sentence for readers; `led`: by steps."""
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
    if led:
        sentences["meaning"] = _("Meaning: near to where your steps lead")
    if hit.strength == Strength.NONE:
        return _("No match; the closest by meaning")
    return sentences[hit.why.stage] % named
