"""Where an entry would lie in the space, before it is kept."""

from collections.abc import Iterable
from dataclasses import dataclass

from pgvector import Vector as SqlVector

from embeddings import nearest
from embeddings.encoders import load_for_query
from embeddings.models import Space
from embeddings.text import views_of
from embeddings.vectors import Vector
from terms.entry import Entry, SenseText
from terms.hydrate import made
from terms.markup import plain
from terms.models import Term
from terms.reading import LISTED

CANDIDATES = 40
SENSES, EXAMPLES = 20, 10  # of an entry, and of each sense, that are placed
KEPT = 4_000  # vectors that are remembered: about 6 MB

NEAR = """
WITH near AS MATERIALIZED (
    SELECT entry.sense_id, term.id AS term_id, 1 - (entry.vector <=> %(entry)s::vector) AS cosine
    FROM embeddings_embedding entry
    JOIN terms_sense sense ON sense.id = entry.sense_id
    JOIN terms_term term ON term.id = sense.term_id
    WHERE entry.space_id = {space:d} AND entry.view = 'entry'
      AND term.status = 'published' AND term.language = %(language)s AND term.id <> %(term)s
    ORDER BY entry.vector::halfvec({dimensions:d})
        <=> (%(entry)s::vector)::halfvec({dimensions:d})
    LIMIT %(candidates)s)
SELECT (SELECT row_to_json(other) FROM (SELECT {listed}) other), cosine,
    (%(entry_weight)s * cosine + %(name_weight)s * (1 - least(
        name.vector <=> %(definition)s::vector, definition.vector <=> %(name)s::vector)))
        / (%(entry_weight)s + %(name_weight)s) AS score,
    1 - (definition.vector <=> %(definition)s::vector)
FROM near JOIN terms_term other ON other.id = term_id
JOIN embeddings_embedding name ON name.sense_id = near.sense_id
    AND name.space_id = {space:d} AND name.view = 'name'
JOIN embeddings_embedding definition ON definition.sense_id = near.sense_id
    AND definition.space_id = {space:d} AND definition.view = 'definition'
ORDER BY score DESC, near.sense_id
"""


@dataclass(frozen=True)
class Placed:
    """A sense of an entry with its vectors by view, and those of all of its examples.

    `number`: its place in the entry, from 0.
    """

    number: int
    sense: SenseText
    vectors: dict[str, Vector]
    examples: list[Vector]


@dataclass(frozen=True)
class Neighbour:
    """A published term near a placed sense, by its nearest sense.

    `score`: relatedness as `embeddings/related.py` has it; `meaning`: the cosine of the definitions
    alone, whatever the two are called.
    """

    term: Term
    cosine: float
    score: float
    meaning: float


_known: dict[tuple[str, str], Vector] = {}


def vectors_of(space: Space, texts: Iterable[str]) -> dict[str, Vector]:
    """Unit vectors (d,) of the texts; what was encoded lately is remembered.

    While an entry is typed, all of its texts but one stay the same. Raises EncoderUnavailable.
    """
    wanted = dict.fromkeys(texts)
    known = {text: _known.get((space.encoder, text)) for text in wanted}
    found = {text: vector for text, vector in known.items() if vector is not None}
    if missing := [text for text in wanted if text not in found]:
        new = dict(zip(missing, load_for_query(space.encoder).encode(missing), strict=True))
        if len(_known) > KEPT:
            _known.clear()
        _known.update({(space.encoder, text): vector for text, vector in new.items()})
        found |= new
    return found


def place(space: Space, entry: Entry) -> list[Placed]:
    """The senses that have a definition, of the first ones. Raises EncoderUnavailable."""
    told = [
        (number, sense, definition, [text for text, _ in sense.examples[:EXAMPLES]])
        for number, sense in enumerate(entry.senses[:SENSES])
        if (definition := plain(sense.definition))
    ]
    views = [views_of(entry.name, definition, examples) for *_, definition, examples in told]
    texts = [text for each in views for text in each.values()]
    vectors = vectors_of(space, texts + [text for *_, examples in told for text in examples])
    return [
        Placed(
            number,
            sense,
            {view: vectors[text] for view, text in seen.items()},
            [vectors[text] for text in examples],
        )
        for (number, sense, _, examples), seen in zip(told, views, strict=True)
    ]


def near(space: Space, placed: Placed, language: str, term_id: int | None) -> list[Neighbour]:
    """Published terms near a placed sense, the most related first. One query.

    Not the term of `term_id`, which the entry is of.
    """
    rows = nearest.rows(
        space,
        NEAR.replace("{listed}", LISTED),
        **{
            view: SqlVector(placed.vectors[view]).to_text()
            for view in ("entry", "definition", "name")
        },
        language=language,
        term=term_id or 0,
        entry_weight=space.relatedness["entry"],
        name_weight=space.relatedness["definition_name"],
        candidates=CANDIDATES,
    )
    best: dict[int, Neighbour] = {}
    for term, cosine, score, meaning in rows:
        best.setdefault(term["id"], Neighbour(made(Term, term), cosine, score, meaning))
    return list(best.values())
