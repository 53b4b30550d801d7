"""Pairs of texts that mean one thing, out of a glossary's own public English entries.

Every entry is cut alike, "name: first sentences", whatever it is used for: were some cut and others
not, an adapter would learn the cut. Terms are held out whole: they are on neither side of a pair.
"""

import hashlib
import random
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial

from django.db.models import Q

from embeddings.models import PinnedQuestion
from embeddings.questions import without_name
from embeddings.text import entry as entry_text
from embeddings.text import readable
from embeddings.tuning.models import ASKING
from terms.models import Relation, Sense, Term

LANGUAGE = "en"  # the shipped model knows no other
LONGEST = 400  # characters of a text, about as many as MAX_TOKENS of training.py
SHORTEST_FIRST, SHORTEST_LATER = 60, 40  # characters that say something
LATER_SENTENCES = 2
HELD_OUT, HELD_OUT_SHARE = 600, 0.2  # terms, at the most
AMONG = 20_000  # entries among which those of a larger glossary are measured
MOST = 10_000  # pairs an epoch; more take long and teach little
END = re.compile(r"(?<=[.!?])\s+(?=[A-Z(“\"])")
MEANS_ALIKE = ("related", "broader", "see_also", "used_in")


@dataclass(frozen=True)
class Entry:
    """A public sense: what its definition says first, and what it says later without the name."""

    sense: int
    term: int
    key: str
    slug: str
    name: str
    first: str
    later: str = ""
    examples: tuple[str, ...] = ()
    questions: tuple[str, ...] = ()
    related: tuple[int, ...] = ()

    @property
    def text(self) -> str:
        return entry_text(self.name, self.first)

    @property
    def asked(self) -> str:
        """What it is asked for by when it is held out: later sentences, or else an example."""
        return self.later or next(filter(says_something, self.examples), "")


@dataclass(frozen=True)
class Pair:
    """`asked` means what `answer` says. `terms`: those that the two are of; `row`: the entry's
    place among those that are trained with, where it is an entry that answers."""

    asked: str
    answer: str
    terms: frozenset[int]
    row: int | None = None


def cut(definition: str) -> tuple[str, str]:
    """Its first sentence or so, and the next two; nothing where those say little.

    >>> cut("A unit of text that a model reads or writes in one piece, often a word. It is counted"
    ...     " when a request is paid for. Ignored? Yes.")[1]
    'It is counted when a request is paid for. Ignored?'
    """
    sentences = END.split(definition.strip())
    first = sentences.pop(0)
    while sentences and len(first) < SHORTEST_FIRST:
        first += " " + sentences.pop(0)
    later = " ".join(sentences[:LATER_SENTENCES])[:LONGEST]
    return first[:LONGEST], later if says_something(later) else ""


def says_something(text: str) -> bool:
    return len(text) >= SHORTEST_LATER


masked = partial(without_name, gap="it")


def entries() -> list[Entry]:
    """Those of all public English terms, in a fixed number of queries."""
    public = Term.objects.published().filter(language=LANGUAGE)
    questions, related = _questions(), _related(public.values("id"))
    senses = readable(Sense.objects.filter(term__in=public)).order_by("term_id", "position")
    return [
        _entry(sense, questions.get(sense.term_id, ()), related.get(sense.term_id, ()))
        for sense in senses
    ]


def _entry(sense: Sense, questions: Sequence[str], related: Sequence[int]) -> Entry:
    """A term's questions and relations go with its first sense."""
    name = sense.term.name
    first, later = cut(sense.definition_text)
    is_first = sense.position == 1
    return Entry(
        sense.id,
        sense.term_id,
        sense.key,
        sense.term.slug,
        name,
        first,
        masked(later, name),
        tuple(masked(example.text, name)[:LONGEST] for example in sense.examples.all()),
        tuple(questions) if is_first else (),
        tuple(related) if is_first else (),
    )


def _questions() -> dict[int, list[str]]:
    found: dict[int, list[str]] = {}
    for term, question in PinnedQuestion.objects.values_list("term_id", "question"):
        found.setdefault(term, []).append(question)
    return found


def _related(public: object) -> dict[int, list[int]]:
    """Term → public terms that an editor's relation leads to, either way."""
    inside = Q(from_term__in=public, to_term__in=public)
    rows = Relation.objects.filter(inside, kind__in=MEANS_ALIKE).order_by("id")
    found: dict[int, list[int]] = {}
    for one, other in rows.values_list("from_term_id", "to_term_id"):
        found.setdefault(one, []).append(other)
        found.setdefault(other, []).append(one)
    return found


def held_out(corpus: Iterable[Entry], seed: int) -> set[int]:
    """The terms that are never trained with: up to HELD_OUT of those that can be asked for.

    Which ones is decided by a hash of their first sense's key and the seed, so that it stays the
    same while the glossary grows.
    """
    keys: dict[int, str] = {}
    for entry in corpus:
        if entry.asked:
            keys.setdefault(entry.term, entry.key)
    order = sorted(keys, key=lambda term: _digest(f"{seed} {keys[term]}"))
    return set(order[: min(HELD_OUT, int(len(order) * HELD_OUT_SHARE))])


