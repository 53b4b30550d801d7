"""Why a sense is near to a question: the words without which it would be less near.

Each word is left out in turn, and the fall of the cosine is its weight: erasure, after Li, Monroe
and Jurafsky (2016), Understanding Neural Networks through Representation Erasure.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from embeddings.encoders import Encoder

MAX_WORDS = 40  # of each text; each of them costs an encoding
MARKED = 5  # words of a text at the most
FROM = 0.4  # share of the heaviest word's weight from which a word is marked
NOTHING = 0.005  # a fall of the cosine that says nothing


@dataclass(frozen=True)
class Word:
    """A word as it stands in its text. `weight`: by how much the cosine falls without it."""

    text: str
    weight: float
    is_marked: bool


@dataclass(frozen=True)
class Explanation:
    """`cosine` of the two texts as they are explained, each of up to MAX_WORDS words.

    `is_cut`: whether the definition goes on beyond these.
    """

    cosine: float
    question: list[Word]
    definition: list[Word]
    is_cut: bool


def explain(encoder: Encoder, question: str, definition: str) -> Explanation:
    """Raises ValueError when one of the texts has no word."""
    asked, told = question.split()[:MAX_WORDS], definition.split()[:MAX_WORDS]
    if not (asked and told):
        raise ValueError("both texts need a word")
    texts = [" ".join(asked), *without_each(asked), " ".join(told), *without_each(told)]
    vectors = encoder.encode(texts)
    middle = len(texts) - len(told) - 1
    whole_question, whole_definition = vectors[0], vectors[middle]
    cosine = float(whole_question @ whole_definition)
    return Explanation(
        cosine,
        _weighed(asked, cosine - vectors[1:middle] @ whole_definition),
        _weighed(told, cosine - vectors[middle + 1 :] @ whole_question),
        is_cut=len(definition.split()) > MAX_WORDS,
    )


def without_each(words: Sequence[str]) -> list[str]:
    """The text as often as it has words, each time without one of them.

    >>> without_each(["fear", "of", "heights"])
    ['of heights', 'fear heights', 'fear of']
    """
    return [" ".join([*words[:i], *words[i + 1 :]]) for i in range(len(words))]


def _weighed(
    words: Sequence[str], falls: "np.ndarray[tuple[int], np.dtype[np.floating]]"
) -> list[Word]:
    least = max(NOTHING, FROM * float(falls.max()))
    heaviest = set(np.argsort(-falls, kind="stable")[:MARKED].tolist())
    return [
        Word(word, round(float(fall), 4), place in heaviest and bool(fall >= least))
        for place, (word, fall) in enumerate(zip(words, falls, strict=True))
    ]
