"""Guided steps: a question moved toward what is marked as closer, and away from what is not meant.

A question and its marks are all there is: the same marks give the same answer in any order, and
without the last one it is the answer before it. With marks meaning leads, and names are not asked
again.
"""

import re
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from embeddings import nearest, operations
from embeddings.calibration import Calibration
from embeddings.lookup import (
    Answer,
    Mode,
    Ranked,
    Strength,
    encoded,
    graded,
    hits_of,
    look_up,
    terms_of,
)
from embeddings.measures import DEPTH
from embeddings.models import Space
from embeddings.nearest import Near
from embeddings.operations import Impossible
from embeddings.vectors import Matrix, Vector
from terms.models import Sense, Term
from terms.models.fields import KEY_FORM
from terms.search import MAX_QUERY

MOST = 20  # marks on a question
SHOWN = 60  # characters of a mark that is refused
WRITTEN = re.compile(rf"(closer|not):({KEY_FORM})")


class BadMark(ValueError):
    """A mark that cannot be followed: which and why, in words for readers."""


class Toward(StrEnum):
    CLOSER = "closer"
    NOT = "not"


@dataclass(frozen=True)
class Mark:
    """What a reader says of a sense; written `closer:k7m2p9qa` or `not:k7m2p9qa`."""

    toward: Toward
    sense: Sense

    def __str__(self) -> str:
        return f"{self.toward}:{self.sense.key}"


@dataclass(frozen=True)
class Step:
    """What one mark more did to the question.

    `cosine`: of the question to itself before; `strength`: of its first hit that is not marked;
    `entered`: the terms that came into the first DEPTH, but for those that are marked.
    """

    mark: Mark
    cosine: float
    strength: Strength
    entered: list[Term]

    @property
    def gained(self) -> bool:
        return bool(self.entered)


@dataclass(frozen=True)
class Guided(Answer):
    """An answer, and the way there; no steps where meaning took no part.

    `began`: how sure the answer by meaning was before the first mark.
    """

    began: Strength = Strength.NONE
    path: list[Step] = field(default_factory=list)

    @property
    def rivals(self) -> tuple[Sense, Sense] | None:
        """None on the way: who marks hits tells them apart already."""
        return None if self.path else super().rivals


def marks(written: Sequence[str]) -> list[Mark]:
    """The marks of an address, in its order. Raises BadMark, which names the first wrong one."""
    if len(written) > MOST:
        raise BadMark(_("A question takes up to %(most)d marks.") % {"most": MOST})
    read = [parsed(text) for text in written]
    for key, times in Counter(key for _toward, key in read).items():
        if times > 1:
            raise BadMark(_("The sense “%(key)s” is marked more than once.") % {"key": key})
    senses = _public([key for _toward, key in read])
    return [Mark(toward, senses[key]) for toward, key in read]


def parsed(text: str) -> tuple[Toward, str]:
    """Which way, and the key of the sense. Raises BadMark.

    >>> parsed("not:k7m2p9qa")
    (<Toward.NOT: 'not'>, 'k7m2p9qa')
    """
    found = WRITTEN.fullmatch(text)
    if not found:
        message = _("“%(mark)s” is no mark: write “closer:” or “not:” and the key of a sense.")
        raise BadMark(message % {"mark": text[:SHOWN]})
    return Toward(found[1]), found[2]


def _public(keys: Sequence[str]) -> dict[str, Sense]:
    senses = Sense.objects.published().filter(key__in=keys).select_related("term")
    found = {sense.key: sense for sense in senses}
    for key in keys:
        if key not in found:
            raise BadMark(_("There is no sense “%(key)s”.") % {"key": key})
    return found


def address(query: str, marked: Iterable[Mark | str]) -> str:
    """The query string that asks this again.

    >>> address("a b", ["closer:k7m2p9qa"])
    'q=a+b&mark=closer%3Ak7m2p9qa'
    """
    return urlencode([("q", query), *(("mark", str(mark)) for mark in marked)])


