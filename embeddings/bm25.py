"""BM25, the yardstick that a search by meaning has to beat."""

from collections import Counter
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

K1, B = 1.2, 0.75


class BM25:
    """Scores of documents, each a list of words, for a question.

    Robertson & Zaragoza (2009), The Probabilistic Relevance Framework: BM25 and Beyond, with the
    idf of Lucene, which is never negative.
    """

    def __init__(self, documents: Sequence[Sequence[str]]) -> None:
        self.counts = [Counter(words) for words in documents]
        lengths = np.array([len(words) for words in documents], dtype=float)
        self.norms = K1 * (1 - B + B * lengths / max(lengths.mean(), 1))
        self.frequencies = Counter(word for counts in self.counts for word in counts)

    def scores(self, asked: Sequence[str]) -> NDArray[np.float64]:
        """(n documents,), 0 where no word is shared."""
        total = np.zeros(len(self.counts))
        for word in set(asked) & self.frequencies.keys():
            counts = np.array([each[word] for each in self.counts], dtype=float)
            total += self._idf(word) * counts * (K1 + 1) / (counts + self.norms)
        return total

    def _idf(self, word: str) -> float:
        seen = self.frequencies[word]
        return float(np.log(1 + (len(self.counts) - seen + 0.5) / (seen + 0.5)))
