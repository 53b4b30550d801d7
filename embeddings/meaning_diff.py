"""What an edit would change before it is kept: how far senses move, who is near, what is answered.

The entry's vectors take the place of the term's own in memory; questions are then ranked anew among
the same candidates. Names are not replayed: what is found by its name is found as it is stored.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from embeddings import nearest, related
from embeddings.calibration import Calibration
from embeddings.compare import asked as weighed
from embeddings.drift import Move
from embeddings.lookup import graded, is_description, merge
from embeddings.measures import DEPTH, rank_of_first
from embeddings.models import PinnedQuestion, Space
from embeddings.nearest import Near
from embeddings.placed import Placed, near, place, vectors_of
from embeddings.questions import FOLDER, read, without_name
from embeddings.vectors import QUOTED, Vector
from terms import search
from terms.entry import Entry, entry_of
from terms.markup import plain
from terms.models import Miss, Sense, Term
from terms.querysets import PUBLIC
from terms.writing import paired

NEIGHBOURS = 8
MISSES = 50  # the newest
REPLAYED = 60  # questions at the most: those whose score changes most
NEW = 0  # the id of a term that is not stored yet

Views = dict[str, Vector]


class Question(NamedTuple):
    """`right`: the ids of the answers; empty where the entry itself is looked at."""

    kind: str
    asked: str
    right: frozenset[int] = frozenset()


@dataclass(frozen=True)
class Changed:
    """A question whose answer has another rank; None beyond DEPTH."""

    kind: str
    asked: str
    answer: str
    before: int | None
    after: int | None

    @property
    def is_worse(self) -> bool:
        return (self.after or DEPTH + 1) > (self.before or DEPTH + 1)


@dataclass(frozen=True)
class MeaningDiff:
    """`replayed`: how many questions the edit touches; `changed`: those answered otherwise."""

    moves: list[Move]
    come: list[Term]
    gone: list[Term]
    replayed: int
    changed: list[Changed]


def meaning_diff(
    space: Space, entry: Entry, term: Term | None, *, misses: bool = False
) -> MeaningDiff:
    """Of an entry against its stored term, None for a new one. Raises EncoderUnavailable.

    With `misses`, what readers lately asked in vain is asked again.
    """
    placed = place(space, entry)
    before = stored_views(space, term) if term else {}
    was = related.near(space, term, limit=NEIGHBOURS) if term else []
    come, gone = _neighbours(space, entry, term, placed, [row.term for row in was])
    neighbour = 1 - max((row.cosine for row in was), default=0.0)
    stays = entry.status in PUBLIC or not (term and term.is_public)
    replay = Replay(space, entry, term.pk if term else NEW, list(before.values()), placed, stays)
    questions = list(questions_about(entry, term, misses=misses))
    replayed, changed = replay.changes(questions)
    return MeaningDiff(
        _moves(entry, term, before, placed, neighbour), come, gone, replayed, changed
    )


def stored_views(space: Space, term: Term) -> dict[int, Views]:
    """Sense → its vectors by view."""
    rows = space.embeddings.filter(sense__term=term).values_list("sense", "view", "vector")
    found: dict[int, Views] = {}
    for sense, view, vector in rows:
        found.setdefault(sense, {})[view] = np.asarray(vector, dtype=np.float32)
    return found


def _moves(
    entry: Entry,
    term: Term | None,
    before: dict[int, Views],
    placed: Sequence[Placed],
    neighbour: float,
) -> list[Move]:
    """Of the senses that are there already and have moved."""
    stored: list[Sense] = list(term.senses.order_by("position")) if term else []
    senses = {id(text): sense for text, sense in paired(entry.senses, stored)}
    ways = [
        (each, 1 - float(before[pk]["entry"] @ each.vectors["entry"]))
        for each in placed
        if (pk := senses[id(each.sense)].pk) in before
    ]
    return [Move(f"Sense {each.number + 1}", way, neighbour) for each, way in ways if way > 1e-4]


def _neighbours(
    space: Space, entry: Entry, term: Term | None, placed: Sequence[Placed], was: Sequence[Term]
) -> tuple[list[Term], list[Term]]:
    """Those that come among the NEIGHBOURS nearest, and those that go."""
    own = term.pk if term else None
    rows = [row for each in placed for row in near(space, each, entry.language, own)]
    order = dict.fromkeys(row.term for row in sorted(rows, key=lambda row: -row.score))
    now = list(order)[:NEIGHBOURS]
    return [t for t in now if t not in was], [t for t in was if t not in now]


def questions_about(entry: Entry, term: Term | None, *, misses: bool) -> Iterable[Question]:
    """Pinned and labelled ones, those of the entry's own words, old and new, and readers' misses.

    The sealed half of the labelled ones stays sealed.
    """
    pins = PinnedQuestion.objects.asked().filter(term__language=entry.language)
    yield from (Question("pinned", pin.question, frozenset({pin.term_id})) for pin in pins)
    yield from _labelled(entry.language)
    told = dict.fromkeys(
        without_name(text, each.name)
        for each in ([entry_of(term)] if term else []) + [entry]
        for sense in each.senses
        for text in [plain(sense.definition), *(text for text, _ in sense.examples)]
    )
    yield from (Question("its own words", text) for text in told if text)
    lately = Miss.objects.order_by("-last_asked_at").values_list("query", flat=True)
    yield from (Question("asked in vain", query) for query in lately[: MISSES * misses])


def _labelled(language: str) -> Iterable[Question]:
    questions = [q for q in read(FOLDER) if q.half == "develop" and q.kind != "related"]
    slugs = {slug for question in questions for slug in question.gains}
    public = Term.objects.published().filter(language=language, slug__in=slugs)
    ids = dict(public.values_list("slug", "pk"))
    for question in questions:
        if right := frozenset(ids[slug] for slug in question.gains if slug in ids):
            yield Question("labelled", question.asked, right)


@dataclass(frozen=True)
class Replay:
    """Questions asked of the space as it is, and with the entry's vectors in the term's place."""

    space: Space
    entry: Entry
    term_id: int
    before: Sequence[Views]
    placed: Sequence[Placed]
    stays: bool  # a draft counts as if it were published; what is taken back does not

    def changes(self, questions: Sequence[Question]) -> tuple[int, list[Changed]]:
        """How many the edit touches, and those answered otherwise, the worse ones first."""
        vectors = vectors_of(self.space, [question.asked for question in questions])
        touched = self._touched(questions, vectors)
        answers = self._names(touched)
        changed = [self._replayed(q, vectors[q.asked], answers) for q in touched]
        differing = [each for each in changed if each.before != each.after]
        return len(touched), sorted(differing, key=lambda each: not each.is_worse)

    def _touched(self, questions: Sequence[Question], vectors: dict[str, Vector]) -> list[Question]:
        """Those near enough to the term, before or after, whose nearness to it changes most."""
        least = Calibration.of(self.space).none_below
        scores = {q: self._scores(vectors[q.asked]) for q in questions}
        touched = [q for q, (old, new) in scores.items() if max(old, new) >= least and old != new]
        return sorted(touched, key=lambda q: -abs(scores[q][0] - scores[q][1]))[:REPLAYED]

    def _scores(self, asked: Vector) -> tuple[float, float]:
        return best(self.space, asked, self.before), best(self.space, asked, self._after)

    @property
    def _after(self) -> list[Views]:
        return [each.vectors for each in self.placed]

    def _replayed(self, question: Question, asked: Vector, answers: dict[int, str]) -> Changed:
        rows = nearest.to_vector(self.space, asked, self.entry.language, 2 * DEPTH)
        others = [row for row in rows if row.term_id != self.term_id]
        mine = [Near(self.term_id, NEW, best(self.space, asked, self._after))] if self.stays else []
        after = sorted(others + mine, key=lambda row: -row.score)
        right = question.right or {self.term_id}
        ranks = [self._rank(question.asked, order, right) for order in (rows, after)]
        told = ", ".join(sorted(answers[id] for id in right))
        return Changed(question.kind, question.asked, told, *ranks)

    def _rank(self, asked: str, near: list[Near], right: Collection[int]) -> int | None:
        """Of the first right answer, as look-up merges names and meaning."""
        names = search.by_name(asked, self.entry.language, DEPTH)
        calibration = Calibration.of(self.space)
        order = merge(names, graded(near, calibration), [], described=is_description(asked))
        return rank_of_first([hit.term_id for hit in order], right)

    def _names(self, questions: Iterable[Question]) -> dict[int, str]:
        ids = {id for question in questions for id in question.right}
        stored = dict(Term.objects.filter(pk__in=ids).values_list("pk", "name"))
        return stored | {self.term_id: self.entry.name}


def best(space: Space, asked: Vector, senses: Iterable[Views]) -> float:
    """What look-up scores a term: its best sense, a quoted definition first."""
    scores = [weighed(asked, views, space.lookup) for views in senses]
    quotes = [float(asked @ views["definition"]) for views in senses if "definition" in views]
    return max([*scores, *(quote for quote in quotes if quote > QUOTED)], default=-1.0)