def guided(
    query: str,
    language: str = "en",
    mode: Mode = Mode.ALL,
    limit: int = 20,
    space: Space | None = None,
    context: str = "",
    topics: Collection[int] | None = None,
    *,
    marked: Sequence[Mark] = (),
) -> Guided:
    """`look_up`; with marks what is near to the question once it is moved.

    Senses that are not meant are left out; those that are closer stay, so that the reader sees
    them. Without a model the answer is that of `look_up`, and has no path. A sense that is not
    embedded yet moves nothing. Raises BadMark where the marks cancel the question out.
    """
    space = space or Space.objects.serving()
    meaning, asked = encoded(space if marked else None, query.strip()[:MAX_QUERY], language)
    if space is None or asked is None:
        plain = look_up(query, language, mode, limit, space, context, topics)
        return Guided(plain.hits, plain.meaning, plain.space)
    points = way(asked, marked, _entries(space, marked))
    orders = _orders(space, points, marked, language, limit, topics)
    order = orders[-1][:limit]
    shown = [order, *(each[:DEPTH] for each in orders)]
    terms = terms_of({place.term_id for places in shown for place in places})
    path = _path(marked, points, orders, terms)
    return Guided(hits_of(order, terms), meaning, space, _sure(orders[0], []), path)


def _orders(
    space: Space,
    points: Matrix,
    marked: Sequence[Mark],
    language: str,
    limit: int,
    topics: Collection[int] | None,
) -> list[list[Ranked]]:
    """What is near to the question before the first mark, and after each."""
    found = nearest.to_vectors(space, points, language, limit + len(marked), topics)
    calibration = Calibration.of(space)
    return [
        _graded(_kept(near, marked[:number]), marked[:number], calibration)
        for number, near in enumerate(found)
    ]


def _path(
    marked: Sequence[Mark],
    points: Matrix,
    orders: Sequence[list[Ranked]],
    terms: dict[int, Term],
) -> list[Step]:
    return [
        Step(
            mark,
            cosine=float(points[before] @ points[after]),
            strength=_sure(orders[after], marked[:after]),
            entered=_entered(orders[before], orders[after], marked[:after], terms),
        )
        for before, (after, mark) in enumerate(enumerate(marked, 1))
    ]


def _entered(
    before: list[Ranked], after: list[Ranked], marked: Iterable[Mark], terms: dict[int, Term]
) -> list[Term]:
    known = {mark.sense.term_id for mark in marked} | {place.term_id for place in before[:DEPTH]}
    found = [place.term_id for place in after[:DEPTH]]
    return [terms[term] for term in found if term in terms and term not in known]


def way(asked: Vector, marked: Sequence[Mark], entries: dict[int, Vector]) -> Matrix:
    """(marks + 1, d): the question, and where it stands after each mark.

    Raises BadMark where marks cancel it out.
    """
    try:
        return np.stack([_moved(asked, marked[:n], entries) for n in range(len(marked) + 1)])
    except Impossible as error:
        raise BadMark(_("The marks cancel out: nothing is left to look near.")) from error


def _moved(asked: Vector, marked: Sequence[Mark], entries: dict[int, Vector]) -> Vector:
    """Summed in the order of the senses: in that of the marks, last bits would depend on it."""
    if not marked:
        return asked
    senses = {toward: sorted(_senses(marked, toward) & entries.keys()) for toward in Toward}
    closer, away = (
        np.array([entries[sense] for sense in senses[toward]]).reshape(-1, len(asked))
        for toward in (Toward.CLOSER, Toward.NOT)
    )
    return operations.guided(asked, closer, away)


def _senses(marked: Iterable[Mark], toward: Toward) -> set[int]:
    return {mark.sense.pk for mark in marked if mark.toward == toward}


def _entries(space: Space, marked: Iterable[Mark]) -> dict[int, Vector]:
    stored = space.embeddings.filter(view="entry", sense__in=[mark.sense.pk for mark in marked])
    return dict(stored.values_list("sense_id", "vector"))


def _kept(near: Iterable[Near], marked: Sequence[Mark]) -> list[Near]:
    """Each term once, without the senses that are not meant."""
    unmeant = _senses(marked, Toward.NOT)
    return nearest.by_term(each for each in near if each.sense_id not in unmeant)


def _graded(near: list[Near], marked: Sequence[Mark], calibration: Calibration) -> list[Ranked]:
    """What is marked is near to its own vector: never strong, and nothing is less so for it."""
    closer = _senses(marked, Toward.CLOSER)
    free = iter(graded([each for each in near if each.sense_id not in closer], calibration))
    return [
        graded([each], calibration)[0] if each.sense_id in closer else next(free) for each in near
    ]


def _sure(order: Iterable[Ranked], marked: Sequence[Mark]) -> Strength:
    """Of the first that is not marked."""
    closer = _senses(marked, Toward.CLOSER)
    rest = (place.strength for place in order if place.sense_id not in closer)
    return next(rest, Strength.NONE)
