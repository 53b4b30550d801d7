import logging
from typing import Any

from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from embeddings.lookup import Answer, Hit, Meaning, look_up
from terms.models import Miss
from terms.views.pages import reader_page

log = logging.getLogger(__name__)


@reader_page
def search(request: HttpRequest, language: str) -> HttpResponse:
    """One box for names and meanings; every hit says why it is there."""
    query = request.GET.get("q", "").replace("\x00", "").strip()
    sentence = request.GET.get("context", "")
    answer = look_up(query, language, context=sentence) if query else Answer(meaning=Meaning.READY)
    if query and not answer.is_good and request.method == "GET":
        count_miss(query)
    context = {
        "query": query,
        "hits": [row_of(hit) for hit in answer.hits],
        "message": message_of(answer) if query else "",
        "meaning_state": answer.meaning.value,
    }
    return render(request, "embeddings/search.html", context)


def count_miss(query: str) -> None:
    """Best effort: a question that found nothing good is counted, unless the database minds."""
    try:
        Miss.objects.count_one(query)
    except DatabaseError as error:
        log.warning("a miss was not counted: %s", error)


def message_of(answer: Answer) -> str:
    if not answer.hits:
        return _("Nothing was found.")
    if not answer.is_good:
        return _("There is no good match. These are the closest by meaning.")
    return ""


def row_of(hit: Hit) -> dict[str, Any]:
    return {
        "term": hit.term,
        "sense": hit.sense,
        "gist": hit.sense.gist,
        "url": f"{hit.term.get_absolute_url()}#{hit.sense.key}",
        "score": hit.score,
        "strength": hit.strength.value,
        "why": why_of(hit),
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
    return sentences[hit.why.stage] % named
