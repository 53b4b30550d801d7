"""A space in a language, as the operations of the lab see it."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from pgvector import Vector as SqlVector

from embeddings import nearest
from embeddings.encoders import load_for_query
from embeddings.models import Backdrop, Space
from embeddings.vectors import Matrix, Vector
from terms.hydrate import made
from terms.models import Sense, Term
from terms.querysets import PUBLIC
from terms.reading import PARTS

ROOM = 2  # candidates for each hit that is wanted, as a term may have several senses

# For each vector that is asked for the nearest terms by the cosine of their entries, each by its
# best sense. The cast to halfvec stands in the query as in the index (embeddings/nearest.py); texts
# are made vectors once, before they meet the entries, and not for each of these anew.
NEAR = """
SELECT asked.place, best.cosine, best.sense_id, (
    SELECT row_to_json(whole) FROM (
        SELECT {other}, (SELECT json_agg(sense) FROM (
            SELECT {sense} FROM terms_sense sense WHERE sense.id = best.sense_id) sense) AS senses
        FROM terms_term other WHERE other.id = best.term_id) whole)
FROM unnest(%(asked)s::text[]::vector[]) WITH ORDINALITY AS asked(vector, place)
CROSS JOIN LATERAL (
    SELECT DISTINCT ON (term_id) term_id, sense_id, cosine FROM (
        SELECT term.id AS term_id, entry.sense_id,
            1 - (entry.vector <=> asked.vector) AS cosine
        FROM embeddings_embedding entry
        JOIN terms_sense sense ON sense.id = entry.sense_id
        JOIN terms_term term ON term.id = sense.term_id
        WHERE entry.space_id = {space:d} AND entry.view = 'entry'
            AND term.status IN {public} AND term.language = %(language)s
            AND term.id <> ALL(%(without)s)
        ORDER BY entry.vector::halfvec({dimensions:d})
            <=> asked.vector::halfvec({dimensions:d})
        LIMIT %(candidates)s) near
    ORDER BY term_id, cosine DESC) best
ORDER BY asked.place, best.cosine DESC, best.sense_id
"""


@dataclass(frozen=True)
class Hit:
    """A term near a vector by one of its senses, and the cosine to that sense's entry."""

    term: Term
    sense: Sense
    cosine: float

    @property
    def url(self) -> str:
        return f"{self.term.get_absolute_url()}#{self.sense.key}"

    @property
    def gist(self) -> str:
        return self.sense.gist


class Workspace:
    """What an operation may ask of the space."""

    def __init__(self, space: Space, language: str) -> None:
        self.space, self.language = space, language

    @classmethod
    def serving(cls, language: str) -> "Workspace | None":
        """None where no space serves, or its model does not know the language."""
        space = Space.objects.serving()
        return cls(space, language) if space and space.knows(language) else None

    @cached_property
    def backdrop(self) -> Backdrop | None:
        """None until a worker has measured it."""
        found = Backdrop.objects.defer("senses", "vectors", "relations", "step")
        return found.filter(space=self.space, language=self.language).first()

    def figures(self, name: str) -> dict[str, Any]:
        """What was measured on this glossary (lab/backdrop.py); empty until it is."""
        measured: dict[str, Any] = self.backdrop.figures.get(name, {}) if self.backdrop else {}
        return measured

    def encode(self, text: str) -> Vector:
        """(d,). Raises EncoderUnavailable."""
        vector: Vector = load_for_query(self.space.encoder).encode([text])[0]
        return vector

    def near(self, vector: Vector, limit: int, without: Collection[int] = ()) -> list[Hit]:
        """The public terms nearest to a unit vector (d,), but those whose ids are `without`."""
        return self.near_each(vector[None], limit, without)[0]

    def near_each(
        self, vectors: Matrix, limit: int, without: Collection[int] = ()
    ) -> list[list[Hit]]:
        """The same for each of (n, d), in one query."""
        rows = nearest.rows(
            self.space,
            NEAR.replace("{other}", str(PARTS["other"]))
            .replace("{sense}", str(PARTS["sense"]))
            .replace("{public}", str(PUBLIC)),
            asked=[SqlVector(vector).to_text() for vector in vectors],
            language=self.language,
            without=list(without),
            candidates=ROOM * limit,
        )
        found: list[list[Hit]] = [[] for _ in vectors]
        for place, cosine, _, row in rows:
            term = made(Term, row)
            hits = found[place - 1]
            if len(hits) < limit:
                hits.append(Hit(term, term.senses.all()[0], round(cosine, 4)))
        return found

    def entries(self, senses: Iterable[int], view: str = "entry") -> Matrix:
        """(n, d) the senses' vectors in a view, in that order; a zero row where there is none."""
        wanted = list(senses)
        stored = self.space.embeddings.filter(sense__in=wanted, view=view)
        vectors = dict(stored.values_list("sense", "vector"))
        none = np.zeros(self.space.dimensions, dtype=np.float32)
        rows = [vectors.get(sense, none) for sense in wanted]
        return np.asarray(rows, dtype=np.float32).reshape(len(wanted), self.space.dimensions)
