"""Finding terms by their names and by the words of definitions: indexes first, ranking pure."""

import re
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

from django.contrib.postgres.search import SearchQuery, SearchRank
from django.db import connection
from django.db.models import F, Func, Value
from rapidfuzz.distance import DamerauLevenshtein

from terms.models import Sense
from terms.querysets import PUBLIC

WHOLE, BEGUN, MISSPELT = 50, 20, 600  # candidates a stage may bring
LEAST_INFLECTED = 0.5  # likeness
WRONG_LETTER, WRONG_BEGINNING = 0.01, 0.005  # parts of a likeness, that only settle ties
MAX_QUERY = 1_000  # characters of a question
WORDS = 6  # of a question, that are looked up as words of names which err in each of them


class Stage(IntEnum):
    """How a name answers a question, best first."""

    NAME = 1
    ALIAS = 2
    INFLECTED = 3
    PREFIX = 4
    MISSPELT = 5
    WORDS = 6

    @property
    def is_whole(self) -> bool:
        return self <= Stage.INFLECTED


@dataclass(frozen=True)
class Hit:
    """A term found. `matched` is the name, alias or words that answered; `score` is 0–1."""

    term_id: int
    stage: Stage
    matched: str
    score: float
    field: str = "name"
    sense_id: int | None = None


@dataclass(frozen=True)
class Candidate:
    """A name of term `of` from an index, with the question in the same folded form beside it."""

    of: int
    name: str
    field: str
    key: str
    stems: str
    asked_key: str
    asked_stems: str


INITIALS = re.compile(r"(?:\w\.){2,}\w?['’]?s?")
SHORT = re.compile(r"\w[\w'’-]{1,7}")


def forms_of_abbreviation(query: str) -> list[str]:
    """Other ways to write what may be an abbreviation: without dots, cut-off rank and plural.

    A stemmer knows words and not letters, so that it leaves these alone.

    >>> forms_of_abbreviation("S.A.E.s"), forms_of_abbreviation("P@5")
    (['SAEs', 'SAE'], ['P'])
    """
    plain = query.replace(".", "") if INITIALS.fullmatch(query) else query
    plain = re.sub(r"@\d+$", "", plain)
    singular = re.sub(r"['’]?s$", "", plain) if SHORT.fullmatch(plain) else plain
    return [form for form in dict.fromkeys((plain, singular)) if form and form != query]


def by_name(query: str, language: str = "en", limit: int = 10) -> list[Hit]:
    """Terms whose name or alias is the question, begins with it, or differs by a typing error.

    One round trip. Every term once, best stage first; drafts never.
    """
    if not query.strip():
        return []
    query = query.strip()[:200]
    forms = forms_of_abbreviation(query)
    rows = _candidates(query, forms, language)
    return rank([Candidate(**row) for row in rows], forms)[:limit]


def rank(candidates: list[Candidate], forms: Sequence[str] = ()) -> list[Hit]:
    """Hits in order of stage, then likeness, then length of name; the best of each term."""
    keys = {re.sub(r"[\s_-]+", " ", form.casefold()) for form in forms}
    hits = sorted(
        filter(None, (match(candidate, keys) for candidate in candidates)),
        key=lambda hit: (hit.stage, -hit.score, len(hit.matched), hit.matched, hit.term_id),
    )
    best: dict[int, Hit] = {}
    for hit in hits:
        best.setdefault(hit.term_id, hit)
    return list(best.values())


def match(candidate: Candidate, forms: Collection[str] = ()) -> Hit | None:
    """How the candidate answers, or None when it is further than a typing error away.

    `forms`: keys that are other ways to write the question.
    """
    asked, key = candidate.asked_key, candidate.key

    def hit(stage: Stage, score: float) -> Hit:
        return Hit(candidate.of, stage, candidate.name, score, candidate.field)

    if key == asked:
        return hit(Stage.NAME if candidate.field == "name" else Stage.ALIAS, 1.0)
    if key in forms:
        return hit(Stage.INFLECTED, 0.95)
    if (alike := inflected(candidate)) > LEAST_INFLECTED:
        return hit(Stage.INFLECTED, alike)
    if asked and key.startswith(asked):
        return hit(Stage.PREFIX, len(asked) / len(key))
    if is_misspelt(asked, key):
        return hit(Stage.MISSPELT, likeness(asked, key))
    return None


def inflected(candidate: Candidate) -> float:
    """The likeness of names whose words differ by endings and order alone, else 0.

    Stems are without stop words, so that “not tied” and “tie down” have the same.
    """
    words, others = candidate.asked_key.split(), candidate.key.split()
    if not candidate.stems or candidate.stems != candidate.asked_stems or len(words) != len(others):
        return 0.0
    return likeness(" ".join(sorted(words)), " ".join(sorted(others)))


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
        DamerauLevenshtein.distance(word, meant) <= min(edits_allowed(word), 1)
        for word, meant in zip(words, others, strict=True)
    )


