"""Which word is meant by a misspelt one: pure functions over keys (terms/search)."""

from collections import Counter

from rapidfuzz.distance import DamerauLevenshtein

WRONG_LETTER, WRONG_BEGINNING = 0.01, 0.005  # parts of a likeness, that only settle ties
LEAST_BEGUN = 5  # letters of a question that a name may begin with, but for an error


def likeness(asked: str, key: str) -> float:
    """The share of letters that are right; of names as near, the one more probably meant is ahead.

    A letter left out or swapped is one error of a few, a wrong one is one of an alphabet (the noisy
    channel of Kernighan, Church and Gale 1990), and the first letter is seldom wrong.

    >>> round(likeness("vecotr", "vector"), 3), round(likeness("vectpr", "vector"), 3)
    (0.833, 0.823)
    """
    wrong = (Counter(asked) - Counter(key)).total()
    is_begun = key.startswith(asked[:1])
    share = DamerauLevenshtein.normalized_similarity(key, asked)
    return max(0.0, share - WRONG_LETTER * wrong - (0 if is_begun else WRONG_BEGINNING))


def is_misspelt(asked: str, key: str) -> bool:
    """Whether typing errors make one of the other: few in all, or one in each of several words.

    A swap of neighbours is one error (Damerau and Levenshtein).
    """
    one, other = asked.replace(" ", ""), key.replace(" ", "")
    allowed = edits_allowed(one)
    if DamerauLevenshtein.distance(one, other, score_cutoff=allowed) <= allowed:
        return True
    words, others = asked.split(), key.split()
    return 1 < len(words) == len(others) and all(
        errs_once(word, meant) for word, meant in zip(words, others, strict=True)
    )


def begins_misspelt(asked: str, key: str) -> bool:
    """Whether the name begins like the question, but for one typing error in each word at the most.

    The last word of the question need not be finished.

    >>> begins_misspelt("latnt spa", "latent space"), begins_misspelt("latnt spb", "latent space")
    (True, False)
    """
    *finished, last = asked.split() or [""]
    others = key.split()
    if len(asked) < LEAST_BEGUN or len(others) <= len(finished):
        return False
    begun = others[len(finished)]
    beginnings = {begun[: len(last) + more] for more in (-1, 0, 1)}
    return all(map(errs_once, finished, others)) and any(
        errs_once(last, each) for each in beginnings
    )


def errs_once(word: str, meant: str) -> bool:
    """Whether a word is another one but for a single typing error, none in a short one."""
    allowed = min(edits_allowed(word), 1)
    return DamerauLevenshtein.distance(word, meant, score_cutoff=allowed) <= allowed


def edits_allowed(key: str) -> int:
    """Typing errors forgiven: none in up to three letters, one in four, else two."""
    return 0 if len(key) <= 3 else 1 if len(key) < 5 else 2
