"""Telling two senses apart by what their definitions do not share."""

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from django.db import connection

from terms.models import Sense
from terms.text import MARKS

WORD = re.compile(rf"\w(?:[\w{MARKS}’'-]*[\w{MARKS}])?")
PAUSE = re.compile(r"[,;:.()“”—–]")
LONGEST = 12  # words that are quoted at the most

# A stop word has no stem.
STEMS = """
SELECT word, array_to_string(tsvector_to_array(to_tsvector(language_config(%s), word)), ' ')
FROM unnest(%s::text[]) word
"""

Words = list[re.Match[str]]


@dataclass(frozen=True)
class Contrast:
    """Two senses, and of the definition of each what the other does not say."""

    one: Sense
    one_says: str
    other: Sense
    other_says: str


def contrast(one: Sense, other: Sense) -> Contrast | None:
    """One query. None where either definition says nothing that the other does not."""
    texts = (one.definition_line, other.definition_line)
    stems = stems_of(one.term.language, {word for text in texts for word in WORD.findall(text)})
    ours, theirs = ({stems[word] for word in WORD.findall(text)} for text in texts)
    one_says = unshared(texts[0], stems, theirs)
    other_says = unshared(texts[1], stems, ours)
    return Contrast(one, one_says, other, other_says) if one_says and other_says else None


def unshared(definition: str, stems: Mapping[str, str], shared: Collection[str]) -> str:
    """The part of a definition with the most words whose stem is not `shared`; "" for none.

    `stems` has every word of the definition, stop words with an empty stem.

    >>> stems = {"a": "", "strong": "strong", "fear": "fear", "of": "", "heights": "height"}
    >>> unshared("a strong fear of heights", stems, {"", "strong", "fear"})
    'heights'
    """
    best: Words = []
    for part in _parts(definition, stems, shared):
        told = [word for word in part if stems[word.group()]]
        if len(told) > len([word for word in best if stems[word.group()]]):
            within = [word for word in part if told[0].start() <= word.start() < told[-1].end()]
            best = within[:LONGEST]
    return definition[best[0].start() : best[-1].end()] if best else ""


def _parts(definition: str, stems: Mapping[str, str], shared: Collection[str]) -> Iterator[Words]:
    """The definition's words, parted where the writer paused and at each word that is shared."""
    part: Words = []
    end = 0
    for word in WORD.finditer(definition):
        stem = stems[word.group()]
        is_shared = stem != "" and stem in shared
        if is_shared or PAUSE.search(definition, end, word.start()):
            yield part
            part = []
        if not is_shared:
            part.append(word)
        end = word.end()
    yield part


def stems_of(language: str, words: Collection[str]) -> dict[str, str]:
    """Each word's stem in the language, as full text search has it."""
    with connection.cursor() as cursor:
        cursor.execute(STEMS, [language, list(words)])
        return dict(cursor.fetchall())