def among(corpus: Sequence[Entry], held: Collection[int], seed: int) -> Sequence[Entry]:
    """What held-out terms are looked for among: all, or of a larger glossary AMONG of it.

    Those are the held-out terms, the ones related to them, and others by a hash.
    """
    if len(corpus) <= AMONG:
        return corpus
    related = {term for entry in corpus if entry.term in held for term in entry.related}

    def rank(row: int) -> tuple[bool, bool, bytes]:
        entry = corpus[row]
        is_other = entry.term not in held
        return is_other, entry.term not in related, _digest(f"{seed} {entry.key}")

    order = sorted(range(len(corpus)), key=rank)
    return [corpus[row] for row in sorted(order[:AMONG])]


def _digest(text: str) -> bytes:
    return hashlib.blake2b(text.encode(), digest_size=8).digest()


Maker = Callable[["Kept"], Iterator[Pair]]


class Kept:
    """The entries that are trained with, and where each term's first one is.

    Not those of terms `without`, nor of synonyms that are defined by the same words.
    """

    def __init__(self, corpus: Sequence[Entry], without: Collection[int]) -> None:
        told = {(entry.first, entry.later) for entry in corpus if entry.term in without}
        self.entries = [
            entry
            for entry in corpus
            if entry.term not in without and (entry.first, entry.later) not in told
        ]
        self.rows: dict[int, int] = {}
        for row, entry in enumerate(self.entries):
            self.rows.setdefault(entry.term, row)

    def asking(self, texts: Callable[[Entry], Iterable[str]]) -> Iterator[Pair]:
        """Each such text of an entry with the entry itself."""
        for row, entry in enumerate(self.entries):
            for asked in filter(None, texts(entry)):
                yield Pair(asked, entry.text, frozenset({entry.term}), row)


def _named(kept: Kept) -> Iterator[Pair]:
    for entry in kept.entries:
        yield Pair(masked(entry.first, entry.name), entry.name, frozenset({entry.term}))


def _relations(kept: Kept) -> Iterator[Pair]:
    """One of each term, by the order of a hash: of some terms all others know hundreds."""
    for entry in kept.entries:
        others = [term for term in entry.related if term in kept.rows]
        if others:
            other = min(others, key=lambda term: _digest(f"{entry.key} {term}"))
            there = kept.entries[kept.rows[other]]
            yield Pair(entry.text, there.text, frozenset({entry.term, other}))


KINDS: dict[str, Maker] = {
    "later": lambda kept: kept.asking(lambda entry: [entry.later]),
    "name": _named,
    "example": lambda kept: kept.asking(lambda entry: entry.examples),
    "relation": _relations,
    "pinned": lambda kept: kept.asking(lambda entry: entry.questions),
}
USUAL = (*ASKING, "relation")
RELATIONS = 0.3  # of all pairs at the most: more of them cost what look-up gains (docs/tuning.md)


def pairs(kept: Kept, kinds: Collection[str], seed: int) -> list[Pair]:
    """Those of the kinds, in an order by the seed; MOST of them where there are more."""
    dice = random.Random(seed)  # noqa: S311 - an order, no secret
    by_kind = {kind: list(KINDS[kind](kept)) for kind in KINDS if kind in kinds}
    related = by_kind.pop("relation", [])
    found = [pair for those in by_kind.values() for pair in those]
    dice.shuffle(related)
    found += related[: round(len(found) * RELATIONS / (1 - RELATIONS))] if found else related
    dice.shuffle(found)
    return found[:MOST]


def batches(found: Sequence[Pair], size: int, seed: int) -> list[list[Pair]]:
    """The pairs in a new order, parted so that no batch knows a term twice.

    The other answers of a batch count as wrong ones; those of one term would be right. What is
    left at the end is dropped, unless it is all there is.
    """
    waiting = list(found)
    random.Random(seed).shuffle(waiting)  # noqa: S311 - an order, no secret
    size = min(size, len(waiting))
    parted: list[list[Pair]] = []
    while waiting:
        batch, waiting = _batch(waiting, size)
        if len(batch) < size and parted:
            break
        parted.append(batch)
    return parted


def _batch(waiting: Sequence[Pair], size: int) -> tuple[list[Pair], list[Pair]]:
    """The first pairs that share no term, and the rest in their order."""
    batch: list[Pair] = []
    rest: list[Pair] = []
    terms: set[int] = set()
    for place, pair in enumerate(waiting):
        if len(batch) == size:
            return batch, [*rest, *waiting[place:]]
        if terms.isdisjoint(pair.terms):
            batch.append(pair)
            terms |= pair.terms
        else:
            rest.append(pair)
    return batch, rest
