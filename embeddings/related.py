"""Terms that the space suggests as related, without those that editors have related already."""

from dataclasses import dataclass

from embeddings import nearest
from embeddings.models import Space
from terms.models import Relation, Term

LIMIT = 8


@dataclass(frozen=True)
class Suggestion:
    term: Term
    score: float
    cosine: float

    @property
    def gist(self) -> str:
        return self.term.gist

    @property
    def percent(self) -> int:
        return max(0, round(100 * self.score))


def suggestions(space: Space, term: Term, limit: int = LIMIT) -> list[Suggestion]:
    """The nearest published terms in order; pages, REST and the admin all show these."""
    ends = Relation.objects.of(term).values_list("from_term_id", "to_term_id")
    curated = {end for pair in ends for end in pair} - {term.id}
    near = nearest.to_term(space, term, without=sorted(curated), limit=limit)
    terms = Term.objects.published().with_gists().in_bulk([row.term_id for row in near])
    return [
        Suggestion(terms[row.term_id], round(row.score, 4), round(row.cosine, 4))
        for row in near
        if row.term_id in terms
    ]
