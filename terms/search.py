"""Finding terms by their names and by the words of definitions: indexes first, ranking pure."""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

from django.contrib.postgres.search import SearchQuery, SearchRank
from django.db import connection
from django.db.models import F, Func, Value

from terms.models import Sense
from terms.querysets import PUBLIC
from terms.spelling import begins_misspelt, is_misspelt, likeness

WHOLE, BEGUN, MISSPELT, NEARLY = 50, 20, 600, 200  # candidates a stage may bring
LEAST_INFLECTED = 0.5  # likeness
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
    if is_misspelt(asked, key) or begins_misspelt(asked, key):
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


# Stages of names and of aliases, each from an index. What the functions make of the question is
# constant to the planner.
CANDIDATES = """
WITH begun AS MATERIALIZED ({begun})
SELECT found.*, name_key(%(query)s) AS asked_key, name_stems(%(language)s, %(query)s) AS asked_stems
FROM (TABLE begun UNION ALL {others}) found
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
BEGUN_SO = "{of}name_key ^@ name_key(%(query)s) ORDER BY {of}name_key LIMIT {begun}"
SAME = "{of}name_key IN ({forms}) LIMIT {whole}"
SAME_STEMS = """{of}name_stems = name_stems(%(language)s, %(query)s)
    AND {of}name_stems <> '' LIMIT {whole}"""
# Of names that share a key with the question by chance, most differ in length. One of several words
# is also found by all of its longer words at once.
NEAR = """(deletion_keys({of}name) && deletion_keys(%(query)s) OR {each_word})
    AND abs(length({of}name_key) - length(name_key(%(query)s))) <= %(room)s
    ORDER BY abs(length({of}name_key) - length(name_key(%(query)s))), {of}id LIMIT {misspelt}"""
# Where no name begins as it is written, the words that are finished are found in longer names.
NEARLY_BEGUN = """NOT EXISTS (TABLE begun) AND {each_finished}
    AND left({of}name_key, 1) = left(name_key(%(query)s), 1)
    AND length({of}name_key) > length(name_key(%(query)s))
    ORDER BY length({of}name_key), {of}id LIMIT {nearly}"""
STAGES = (SAME, SAME_STEMS, NEAR, NEARLY_BEGUN)
LIMITS = {"whole": WHOLE, "begun": BEGUN, "misspelt": MISSPELT, "nearly": NEARLY}


def _candidates(query: str, forms: list[str], language: str) -> list[dict[str, Any]]:
    written = re.findall(r"[^\s_-]+", query)
    words = [word for word in written if len(word) > 3][:WORDS]
    finished = [word for word in words if word in written[:-1] or len(written) == 1]
    values: dict[str, str | int] = {
        "query": query,
        "language": language,
        "room": len(words) if len(words) > 1 else 2,
    }
    values |= {f"form_{n}": form for n, form in enumerate([query, *forms])}
    values |= {f"word_{n}": word for n, word in enumerate(words)}
    asked = ", ".join(f"name_key(%(form_{n})s)" for n in range(len(forms) + 1))

    def select(stage: str, source: str, of: str) -> str:
        each = {
            word: f"deletion_keys({of}name) && word_keys(name_key(%(word_{n})s))"
            for n, word in enumerate(words)
        }
        condition = stage.format(
            of=of,
            forms=asked,
            each_word=f"({' AND '.join(each.values())})" if len(words) > 1 else "false",
            each_finished=" AND ".join(each[word] for word in finished) or "false",
            **LIMITS,
        )
        return source.format(public=PUBLIC, stage=condition)

    def selects(*stages: str) -> str:
        sources = ((FROM_TERMS, ""), (FROM_ALIASES, "alias."))
        return " UNION ALL ".join(select(stage, *each) for each in sources for stage in stages)

    with connection.cursor() as cursor:
        cursor.execute(CANDIDATES.format(begun=selects(BEGUN_SO), others=selects(*STAGES)), values)
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
