"""How hard a text is to read, by formulas that were made for its language.

English: Flesch (1948), A new readability yardstick. German: Amstad (1978), Wie verständlich sind
unsere Zeitungen? Spanish: Fernández Huerta (1959), Medidas sencillas de lecturabilidad. All give
100 to a very easy text and less than 30 to a very hard one.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

LEAST = 20  # words; of fewer a formula says nothing
_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
_SENTENCE_END = re.compile(r"[.!?;:]+(?=\s|$)")
# A group of vowels is a syllable; in English some e at the end are none.
_VOWELS = {
    "en": re.compile(r"[aeiouy]+"),
    "de": re.compile(r"ei|ie|au|eu|äu|ai|aa|ee|oo|[aeiouyäöü]"),
    "es": re.compile(r"[aeiouáéíóúü]+"),
}
_SILENT = re.compile(r"(?<![^aeiou]l)e$|(?<![td])ed$|(?<![szxcg])(?<!sh|ch)es$")


@dataclass(frozen=True)
class Ease:
    """The score of a formula, and whose it is."""

    score: float
    formula: str


Formula = tuple[str, Callable[[float, float], float]]
# Of (words a sentence, syllables a word).
FORMULAS: dict[str, Formula] = {
    "en": ("Flesch", lambda length, syllables: 206.835 - 1.015 * length - 84.6 * syllables),
    "de": ("Amstad", lambda length, syllables: 180 - length - 58.5 * syllables),
    "es": ("Fernández Huerta", lambda length, syllables: 206.84 - 1.02 * length - 60 * syllables),
}


def ease(text: str, language: str) -> Ease | None:
    """None in a language without a formula, and for a text of fewer than LEAST words.

    >>> ease("The cat sat on the mat. " * 4, "en").score > 100
    True
    """
    tag = language.split("-")[0]
    words = _WORD.findall(text)
    if tag not in FORMULAS or len(words) < LEAST:
        return None
    name, formula = FORMULAS[tag]
    sentences = len(_SENTENCE_END.findall(text)) or 1
    heard = sum(syllables(word, tag) for word in words)
    return Ease(formula(len(words) / sentences, heard / len(words)), name)


def syllables(word: str, language: str) -> int:
    """Counted by groups of vowels, as machines do: right for nine words of ten or so.

    >>> [syllables(word, "en") for word in ("space", "latent", "table", "encoded", "the")]
    [1, 2, 2, 3, 1]
    >>> syllables("Bedeutungsraum", "de"), syllables("espacio", "es")
    (4, 3)
    """
    heard = _SILENT.sub("", word.lower()) if language == "en" else word.lower()
    return max(1, len(_VOWELS[language].findall(heard)))
