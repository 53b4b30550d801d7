"""Which published terms a text mentions: the names that it may hold, looked up in one query."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby, islice, pairwise

from django.db import connection
from django.urls import reverse
from rapidfuzz.distance import Prefix

from terms.querysets import PUBLIC

LONGEST = 5  # words of a name
MOST = 600  # words of the texts that are looked up together

# \w knows no vowel signs, without which the scripts of South Asia fall apart.
_LETTER = r"[\w\u0300-\u036f\u0591-\u05c7\u064b-\u065f\u0900-\u0963\u0966-\u1cff]"
# An “'s” is not part of the name before it, nor a word; the signs are those of C++ and C#.
_WORD = re.compile(rf"(?<!\w['’]){_LETTER}+(?:['’](?!s\b){_LETTER}+)*[+#]*")
_GAP = re.compile(r"\s+|[-‐-–./&@'’]")  # between the words of one name
# Ends of two words of one stem that are forms of one name. The stem says too little: it is one for
# “universe” and “university”, for “weighted” and “weight”, for “mean” and “meaning”.
_FORMS = {"en": re.compile(r"(?:e?s)?/(?:e?s)?|y/ies|ies/y|ed/ing|ied/ying")}
_ANY_FORMS = re.compile(r"\w{0,4}/\w{0,4}")


@dataclass(frozen=True)
class Target:
    """What a name in a text means: a term, or several whose alias it is.

    `url` is the term's page or that of the choice; empty where a name is not linked.
    """

    term_ids: tuple[int, ...]
    url: str

    @property
    def is_one_page(self) -> bool:
        return bool(self.url) and len(self.term_ids) == 1


Names = Mapping[str, Target]


@dataclass(frozen=True)
class Found:
    """A name of a published term that may be what is `written`, with its key and that of the text.

    `alias` is the address of the alias, empty for the term's own name.
    """

    written: str
    asked_key: str
    name: str
    key: str
    alias: str
    term_id: int
    slug: str
    is_linked: bool
    is_stop_word: bool


def phrases(text: str) -> Iterator[tuple[int, list[int]]]:
    """Where each word begins, with the ends of the names that may begin there, longest first.

    >>> [[text[start:end] for end in ends] for text in ["A/B tests, then"]
    ...  for start, ends in phrases(text)]
    [['A/B tests', 'A/B', 'A'], ['B tests', 'B'], ['tests'], ['then']]
    """
    words = [word.span() for word in _WORD.finditer(text)]
    for place, (start, end) in enumerate(words):
        ends = _ends(text, end)
        for (_, before), (after, end) in pairwise(words[place : place + LONGEST]):
            if not _GAP.fullmatch(text, before, after):
                break
            ends += _ends(text, end)
        yield start, ends[::-1]


def _ends(text: str, end: int) -> list[int]:
    """Where a word ends. Of “LLMs” the name may be “LLM”: a stemmer knows words, not letters."""
    is_plural = text[end - 1] == "s" and text[end - 2 : end - 1].isupper()
    return [end - 1, end] if is_plural else [end]


def mentions(text: str, names: Names) -> Iterator[tuple[int, int, Target]]:
    """Start, end and target of each name in the text: the longest first, none inside another.

    >>> deep = {"deep net": Target((1,), "/1"), "net": Target((2,), "/2")}
    >>> [target.url for _, _, target in mentions("A deep net is a net.", deep)]
    ['/1', '/2']
    """
    free = 0
    for start, ends in phrases(text):
        named = next((end for end in ends if text[start:end] in names), None)
        if start >= free and named:
            yield start, named, names[text[start:named]]
            free = named


def look_up(texts: Iterable[str], language: str) -> dict[str, Target]:
    """What each name in the first MOST words of the texts means, as it is written there.

    One query.
    """
    words = ((text, start, ends) for text in texts for start, ends in phrases(text))
    every = (text[start:end] for text, start, ends in islice(words, MOST) for end in ends)
    return {
        written: target
        for written, group in groupby(_found(dict.fromkeys(every), language), lambda f: f.written)
        if (target := meant(list(group), language))
    }


def meant(found: list[Found], language: str) -> Target | None:
    """What a name as written means: of a term's own names and of aliases the one most like it.

    An alias that several terms share means all of them.
    """
    fitting = [each for each in found if fits(each, language)]
    if not fitting:
        return None
    best = min(fitting, key=_unlikeness)
    sharing = [each for each in fitting if best.alias and each.alias == best.alias] or [best]
    ids = tuple(sorted({each.term_id for each in sharing}))
    slug = best.slug if len(ids) == 1 else best.alias
    is_linked = any(each.is_linked for each in sharing)
    return Target(ids, reverse("term", args=[language, slug]) if is_linked else "")


def _unlikeness(found: Found) -> tuple[bool, bool, bool, int, int]:
    return (
        found.key != found.asked_key,
        bool(found.alias),
        found.name != found.written,
        abs(len(found.key) - len(found.asked_key)),
        found.term_id,
    )


def fits(found: Found, language: str) -> bool:
    """Whether what is written is that name or a form of it, not a common word that looks like it.

    An abbreviation keeps its capitals: “LIMEs” is LIME, “lime” is not. A stop word or a name of
    one or two letters is only taken when written exactly so, and not at all without capitals.
    """
    name, written = found.name, found.written
    if found.is_stop_word:
        return written == name and sum(map(str.isupper, name)) > 1
    if len(name) < 3:
        return written == name and name != name.lower()
    if name.isupper() or written.isupper():
        return written.startswith(name) and is_form(found.asked_key, found.key, language)
    return is_form(found.asked_key, found.key, language)


def is_form(one: str, other: str, language: str) -> bool:
    """Whether the words of one key are forms of those of another of the same stems, in order.

    >>> is_form("latent spaces", "latent space", "en"), is_form("pooled", "pooling", "en")
    (True, True)
    >>> is_form("direct", "direction", "en"), is_form("space vector", "vector space", "en")
    (False, False)
    """
    words, others = one.split(), other.split()
    forms = _FORMS.get(language.split("-")[0], _ANY_FORMS)
    return len(words) == len(others) and all(
        forms.fullmatch(_endings(*pair)) for pair in zip(words, others, strict=True)
    )


def _endings(one: str, other: str) -> str:
    """What follows the beginning that both words share, with a slash between."""
    same = Prefix.similarity(one, other)
    return f"{one[same:]}/{other[same:]}"


# Whether the glossary has links to this name: Glossary.links.
NAME_IS_LINKED = r"""
CASE (SELECT links FROM terms_glossary) WHEN 'none' THEN false
    WHEN 'telling' THEN {name} ~ '\w[-‐‑–\s]+\w|[[:upper:]].*[[:upper:]]' ELSE true END
