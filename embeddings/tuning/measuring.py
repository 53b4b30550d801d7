"""Base and adapted model beside each other, at several strengths of the adapter.

Asked are terms that were held out, and general questions.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from embeddings.tuning import figures
from embeddings.tuning.general import general
from embeddings.tuning.models import STRENGTHS
from embeddings.tuning.pairs import Entry
from embeddings.vectors import Matrix, unit

Encode = Callable[[Sequence[str]], Matrix]
Figures = dict[str, Any]
Scores = dict[str, NDArray[np.float64]]
"""For each kind of question what each of them scored."""


@dataclass(frozen=True)
class Made:
    """What a model makes of all that is asked, and of all that is looked for: (n, d) each.

    `pool`, `questions`: those of the general set.
    """

    entries: Matrix
    definitions: Matrix
    names: Matrix
    asked: Matrix
    pool: Matrix
    questions: Matrix

    def toward(self, other: "Made", strength: float) -> "Made":
        """So much of the way to the other's vectors, as an encoder of that strength goes it."""
        pairs = ((name, each, getattr(other, name)) for name, each in vars(self).items())
        return Made(
            **{name: unit((1 - strength) * one + strength * two) for name, one, two in pairs}
        )


class Measured:
    """What is asked: for each held-out entry what it says later, and its editors' relations."""

    def __init__(self, corpus: Sequence[Entry], held: set[int], *, is_query_side: bool) -> None:
        """`corpus`: the entries that are asked among."""
        self.corpus, self.is_query_side = corpus, is_query_side
        self.terms = np.array([entry.term for entry in corpus], dtype=np.int64)
        self.asked = [entry for entry in corpus if entry.term in held and entry.asked]
        self.linked = np.array(
            [row for row, each in enumerate(corpus) if each.term in held and each.related],
            dtype=np.intp,
        )
        self.general = general({entry.slug for entry in corpus})

    def of(self, base: Encode, tuned: Encode) -> tuple[Figures, Figures]:
        """The figures, and what is told of single terms (nothing where entries stay).

        `strengths`: the same figures at each lower strength than that of the whole adapter.
        """
        before = self.made(base)
        scores = self.scores(before)
        found: Figures = {"held_out": len(self.asked), "among": len(self.corpus)}
        if self.is_query_side:
            asked = tuned(self.descriptions) if self.asked else before.asked
            after = replace(before, asked=asked, questions=tuned(self.general.questions))
            return found | self.compared(scores, self.scores(after)), {}
        after = self.made(tuned)
        found |= self.compared(scores, self.scores(after))
        if len(self.linked):
            found["related"]["entries_only"] = round(float(self._gains(before, 0).mean()), 4)
        found["strengths"] = {
            f"{strength:g}": self.compared(scores, self.scores(before.toward(after, strength)))
            for strength in STRENGTHS
        }
        names, slugs = ([getattr(each, of) for each in self.corpus] for of in ("name", "slug"))
        return found, figures.in_words(before.entries, after.entries, names, slugs)

    @property
    def descriptions(self) -> list[str]:
        return [entry.asked for entry in self.asked]

    def made(self, encode: Encode) -> Made:
        entries = encode([entry.text for entry in self.corpus])
        named = [] if self.is_query_side else self.corpus

        def of(texts: Sequence[str]) -> Matrix:
            return encode(texts) if texts else entries[:0]

        return Made(
            entries,
            of([entry.first for entry in named]),
            of([entry.name for entry in named]),
            of(self.descriptions),
            of(self.general.texts),
            of(self.general.questions),
        )

    def scores(self, made: Made) -> Scores:
        """Reciprocal ranks of right entries; nDCG of editors' relations by two views."""
        terms, places = [[each.term] for each in self.asked], np.arange(len(made.pool))
        ranks = figures.reciprocal_ranks
        found = {
            "reverse": ranks(made.asked, made.entries, self.terms, terms),
            "general": ranks(made.questions, made.pool, places, self.general.right),
        }
        if not self.is_query_side:
            found["related"] = self._gains(made, figures.NAME_WEIGHT)
        return found

    def compared(self, before: Scores, after: Scores) -> Figures:
        """Means before and after, and the interval of the change."""
        found: Figures = {name: figures.compared(before[name], after[name]) for name in before}
        found["general"] |= {"set": self.general.name}
        return found

    def _gains(self, made: Made, weight: float) -> NDArray[np.float64]:
        scores = figures.related_scores(
            made.entries, made.definitions, made.names, self.linked, weight
        )
        right = [self.corpus[row].related for row in self.linked]
        return figures.related_gains(scores, self.terms, self.linked, right)