def edits_allowed(key: str) -> int:
    """Typing errors forgiven: none in up to three letters, one in four, else two."""
    return 0 if len(key) <= 3 else 1 if len(key) < 5 else 2


# Stages of names and of aliases, each from an index. What the functions make of the question is
# constant to the planner.
CANDIDATES = """
SELECT found.*, name_key(%(query)s) AS asked_key, name_stems(%(language)s, %(query)s) AS asked_stems
FROM ({stages}) found
"""
FROM_TERMS = """
(SELECT id AS of, name, 'name' AS field, name_key AS key, name_stems AS stems
 FROM terms_term WHERE status IN {public} AND language = %(language)s AND {stage})
"""
FROM_ALIASES = """
(SELECT term_id AS of, alias.name, kind AS field, alias.name_key AS key, alias.name_stems AS stems
 FROM terms_alias alias JOIN terms_term term ON term.id = alias.term_id
 WHERE term.status IN {public} AND kind <> 'former' AND alias.language = %(language)s AND {stage})
"""
SAME = "{of}name_key IN ({forms}) LIMIT {limit}"
SAME_STEMS = """{of}name_stems = name_stems(%(language)s, %(query)s)
    AND {of}name_stems <> '' LIMIT {limit}"""
BEGUN_SO = "{of}name_key ^@ name_key(%(query)s) ORDER BY {of}name_key LIMIT {limit}"
# Of names that share a key with the question by chance, most differ in length. One of several words
# is also found by all of its longer words at once.
NEAR = """({keys} && deletion_keys(%(query)s) OR {each_word})
    AND abs(length({of}name_key) - length(name_key(%(query)s))) <= %(room)s
    ORDER BY abs(length({of}name_key) - length(name_key(%(query)s))), {of}id LIMIT {limit}"""
STAGES = ((SAME, WHOLE), (SAME_STEMS, WHOLE), (BEGUN_SO, BEGUN), (NEAR, MISSPELT))


def _candidates(query: str, forms: list[str], language: str) -> list[dict[str, Any]]:
    words = [word for word in re.split(r"[\s_-]+", query) if len(word) > 3][:WORDS]
    several = len(words) > 1
    values = {f"form_{n}": form for n, form in enumerate([query, *forms])}
    asked = ", ".join(f"name_key(%({name})s)" for name in values)
    values |= {f"word_{n}": word for n, word in enumerate(words)}
    values |= {"query": query, "language": language}
    selects = []
    for source, of in ((FROM_TERMS, ""), (FROM_ALIASES, "alias.")):
        keys = f"deletion_keys({of}name)"
        each = [f"{keys} && word_keys(name_key(%(word_{n})s))" for n in range(len(words))]
        each_word = f"({' AND '.join(each)})" if several else "false"
        for stage, limit in STAGES:
            condition = stage.format(
                of=of, forms=asked, keys=keys, each_word=each_word, limit=limit
            )
            selects.append(source.format(public=PUBLIC, stage=condition))
    with connection.cursor() as cursor:
        cursor.execute(
            CANDIDATES.format(stages=" UNION ALL ".join(selects)),
            values | {"room": len(words) if several else 2},
        )
        columns = [column.name for column in cursor.description or ()]
        return [dict(zip(columns, row, strict=True)) for row in cursor.fetchall()]


def by_words(query: str, language: str = "en", limit: int = 10) -> list[Hit]:
    """Terms whose definitions share words with the question, most and weightiest words first."""
    asked = AnyWord(language, query)
    senses = (
        Sense.objects.filter(term__status__in=PUBLIC, term__language=language)
        .annotate(rank=SearchRank(F("words"), asked, normalization=Value(1)))
        .filter(words=asked)
        .order_by("-rank", "id")
        .values_list("term_id", "id", "rank")[: 3 * limit]
    )
    best: dict[int, Hit] = {}
    for term_id, sense_id, score in senses:
        best.setdefault(term_id, Hit(term_id, Stage.WORDS, query, score, "definition", sense_id))
    return list(best.values())[:limit]


class AnyWord(SearchQuery):
    """A tsquery that matches any of the question's words, stemmed in the language."""

    def __init__(self, language: str, query: str) -> None:
        config = Func(Value(language), function="language_config")
        super().__init__(Value(query[:MAX_QUERY]), config=config)

    def as_sql(self, *args: Any, **kwargs: Any) -> tuple[str, Any]:
        every_word, parameters = super().as_sql(*args, **kwargs)
        return f"replace(replace({every_word}::text, '&', '|'), '<->', '|')::tsquery", parameters