"""
NAMED = """
WITH keyed AS MATERIALIZED (
    SELECT written, name_key(written) AS key FROM unnest(%(written)s::text[]) written),
asked AS MATERIALIZED (
    SELECT written, key, array_to_string(tsvector_to_array(
        to_tsvector(language_config(%(language)s), key)), ' ') AS stems FROM keyed)
{selects} ORDER BY written
"""
FROM_TERMS = """
SELECT written, key, name, name_key, '', term.id, slug, is_linked AND {linked}, stems = ''
FROM asked JOIN terms_term term ON {same}
WHERE status IN {public} AND language = %(language)s
"""
FROM_ALIASES = """
SELECT written, key, alias.name, alias.name_key, alias.slug, term.id, term.slug,
    is_linked AND {linked}, stems = ''
FROM asked JOIN terms_alias alias ON {same} JOIN terms_term term ON term.id = term_id
WHERE status IN {public} AND kind <> 'former' AND alias.language = %(language)s
"""
SAME_KEY = "{of}.name_key = asked.key"
SAME_STEMS = """{of}.name_stems = asked.stems AND asked.stems <> '' AND {of}.name_key <> asked.key
    AND cardinality(string_to_array({of}.name_key, ' ')) = cardinality(string_to_array(key, ' '))"""
QUERY = NAMED.format(
    selects=" UNION ALL ".join(
        select.format(
            same=same.format(of=of), public=PUBLIC, linked=NAME_IS_LINKED.format(name=f"{of}.name")
        )
        for select, of in ((FROM_TERMS, "term"), (FROM_ALIASES, "alias"))
        for same in (SAME_KEY, SAME_STEMS)
    )
)


def _found(written: Iterable[str], language: str) -> list[Found]:
    with connection.cursor() as cursor:
        cursor.execute(QUERY, {"written": list(written), "language": language})
        return [Found(*row) for row in cursor.fetchall()]
