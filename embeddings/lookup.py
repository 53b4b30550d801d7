"""Look-up: one question, a name or a description; names that answer come first, else meaning leads.

There is no blind fusion of ranks: it was measured below vectors alone (docs/lookup.md).
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from embeddings import nearest, vectors
from embeddings.calibration import Calibration
from embeddings.encoders import EncoderUnavailable, load_for_query
from embeddings.models import Space
from embeddings.nearest import Near
from embeddings.vectors import Vector
from terms import search
from terms.models import Sense, Term
from terms.search import MAX_QUERY

DESCRIPTION_WORDS = 4  # from so many words on a question is a description rather than a name
LIKE = 0.78  # share of a name that is right, from which it is most likely meant
RIVAL = 0.05  # two scores by meaning that differ by less are hardly told apart


class Mode(StrEnum):
    ALL = "all"
    NAMES = "names"
    WORDS = "words"
    MEANING = "meaning"


class Meaning(StrEnum):
    """Whether questions can be answered by meaning."""

    READY = "ready"
    LOADING = "loading"  # the model or its vectors are not there yet
    OFF = "off"  # the model does not know this language, or there is no space


class Strength(StrEnum):
    EXACT = "exact"
    STRONG = "strong"
    WEAK = "weak"
    NONE = "none"


class Why(NamedTuple):
    """Which stage found it, in which field, and what there matched."""

    stage: str
    field: str
    matched: str


@dataclass(frozen=True)
class Ranked:
    """A place in the answer, before its term is read."""

    term_id: int
    sense_id: int | None
    score: float
    strength: Strength
    why: Why


@dataclass(frozen=True)
class Hit:
    term: Term
    sense: Sense
    score: float
    strength: Strength
    why: Why


@dataclass(frozen=True)
class Answer:
    """Hits in order, whether meaning took part, and in which space."""

    hits: list[Hit] = field(default_factory=list)
    meaning: Meaning = Meaning.OFF
    space: Space | None = None

    @property
    def good(self) -> list[Hit]:
        return [hit for hit in self.hits if hit.strength != Strength.NONE]

    @property
    def distant(self) -> list[Hit]:
        """No matches, but what is closest by meaning."""
        return [hit for hit in self.hits if hit.strength == Strength.NONE]

    @property
    def has_meaning(self) -> bool:
        """Whether a hit was found by meaning."""
        return any(hit.why.stage == "meaning" for hit in self.hits)

    @property
    def rivals(self) -> tuple[Sense, Sense] | None:
        """The senses of the first two hits, when both are good by meaning and hardly differ."""
        match self.hits[:2]:
            case [Hit(why=Why("meaning")) as one, Hit(why=Why("meaning")) as other]:
                near = one.score - other.score < RIVAL and other.strength != Strength.NONE
                return (one.sense, other.sense) if near else None
        return None


def look_up(
    query: str,
    language: str = "en",
    mode: Mode = Mode.ALL,
    limit: int = 20,
    space: Space | None = None,
    context: str = "",
    topics: Collection[int] | None = None,
) -> Answer:
    """Answers a question of up to MAX_QUERY characters; longer ones are cut.

    With `topics`, only terms that have a sense in one of them.

    `context`, a sentence that the name stands in, picks the sense of each term found by name, and
    among names that answer alike the one that is meant.

    Never raises for want of a model: without one, names and words answer and `meaning` says so.
    `space` is the serving one unless given. It is read once, so that no answer is of two spaces
    when another one is made to serve meanwhile.
    """
    query = query.strip()[:MAX_QUERY]
    space = space or Space.objects.serving()
    wants_meaning = mode in {Mode.ALL, Mode.MEANING}
    meaning, near = _near(space if wants_meaning else None, query, language, limit, topics)
    names = search.by_name(query, language, limit) if mode in {Mode.ALL, Mode.NAMES} else []
    names = in_context(space, names, context.strip()[:MAX_QUERY], language)
    wants_words = mode == Mode.WORDS or (mode == Mode.ALL and meaning != Meaning.READY)
    words = search.by_words(query, language, limit) if wants_words else []
    if topics is not None:
        names, words = _about(topics, names), _about(topics, words)
    calibration = Calibration.of(space) if space else Calibration()
    order = merge(names, graded(near, calibration), words, described=is_description(query))
    order = order[:limit]
    hits = hits_of(order, terms_of(place.term_id for place in order))
    return Answer(hits, meaning, space if meaning == Meaning.READY else None)


def in_context(
    space: Space | None, names: list[search.Hit], context: str, language: str
) -> list[search.Hit]:
    """The hits with the sense nearest to the sentence; nearest first within a stage."""
    if not (context and names):
        return names
    _, asked = encoded(space, context, language)
    if space is None or asked is None:
        return names
    near = nearest.senses_of(space, asked, [hit.term_id for hit in names])
    meant = [
        replace(hit, sense_id=near[hit.term_id].sense_id) if hit.term_id in near else hit
        for hit in names
    ]
    # Whether a name is a headword or an alias says nothing once there is a sentence.
    return sorted(meant, key=lambda hit: (_rung(hit), -_score(near.get(hit.term_id))))


def _rung(hit: search.Hit) -> int:
    return search.Stage.NAME if hit.stage.is_whole else hit.stage


def _score(near: Near | None) -> float:
    return near.score if near else -1.0


def is_description(query: str) -> bool:
    return len(query.split()) >= DESCRIPTION_WORDS


def graded(near: list[Near], calibration: Calibration) -> list[Ranked]:
    """Meaning hits with their strength: strong only the first, when it is near and stands clear."""
    strong = is_strong(np.array([row.score for row in near]), calibration)
    ranked = []
    for rank, row in enumerate(near):
        strength = Strength.WEAK if row.score >= calibration.none_below else Strength.NONE
        if strength == Strength.WEAK and rank == 0 and strong:
            strength = Strength.STRONG
        why = Why("meaning", "definition", "")
        ranked.append(Ranked(row.term_id, row.sense_id, row.score, strength, why))
    return ranked


def is_strong(scores: NDArray[np.floating], calibration: Calibration) -> bool:
    """Whether the first of descending scores is near, and clear of the second and of the next ten.

    >>> is_strong(np.array([0.8, 0.7, 0.2]), Calibration())
    True
    >>> is_strong(np.array([0.8, 0.76, 0.2]), Calibration())
    False
    """
    return (
        len(scores) > 0
        and scores[0] >= calibration.strong_from
        and vectors.gap(scores) >= calibration.strong_gap
        and vectors.lead(scores) >= RIVAL
    )


def merge(
    names: list[search.Hit], near: list[Ranked], words: list[search.Hit], *, described: bool
) -> list[Ranked]:
    """Whole names first; then, for a description meaning before parts of names, else after them."""
    whole = [_ranked(hit, Strength.EXACT) for hit in names if hit.stage.is_whole]
    parts = [
        _ranked(hit, Strength.STRONG if hit.score >= LIKE and not whole else Strength.WEAK)
        for hit in names
        if not hit.stage.is_whole
    ]
    good = [hit for hit in near if hit.strength != Strength.NONE]
    rest = [_ranked(hit, Strength.WEAK) for hit in words]
    order = [*whole, *good, *parts] if described else [*whole, *parts, *good]
    order += rest
    # Where no name is clearly meant, the closest by meaning follow, marked as no match.
    if not any(hit.strength in {Strength.EXACT, Strength.STRONG} for hit in [*whole, *parts]):
        order += [hit for hit in near if hit.strength == Strength.NONE]
    best: dict[int, Ranked] = {}
    for hit in order:
        best.setdefault(hit.term_id, hit)
    return list(best.values())


def _ranked(hit: search.Hit, strength: Strength) -> Ranked:
    why = Why(hit.stage.name.lower(), hit.field, hit.matched)
    return Ranked(hit.term_id, hit.sense_id, hit.score, strength, why)


def _about(topics: Collection[int], hits: list[search.Hit]) -> list[search.Hit]:
    found = [hit.term_id for hit in hits]
    senses = Sense.objects.filter(term__in=found, topics__in=topics)
    inside = set(senses.values_list("term_id", flat=True))
    return [hit for hit in hits if hit.term_id in inside]


def _near(
    space: Space | None, query: str, language: str, limit: int, topics: Collection[int] | None
) -> tuple[Meaning, list[Near]]:
    if not query:
        return Meaning.READY if space and space.knows(language) else Meaning.OFF, []
    meaning, asked = encoded(space, query, language)
    if space is None or asked is None:
        return meaning, []
    return meaning, nearest.to_vector(space, asked, language, limit, topics)


def encoded(space: Space | None, text: str, language: str) -> tuple[Meaning, Vector | None]:
    """The unit vector (d,) of a text, or why there is none."""
    if space is None or not space.knows(language):
        return Meaning.OFF, None
    try:
        return Meaning.READY, load_for_query(space.asked_with or space.encoder).encode([text])[0]
    except EncoderUnavailable:
        return Meaning.LOADING, None


def hits_of(order: list[Ranked], terms: dict[int, Term]) -> list[Hit]:
    """The ranked places with the sense that answered, else the term's first one."""
    hits = []
    for place in order:
        term = terms.get(place.term_id)
        senses = list(term.senses.all()) if term else []
        if term and senses:
            sense = next((s for s in senses if s.id == place.sense_id), senses[0])
            hits.append(Hit(term, sense, round(place.score, 4), place.strength, place.why))
    return hits


def terms_of(ids: Iterable[int]) -> dict[int, Term]:
    """Public terms with what an answer shows of them."""
    return Term.objects.published().with_definitions().in_bulk(list(ids))
