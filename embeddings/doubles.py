"""Stored terms that mean the same as entries of a file, of all of them at once."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pgvector import Vector as SqlVector

from embeddings import nearest
from embeddings.hints import SAME_FROM, same
from embeddings.models import Space
from embeddings.placed import CANDIDATES, SENSES, vectors_of
from embeddings.text import MAX_CHARACTERS
from terms.entry import Entry
from terms.hints import Hint
from terms.hydrate import made
from terms.markup import plain
from terms.models import Term
from terms.reading import LISTED

# For each definition asked, one walk of the index of entries; of what it finds, the nearest
# definition. Nested, so that the index is walked and not all of the space sorted.
NEAREST = """
SELECT asked.number, (SELECT row_to_json(other) FROM (SELECT {listed}) other), meaning
FROM unnest(%(numbers)s::int[], %(vectors)s::text[]::vector[], %(languages)s::text[])
    asked(number, vector, language)
CROSS JOIN LATERAL (
    WITH near AS MATERIALIZED (
        SELECT entry.sense_id, term.id AS term_id
        FROM embeddings_embedding entry
        JOIN terms_sense sense ON sense.id = entry.sense_id
        JOIN terms_term term ON term.id = sense.term_id
        WHERE entry.space_id = {space:d} AND entry.view = 'entry'
          AND term.status = 'published' AND term.language = asked.language
        ORDER BY entry.vector::halfvec({dimensions:d})
            <=> asked.vector::halfvec({dimensions:d})
        LIMIT %(candidates)s)
    SELECT term_id, 1 - (embeddings_embedding.vector <=> asked.vector) AS meaning
    FROM near JOIN embeddings_embedding USING (sense_id)
    WHERE space_id = {space:d} AND view = 'definition'
    ORDER BY meaning DESC, sense_id LIMIT 1) found
JOIN terms_term other ON other.id = found.term_id
WHERE meaning >= %(least)s
ORDER BY asked.number
"""


@dataclass(frozen=True)
class _Asked:
    """A sense that has a definition: of which entry it is, its place there, the definition."""

    row: int
    number: int
    language: str
    text: str


def same_meanings(space: Space, entries: Sequence[Entry]) -> list[Hint | None]:
    """For each entry, the first of its senses that a stored term may mean as well.

    Each definition is encoded once, in batches; one query. Raises EncoderUnavailable.
    """
    asked = [each for row, entry in enumerate(entries) for each in _asked(space, row, entry)]
    found: dict[int, Hint] = {}
    for number, term, meaning in _nearest(space, asked) if asked else ():
        sense = asked[number]
        found.setdefault(sense.row, same(space, sense.number, made(Term, term), meaning))
    return [found.get(row) for row in range(len(entries))]


def _asked(space: Space, row: int, entry: Entry) -> Iterator[_Asked]:
    if space.knows(entry.language):
        for number, sense in enumerate(entry.senses[:SENSES]):
            if text := plain(sense.definition)[:MAX_CHARACTERS]:
                yield _Asked(row, number, entry.language, text)


def _nearest(space: Space, asked: Sequence[_Asked]) -> list[tuple[int, dict[str, object], float]]:
    """(index in `asked`, the term, the cosine of the definitions), of those that are near."""
    texts = sorted((sense.text for sense in asked), key=len)  # a batch is as slow as its longest
    vectors = vectors_of(space, texts)
    return nearest.rows(
        space,
        NEAREST.replace("{listed}", LISTED),
        numbers=list(range(len(asked))),
        vectors=[SqlVector(vectors[sense.text]).to_text() for sense in asked],
        languages=[sense.language for sense in asked],
        candidates=CANDIDATES,
        least=SAME_FROM,
    )
