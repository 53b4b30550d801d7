"""What a second reader would remark on an entry, saved or not. Hints never stand in the way.

Here is what can be told from the words alone. What takes the space is in `embeddings/hints.py`.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

from terms import mentions
from terms.entry import Entry
from terms.markup import plain
from terms.mentions import Target
from terms.models import Miss, Sense, Term
from terms.readability import ease
from terms.text import gist

READ_WORDS = 200  # as many as the model reads; a reader's patience ends earlier
LISTED = 240  # characters of the first sentence that lists show
HARD = 30.0  # “very difficult” by Flesch's own scale
MOST_WANTED = 5
MOST_PHRASES = 3_000
OWN = 0  # no term has this id
NO_ENTRY = "An abbreviation that no entry explains."
_ARTICLE = re.compile(r"(?:an?|the)\s+", re.IGNORECASE)
# In capitals, no part of a longer word, and not one that the text itself spells out: “… (PRF)”.
_ABBREVIATION = re.compile(r"(?<![\w(-])[A-Z]{2,6}(?![\w-])")


class Kind(StrEnum):
    DUPLICATE = "duplicate"
    RELATION = "relation"
    TOPIC = "topic"
    ALIAS = "alias"
    WANTED = "wanted"
    EXAMPLE = "example"
    CIRCULAR = "circular"
    LONG = "long"
    HARD = "hard"


# As the switches name them.
KINDS = {
    Kind.DUPLICATE: "the same meaning under another name",
    Kind.RELATION: "relations",
    Kind.TOPIC: "topics",
    Kind.ALIAS: "other names",
    Kind.WANTED: "used but not defined",
    Kind.EXAMPLE: "examples of another sense",
    Kind.CIRCULAR: "circular definitions",
    Kind.LONG: "too long",
    Kind.HARD: "hard to read",
}


@dataclass(frozen=True)
class Hint:
    """A remark with its reason.

    `path`: the field, as errors name it. `score`, `model`: where they come from the space. `url`:
    the term it speaks of. `action`: what a click takes over, as the entry's JSON has it, with the
    `id` and the `label` by which a form knows it.
    """

    kind: Kind
    path: str
    sentence: str
    reason: str
    score: float | None = None
    model: str = ""
    url: str = ""
    action: dict[str, Any] | None = None

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def hints_of(entry: Entry, term_id: int | None = None, *, misses: bool = False) -> list[Hint]:
    """What the words alone tell. With `misses`, also what readers looked for in vain.

    `term_id`: the term that the entry is of, if it is stored.
    """
    found: list[Hint] = []
    for number, sense in enumerate(entry.senses):
        path, text = f"senses[{number}].definition", plain(sense.definition)
        if text:
            found += [*_too_long(path, text), *_hard(path, text, entry.language)]
            found += circular(path, text, entry, term_id)
    return [*found, *wanted(entry, misses=misses), *same_name(entry, term_id)]


def same_name(entry: Entry, term_id: int | None) -> Iterator[Hint]:
    """Other terms that have the headword as a name already."""
    target = mentions.look_up([entry.name], entry.language).get(entry.name)
    others = Term.objects.filter(pk__in=target.term_ids if target else ()).exclude(pk=term_id)
    for term in others:
        sentence = f"“{term.name}” has this name already."
        reason = "A new meaning of the same name is one more sense of it."
        yield Hint(Kind.DUPLICATE, "name", sentence, reason, url=term.get_absolute_url())


def _too_long(path: str, text: str) -> Iterator[Hint]:
    words, first = len(text.split()), gist(text)
    if words > READ_WORDS:
        sentence = f"This definition has {words} words."
        yield Hint(Kind.LONG, path, sentence, f"The model reads about {READ_WORDS} of them.")
    if first.endswith(" …") and not text.startswith(first):
        sentence = f"The first sentence has more than {LISTED} characters."
        yield Hint(Kind.LONG, path, sentence, "Lists, search and cards show it cut.")


def _hard(path: str, text: str, language: str) -> Iterator[Hint]:
    found = ease(text, language)
    if found and found.score < HARD:
        reason = f"Reading ease {found.score:.0f} by {found.formula}; very hard below {HARD:.0f}."
        yield Hint(Kind.HARD, path, "This definition is hard to read.", reason)


def circular(path: str, text: str, entry: Entry, term_id: int | None) -> list[Hint]:
    """Where the first sentence explains the headword by itself, or by terms that lean on it."""
    first = _after_subject(gist(text), entry)
    [leans] = named_in([first], entry, term_id)
    if OWN in leans:
        sentence = f"This definition explains “{entry.name}” by “{entry.name}”."
        return [Hint(Kind.CIRCULAR, path, sentence, "Its first sentence names its own headword.")]
    back = _lean_back(leans, entry, term_id)
    if not back or len(back) < len(leans):
        return []
    told = ", ".join(f"“{name}”" for name in sorted(back))
    sentence = f"This definition rests on {told}, which {_plural(back, 'rests', 'rest')} on it."
    reason = "Every term that its first sentence names is itself defined by this one."
    return [Hint(Kind.CIRCULAR, path, sentence, reason)]


def named_in(texts: Sequence[str], entry: Entry, term_id: int | None) -> list[set[int]]:
    """Of each text the ids of the terms that it names, OWN for the entry itself. One query.

    The longest name counts: “token embedding” names no token.
    """
    known = mentions.look_up(texts, entry.language)
    known |= {written: Target((OWN,), "") for text in texts for written in _own(text, entry)}
    found = [
        {id for *_, target in mentions.mentions(text, known) for id in target.term_ids}
        for text in texts
    ]
    return [{OWN if id == term_id else id for id in ids} for ids in found]


def _own(text: str, entry: Entry) -> Iterator[str]:
    """The headword as the text writes it, in any form.

    >>> list(_own("Tokens are counted by a tokenizer.", Entry("token")))
    ['Tokens']
    """
    key = entry.name.casefold()
    for start, ends in mentions.phrases(text):
        for written in (text[start:end] for end in ends):
            if mentions.is_form(written.casefold(), key, entry.language):
                yield written


def _lean_back(terms: set[int], entry: Entry, term_id: int | None) -> list[str]:
    """The names of those terms whose first sentence names the entry."""
    senses = Sense.objects.published().filter(term__in=terms, position=1).select_related("term")
    firsts = list(senses) if terms else []
    named = named_in([sense.gist for sense in firsts], entry, term_id)
    return [s.term.name for s, ids in zip(firsts, named, strict=True) if OWN in ids]


def _plural(many: Any, one: str, other: str) -> str:
    return one if len(many) == 1 else other


def _after_subject(first: str, entry: Entry) -> str:
    """The sentence without the headword as its subject: “A token is …” is not circular."""
    start = _ARTICLE.match(first)
    rest = first[start.end() :] if start else first
    for name in own_names(entry):
        if rest.casefold().startswith(name.casefold()):
            return rest[len(name) :]
    return first


def own_names(entry: Entry) -> list[str]:
    """The longest first."""
    return sorted({entry.name, *(alias.name for alias in entry.aliases)}, key=len, reverse=True)


def wanted(entry: Entry, *, misses: bool) -> list[Hint]:
    """Words of the definitions that the glossary does not explain, and that somebody may want.

    Such are abbreviations in capitals and, with `misses`, what readers asked for in vain.
    """
    texts = [plain(sense.definition) for sense in entry.senses]
    asked = _asked_in_vain(texts) if misses else {}
    short = {word: 0 for text in texts for word in _ABBREVIATION.findall(text)}
    candidates = {**short, **asked}
    own = {name.casefold() for name in own_names(entry)}
    known = mentions.look_up(candidates, entry.language)
    missing = [w for w in candidates if w not in known and w.casefold() not in own]
    return [_wanted(word, candidates[word], texts) for word in missing[:MOST_WANTED]]


def _wanted(word: str, count: int, texts: Sequence[str]) -> Hint:
    number = next(n for n, text in enumerate(texts) if word in text)
    times = "once" if count == 1 else f"{count} times"
    reason = f"Readers looked for it in vain, {times}." if count else NO_ENTRY
    path = f"senses[{number}].definition"
    return Hint(Kind.WANTED, path, f"“{word}” is used here but not defined.", reason)


def _asked_in_vain(texts: Sequence[str]) -> dict[str, int]:
    """Phrases of the texts that readers have asked for, as they are written here."""
    written = {
        text[start:end].casefold(): text[start:end]
        for text in texts
        for start, ends in mentions.phrases(text)
        for end in ends
    }
    misses = Miss.objects.filter(query__in=list(written)[:MOST_PHRASES])
    return {written[query]: count for query, count in misses.values_list("query", "count")}
