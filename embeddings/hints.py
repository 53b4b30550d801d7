"""The space as second reader: what an entry's neighbours make one ask.

The thresholds are measured: docs/editor.md.
"""

import logging
from collections import defaultdict
from collections.abc import Iterator, Sequence

from embeddings.calibration import Calibration
from embeddings.compare import asked
from embeddings.encoders import EncoderUnavailable
from embeddings.lookup import Meaning
from embeddings.models import Space
from embeddings.placed import Neighbour, Placed, near, place, vectors_of
from embeddings.vectors import Vector
from terms.entry import Entry
from terms.hints import Hint, Kind, own_names
from terms.models import Miss, Relation, Sense, Term, Topic
from terms.text import slugify

log = logging.getLogger(__name__)

SAME_FROM = 0.7  # cosine of two definitions
RELATED_FROM = 0.47  # relatedness, from which every second suggestion is one that editors made
MOST_RELATED = 5
VOTERS = 8  # neighbours whose topics are counted
MAJORITY = 0.5  # share of their nearness
MISPLACED_BY = 0.1  # an example nearer to another sense than to its own
MISSES, MISS_WORDS = 100, 3  # the most frequent; of more words it is a description, not a name


def by_meaning(entry: Entry, term: Term | None, *, misses: bool) -> tuple[list[Hint], Meaning]:
    """What the space remarks, or why it cannot."""
    space = Space.objects.serving()
    if space is None or not space.knows(entry.language):
        return [], Meaning.OFF
    try:
        found = hints_of(space, entry, term.pk if term else None, misses=misses)
    except EncoderUnavailable as error:
        log.warning("no hints by meaning: %s", error)
        return [], Meaning.LOADING
    return found, Meaning.READY


def hints_of(
    space: Space, entry: Entry, term_id: int | None = None, *, misses: bool = False
) -> list[Hint]:
    """What the space remarks on an entry in a language that it knows; the gravest first.

    `term_id`: the stored term that the entry is of. With `misses`, names that readers tried too.
    Raises EncoderUnavailable.
    """
    placed = place(space, entry)
    around = [near(space, each, entry.language, term_id) for each in placed]
    found: list[Hint] = []
    for each, neighbours in zip(placed, around, strict=True):
        found += [*_same(space, each, neighbours), *_topics(space, each, neighbours)]
    found += _relations(space, entry, term_id, around)
    found += _misplaced(space, placed)
    found += _aliases(space, entry, placed) if misses else ()
    return found


def _same(space: Space, placed: Placed, neighbours: Sequence[Neighbour]) -> Iterator[Hint]:
    nearest = max(neighbours, key=lambda row: row.meaning, default=None)
    if nearest and nearest.meaning >= SAME_FROM:
        yield same(space, placed.number, nearest.term, nearest.meaning)


def same(space: Space, number: int, term: Term, meaning: float) -> Hint:
    """That the sense of that number may mean what a term means, by the cosine of both texts."""
    return Hint(
        Kind.DUPLICATE,
        f"senses[{number}].definition",
        f"“{term.name}” may mean the same: {term.gist}",
        f"Its definition is near to this one by a cosine of {meaning:.2f}.",
        round(meaning, 4),
        space.model,
        term.get_absolute_url(),
    )


def _relations(
    space: Space, entry: Entry, term_id: int | None, around: Sequence[Sequence[Neighbour]]
) -> Iterator[Hint]:
    known = _related(entry, term_id)
    best: dict[int, Neighbour] = {}
    for row in sorted((row for rows in around for row in rows), key=lambda row: -row.score):
        best.setdefault(row.term.id, row)
    fitting = [
        row
        for row in best.values()
        if row.score >= RELATED_FROM
        and row.term.id not in known
        and (row.term.language, row.term.slug) not in known
    ]
    for row in fitting[:MOST_RELATED]:
        yield _relation(space, row)


def _related(entry: Entry, term_id: int | None) -> set[object]:
    """What the entry is related to already: addresses as said here, ids as stored."""
    stored = Relation.objects.filter(from_term=term_id) | Relation.objects.filter(to_term=term_id)
    ends = stored.values_list("from_term", "to_term") if term_id else ()
    return {id for pair in ends for id in pair} | {
        tuple(link.address(entry.language)) for link in entry.relations
    }


