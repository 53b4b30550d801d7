"""Simulated readers, who mark hits until the answer comes: what guided steps are worth.

Each is asked the questions whose answer is not among the first ten, and marks one hit as closer and
one as not meant in every round. The oracle marks the nearest to what is meant and the farthest from
it, by the entries' cosines, which is the most that a reader could know; the noisy one is as good,
but for one mark in three, made at random; the random one is the control.
"""

import random
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from embeddings.evaluate import LANGUAGE, RELATED
from embeddings.lookup import Hit, look_up
from embeddings.measures import DEPTH
from embeddings.models import Space
from embeddings.questions import Question
from embeddings.steps import Mark, Toward, guided
from embeddings.vectors import Matrix
from terms.models import Sense

ROUNDS = 3
SEED = 1
ERRING = 1 / 3  # share of the noisy reader's marks that are made at random

Order = Sequence[int]
"""The places of the hits that may be marked, the nearest to what is meant first."""


@dataclass
class Gained:
    """Of the questions asked those that were missed, and after how many rounds each came in.

    `rounds`: by reader; 0 where the answer did not come.
    """

    asked: int = 0
    missed: int = 0
    rounds: dict[str, list[int]] = field(default_factory=dict)

    def share(self, reader: str, within: int) -> float:
        """The share of missed answers that came into the first DEPTH within so many rounds."""
        return sum(0 < each <= within for each in self.rounds[reader]) / max(self.missed, 1)


def certain(order: Order, place: int, chance: random.Random) -> int:
    """The nearest for place 0, the farthest for −1."""
    return order[place]


def erring(order: Order, place: int, chance: random.Random) -> int:
    return blind(order, place, chance) if chance.random() < ERRING else order[place]


def blind(order: Order, place: int, chance: random.Random) -> int:
    return chance.choice(order)


READERS: dict[str, Callable[[Order, int, random.Random], int]] = {
    "oracle": certain,
    "noisy": erring,
    "random": blind,
}


def simulate(space: Space, questions: Iterable[Question]) -> Gained:
    """Guides every reader on. `questions` may be a bar.

    Left out are headwords, and questions whose answer is not there or not embedded yet.
    """
    gained = Gained(rounds={name: [] for name in READERS})
    for question in questions:
        meant = _entries(space, _senses_of(question.gains))
        if question.kind == RELATED or not meant:
            continue
        gained.asked += 1
        shown = look_up(question.asked, LANGUAGE, limit=DEPTH, space=space).hits
        if _is_in(shown, question.gains):
            continue
        gained.missed += 1
        for name in READERS:
            gained.rounds[name].append(_rounds(space, question, shown, meant, name))
    return gained


def _rounds(
    space: Space, question: Question, shown: list[Hit], meant: Mapping[int, Matrix], reader: str
) -> int:
    """After how many rounds the answer is among the first DEPTH; 0 where it does not come."""
    chance, marked = random.Random(f"{SEED} {question.asked}"), list[Mark]()  # noqa: S311
    for count in range(1, ROUNDS + 1):
        more = marks_of(space, shown, marked, meant, reader, chance)
        if not more:
            return 0
        marked += more
        shown = guided(question.asked, LANGUAGE, limit=DEPTH, space=space, marked=marked).hits
        if _is_in(shown, question.gains):
            return count
    return 0


def marks_of(
    space: Space,
    shown: Iterable[Hit],
    marked: Iterable[Mark],
    meant: Mapping[int, Matrix],
    reader: str,
    chance: random.Random,
) -> list[Mark]:
    """What a reader marks of the hits that are not marked yet: none of fewer than two."""
    known = {mark.sense for mark in marked}
    senses = [hit.sense for hit in shown if hit.sense not in known]
    entries = _entries(space, [sense.pk for sense in senses])
    senses = [sense for sense in senses if sense.pk in entries]
    if len(senses) < 2:
        return []
    order = nearest_first([entries[sense.pk] for sense in senses], list(meant.values()))
    choose = READERS[reader]
    closer = choose(order, 0, chance)
    away = choose([place for place in order if place != closer], -1, chance)
    return [Mark(Toward.CLOSER, senses[closer]), Mark(Toward.NOT, senses[away])]


def nearest_first(shown: Sequence[Matrix], meant: Sequence[Matrix]) -> list[int]:
    """Places in `shown`, by the cosine to the nearest of what is meant; unit vectors (d,).

    >>> nearest_first([np.array([0.0, 1.0]), np.array([1.0, 0.0])], [np.array([1.0, 0.0])])
    [1, 0]
    """
    cosines = (np.stack(shown) @ np.stack(meant).T).max(axis=1)
    return [int(place) for place in np.argsort(-cosines, kind="stable")]


def _is_in(shown: Iterable[Hit], gains: Mapping[str, int]) -> bool:
    return any(hit.term.slug in gains for hit in shown)


def _senses_of(slugs: Iterable[str]) -> list[int]:
    senses = Sense.objects.published().filter(term__language=LANGUAGE, term__slug__in=slugs)
    return list(senses.values_list("id", flat=True))


def _entries(space: Space, senses: Iterable[int]) -> dict[int, Matrix]:
    stored = space.embeddings.filter(view="entry", sense__in=list(senses))
    return dict(stored.values_list("sense_id", "vector"))
