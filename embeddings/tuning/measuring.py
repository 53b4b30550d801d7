"""Base and adapted model beside each other: on held-out terms, and on general questions."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from embeddings.tuning import figures
from embeddings.tuning.general import general
from embeddings.tuning.pairs import Entry
from embeddings.vectors import Matrix

Encode = Callable[[Sequence[str]], Matrix]
Figures = dict[str, Any]


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
        """The figures, and what is told of single terms (nothing where entries stay)."""
        texts = [entry.text for entry in self.corpus]
        before = base(texts)
        after = before if self.is_query_side else tuned(texts)
        found: Figures = {
            "held_out": len(self.asked),
            "among": len(self.corpus),
            "reverse": self._reverse(base, before, tuned, after),
            "general": self._general(base, tuned),
        }
        if self.is_query_side:
            return found, {}
        found["related"] = self._related(base, before, tuned, after)
        names = [entry.name for entry in self.corpus]
        slugs = [entry.slug for entry in self.corpus]
        return found, figures.in_words(before, after, names, slugs)

    def _reverse(self, base: Encode, before: Matrix, tuned: Encode, after: Matrix) -> Figures:
        """Later sentences or examples → entry: mean reciprocal ranks, the change's interval."""
        asked = [entry.asked for entry in self.asked]
        if not asked:
            return {"questions": 0}
        right = [[entry.term] for entry in self.asked]
        return figures.compared(
            figures.reciprocal_ranks(base(asked), before, self.terms, right),
            figures.reciprocal_ranks(tuned(asked), after, self.terms, right),
        )

    def _general(self, base: Encode, tuned: Encode) -> Figures:
        pool, asked, right = self.general.texts, self.general.questions, self.general.right
        places = np.arange(len(pool))
        before = base(pool)
        after = before if self.is_query_side else tuned(pool)
        return {"set": self.general.name} | figures.compared(
            figures.reciprocal_ranks(base(asked), before, places, right),
            figures.reciprocal_ranks(tuned(asked), after, places, right),
        )

    def _related(self, base: Encode, before: Matrix, tuned: Encode, after: Matrix) -> Figures:
        """nDCG of editors' relations: base by its entries, base and adapted by two views."""
        if not len(self.linked):
            return {"questions": 0}
        plain = self._gains(before, base, two_views=False)
        views = self._gains(before, base, two_views=True)
        adapted = self._gains(after, tuned, two_views=True)
        return figures.compared(views, adapted) | {"entries_only": round(float(plain.mean()), 4)}

    def _gains(self, entries: Matrix, encode: Encode, *, two_views: bool) -> Any:
        definitions = names = entries[:0]
        if two_views:
            definitions = encode([entry.first for entry in self.corpus])
            names = encode([entry.name for entry in self.corpus])
        scores = figures.related_scores(entries, definitions, names, self.linked)
        right = [self.corpus[row].related for row in self.linked]
        return figures.related_gains(scores, self.terms, self.linked, right)