def _relation(space: Space, row: Neighbour) -> Hint:
    score = round(row.score, 4)
    action = {
        "kind": Relation.Kind.RELATED,
        "term": {"language": row.term.language, "slug": row.term.slug, "name": row.term.name},
        "provenance": Relation.Provenance.SUGGESTION,
        "score": score,
        "model": space.model,
        "id": row.term.id,
        "label": row.term.name,
    }
    return Hint(
        Kind.RELATION,
        "relations",
        f"Related to “{row.term.name}”? {row.term.gist}",
        f"Near in the space of {space.model}: {score:.2f}.",
        score,
        space.model,
        row.term.get_absolute_url(),
        action,
    )


def _topics(space: Space, placed: Placed, neighbours: Sequence[Neighbour]) -> Iterator[Hint]:
    """Topics that hold most of the nearness of the VOTERS, and that the sense is not in."""
    voters = neighbours[:VOTERS]
    shares = _shares(voters)
    own = {slugify(name) for name in placed.sense.topics}
    for topic in Topic.objects.filter(pk__in=[t for t, s in shares.items() if s >= MAJORITY]):
        if topic.slug not in own:
            share = round(shares[topic.pk], 4)
            yield Hint(
                Kind.TOPIC,
                f"senses[{placed.number}].topics",
                f"In the topic “{topic.name}”?",
                f"It holds {share:.0%} of the {len(voters)} nearest terms, by their nearness.",
                share,
                space.model,
                topic.get_absolute_url(),
                {"slug": topic.slug, "id": topic.pk, "label": topic.name},
            )


def _shares(voters: Sequence[Neighbour]) -> dict[int, float]:
    """Topic → its share of the voters' nearness; a voter may have several."""
    weight = {row.term.id: max(row.cosine, 0.0) for row in voters}
    places = Sense.topics.through.objects.filter(sense__term__in=weight)
    total = sum(weight.values()) or 1
    shares: dict[int, float] = defaultdict(float)
    for topic, term in places.values_list("topic", "sense__term").distinct():
        shares[topic] += weight[term] / total
    return shares


def _misplaced(space: Space, placed: Sequence[Placed]) -> Iterator[Hint]:
    """Examples that are nearer to another sense of the entry, by a margin."""
    senses = [each.vectors["entry"] for each in placed]
    for own, each in enumerate(placed):
        for k, example in enumerate(each.examples):
            other, margin = _elsewhere(example, senses, own)
            if margin >= MISPLACED_BY:
                yield Hint(
                    Kind.EXAMPLE,
                    f"senses[{each.number}].examples[{k}].text",
                    f"This example may be of sense {placed[other].number + 1}.",
                    f"It is nearer to that definition than to its own, by {margin:.2f}.",
                    round(margin, 4),
                    space.model,
                )


def _elsewhere(example: Vector, senses: Sequence[Vector], own: int) -> tuple[int, float]:
    """The nearest other sense, and by how much it is nearer than the own one.

    >>> import numpy as np
    >>> east, north = np.array([1, 0]), np.array([0, 1])
    >>> _elsewhere(east, [north, east], 0)
    (1, 1.0)
    """
    if len(senses) < 2:
        return own, 0.0
    cosines = [float(example @ sense) for sense in senses]
    other = max((n for n in range(len(senses)) if n != own), key=cosines.__getitem__)
    return other, cosines[other] - cosines[own]


def _aliases(space: Space, entry: Entry, placed: Sequence[Placed]) -> Iterator[Hint]:
    """Short questions without an answer for which this entry would have been a strong one."""
    misses = Miss.objects.values_list("query", "count")[:MISSES]
    own = {name.casefold() for name in own_names(entry)}
    names = {q: n for q, n in misses if len(q.split()) <= MISS_WORDS and q not in own}
    if not (names and placed):
        return
    least = Calibration.of(space).strong_from
    for query, vector in vectors_of(space, names).items():
        score = max(asked(vector, each.vectors, space.lookup) for each in placed)
        if score >= least:
            yield _alias(space, query, names[query], score)


def _alias(space: Space, query: str, count: int, score: float) -> Hint:
    times = "once" if count == 1 else f"{count} times"
    return Hint(
        Kind.ALIAS,
        "aliases",
        f"Is “{query}” another name?",
        f"Readers asked for it {times}, found nothing good, and would have found this entry.",
        round(score, 4),
        space.model,
        action={"kind": "synonym", "name": query, "label": query},
    )
