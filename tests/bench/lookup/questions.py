"""What is asked: descriptions by people, and names, errors and nonsense made by chance."""

import random
import string
from collections.abc import Callable, Iterator

from embeddings import questions
from tests.bench.lookup.glossary import DESCRIPTIONS, Corpus

COUNT = 100  # questions of a kind
SEED = 5

Asked = list[tuple[str, str]]
"""(question, the headword that is right; "" where none is)."""


def kinds(corpus: Corpus) -> dict[str, Asked]:
    """Every kind of question, the same at each call."""
    chance = random.Random(SEED)
    known = {name.casefold() for name in corpus.names}
    words = sorted({name for name in corpus.names if name.isalpha() and name.islower()})
    several = sorted({name for name in corpus.names if name.count(" ") == 1 and name.islower()})
    long_words = [word for word in words if len(word) > 4]
    return {
        "described (sealed)": list(_described("sealed")),
        "described (develop)": list(_described("develop")),
        "own definition": _definitions(corpus, chance),
        "name": [(name, name) for name in chance.sample(words + several, COUNT)],
        "one error": _changed(long_words, known, chance, lambda word: typo(word, chance)),
        "two errors": _changed(
            long_words, known, chance, lambda word: typo(typo(word, chance), chance)
        ),
        "an error a word": _changed(
            several, known, chance, lambda name: " ".join(typo(w, chance) for w in name.split())
        ),
        "plural": _changed(long_words, known, chance, plural),
        "nonsense": _mashed(chance) + _salads(corpus, chance),
    }


def _described(half: str) -> Iterator[tuple[str, str]]:
    for question in questions.read_file(DESCRIPTIONS / half / "descriptions.txt", half):
        yield question.asked, next(iter(question.gains))


def _definitions(corpus: Corpus, chance: random.Random) -> Asked:
    places = chance.sample(range(len(corpus.names)), COUNT)
    definitions = corpus.definitions
    return [(definitions[place], corpus.names[place]) for place in places]


def _changed(
    names: list[str], known: set[str], chance: random.Random, change: Callable[[str], str]
) -> Asked:
    """Names that are none any more once they are changed."""
    pairs = ((change(name), name) for name in chance.sample(names, 3 * COUNT))
    return [(asked, name) for asked, name in pairs if asked.casefold() not in known][:COUNT]


def typo(word: str, chance: random.Random) -> str:
    """One letter left out, doubled by another, replaced, or swapped with its neighbour."""
    place = chance.randrange(len(word))
    letter = chance.choice(string.ascii_lowercase)
    before, at, after = word[:place], word[place], word[place + 1 :]
    swapped = before + after[:1] + at + after[1:]
    return chance.choice(
        [before + after, before + letter + at + after, before + letter + after, swapped]
    )


def plural(word: str) -> str:
    """
    >>> [plural(word) for word in ("token", "box", "entry", "day")]
    ['tokens', 'boxes', 'entries', 'days']
    """
    if word.endswith("y") and word[-2] not in "aeiou":
        return f"{word[:-1]}ies"
    return word + ("es" if word.endswith(("s", "x", "z", "ch", "sh")) else "s")


def _mashed(chance: random.Random) -> Asked:
    """Keys struck at random, in four to seven groups."""
    return [
        (" ".join(_keys(chance) for _ in range(chance.randint(4, 7))), "")
        for _ in range(COUNT // 2)
    ]


def _keys(chance: random.Random) -> str:
    return "".join(chance.choices(string.ascii_lowercase, k=chance.randint(3, 9)))


def _salads(corpus: Corpus, chance: random.Random) -> Asked:
    """Words that have nothing to do with each other."""
    words = sorted({word for text in corpus.texts[::50] for word in text.split() if len(word) > 3})
    return [(" ".join(chance.sample(words, chance.randint(5, 8))), "") for _ in range(COUNT // 2)]
