"""What a reader may be typing: names that begin so, then misspelt ones, each with its gist."""

from dataclasses import dataclass

from terms import search
from terms.models import Term

LIMIT = 8


@dataclass(frozen=True)
class Suggestion:
    """A term to offer. `matched` is its name or alias that answers, `stage` how (terms/search)."""

    term: Term
    matched: str
    stage: str

    @property
    def gist(self) -> str:
        return self.term.gist


def suggest(begun: str, language: str = "en", limit: int = LIMIT) -> list[Suggestion]:
    """Up to `limit` terms by name alone: no model takes part. Two or three queries."""
    hits = search.by_name(begun, language, limit)
    terms = Term.objects.published().with_gists().in_bulk([hit.term_id for hit in hits])
    return [
        Suggestion(terms[hit.term_id], hit.matched, hit.stage.name.lower())
        for hit in hits
        if hit.term_id in terms
    ]
