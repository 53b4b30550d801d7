"""Feature hashing of words and letter trigrams: no model, no meaning, for tests of all the rest."""

import hashlib
import re
from collections.abc import Sequence

import numpy as np

from embeddings.encoders import Description
from embeddings.vectors import Matrix, checked

DIMENSIONS = 384


class HashingEncoder:
    """Same text, same vector; texts that share words are near. Weinberger et al. 2009."""

    description = Description("hashing", "1", "", DIMENSIONS, [])

    def encode(self, texts: Sequence[str]) -> Matrix:
        vectors = np.zeros((len(texts), DIMENSIONS))
        for row, text in enumerate(texts):
            for feature in _features(text):
                digest = int.from_bytes(hashlib.blake2b(feature.encode(), digest_size=8).digest())
                vectors[row, digest % DIMENSIONS] += 1 if digest & 1 << 40 else -1
        vectors[~vectors.any(axis=1), 0] = 1
        return checked(vectors, len(texts), DIMENSIONS)


def _features(text: str) -> list[str]:
    words = re.findall(r"\w+", text.casefold())
    return words + [word[i : i + 3] for word in words for i in range(len(word) - 2)]
