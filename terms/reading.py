"""An entry, and what stands around it on its page, each read whole in one statement.

PostgreSQL gathers the rows as JSON: one way there and back, whatever an entry holds, where the ORM
would take one for each kind of row.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection

from terms.hydrate import made
from terms.mentions import NAME_IS_LINKED
from terms.models import Bundle, Relation, Term
from terms.querysets import PUBLIC

MENTIONING = 112  # terms read of those whose definitions mention one
LOOKED_AT = 1000  # senses looked at for each name of a term


def _columns(table: str, names: str) -> str:
    return ", ".join(f"{table}.{name}" for name in names.split())


NAMED = "id language slug name name_key status replaced_by_id"
PARTS = {
    "term": _columns("term", f"{NAMED} is_linked version created_at updated_at"),
    "sense": _columns("sense", "id key term_id position definition part_of_speech register"),
    "other": _columns("other", NAMED),
    "public": str(PUBLIC),
    "is_linked": NAME_IS_LINKED.format(name="named.name"),
    "looked_at": LOOKED_AT,
    "mentioning": MENTIONING,
}


def _made_of_parts(query: str) -> str:
    return query.format_map(PARTS)


# Another term as lists show it, with its first sense.
LISTED = PARTS["listed"] = _made_of_parts("""
{other}, (SELECT json_agg(sense) FROM (
    SELECT {sense} FROM terms_sense sense WHERE sense.term_id = other.id
    ORDER BY position LIMIT 1) sense) AS senses
""")
OTHER = PARTS["other"]

SUCCESSOR = """
SELECT row_to_json(other) FROM (
    SELECT {other} FROM terms_term other WHERE other.id = term.replaced_by_id) other
"""
ALIASES = """
SELECT json_agg(alias ORDER BY position, kind, name) FROM (
    SELECT id, term_id, language, slug, name, name_key, position, kind
    FROM terms_alias WHERE term_id = term.id) alias
"""
SENSES = """
SELECT json_agg(sense ORDER BY position) FROM (
    SELECT {sense},
        (SELECT json_agg(example ORDER BY position)
            FROM terms_example example WHERE sense_id = sense.id) AS examples,
        (SELECT json_agg(topic ORDER BY topic.name)
            FROM terms_topic topic JOIN terms_sense_topics place ON topic_id = topic.id
            WHERE sense_id = sense.id) AS topics,
        (SELECT json_agg(source ORDER BY title)
            FROM terms_source source JOIN terms_sense_sources place ON source_id = source.id
            WHERE sense_id = sense.id) AS sources
    FROM terms_sense sense WHERE sense.term_id = term.id) sense
"""
RELATIONS = """
SELECT json_agg(relation ORDER BY kind, id) FROM (
    SELECT relation.*, (SELECT row_to_json(other) FROM (SELECT {listed}) other) AS other
    FROM terms_relation relation
    JOIN terms_term other ON other.id IN (from_term_id, to_term_id) AND other.id <> term.id
    WHERE (from_term_id = term.id OR to_term_id = term.id) AND other.status IN {public}) relation
"""
# The headwords before and after the term, from its place in the index of its language.
PREVIOUS = """
SELECT row_to_json(other) FROM (
    SELECT {other} FROM terms_term other
    WHERE other.status IN {public} AND other.language = term.language
        AND (other.name_key, other.id) < (term.name_key, term.id)
    ORDER BY other.name_key DESC, other.id DESC LIMIT 1) other
"""
NEXT = PREVIOUS.replace("<", ">").replace("DESC", "ASC")
PLACES = """
SELECT json_agg(place ORDER BY place.bundle ->> 'title') FROM (
    SELECT other.id, row_to_json(bundle) AS bundle,
        row_number() OVER entries AS position, count(*) OVER (PARTITION BY bundle.id) AS count,
        lag(row_to_json(other)) OVER entries AS previous,
        lead(row_to_json(other)) OVER entries AS next
    FROM terms_bundleentry entry
    JOIN terms_bundle bundle ON bundle.id = bundle_id
    JOIN (SELECT {other} FROM terms_term other WHERE status IN {public}) other
        ON other.id = term_id
    WHERE bundle_id IN (SELECT bundle_id FROM terms_bundleentry mine WHERE mine.term_id = term.id)
    WINDOW entries AS (PARTITION BY bundle.id ORDER BY entry.position)) place
WHERE place.id = term.id
"""
# Terms of the language whose definitions have one of the term's names, as a phrase, by the index
# for full text; of a word that is everywhere, some senses are looked at. The index also holds
# headwords, and an abbreviation has to stand there in its capitals, as in terms/mentions.py. None
# when the term, or a name in this glossary, is not linked: what it would be found by has another
# meaning elsewhere; nor those that are related. The senses are found once, as an array, even where
# a lack of statistics makes the planner think otherwise.
MENTIONED = """
SELECT json_build_object('count', max(count), 'terms', json_agg(term)) FROM (
    SELECT row_to_json(other) AS term, count(*) OVER () AS count
    FROM (SELECT {other} FROM terms_term other WHERE other.status IN {public}) other
    WHERE term.is_linked AND other.language = term.language AND other.id <> term.id
        AND NOT EXISTS (SELECT FROM terms_relation
            WHERE (from_term_id, to_term_id) IN ((term.id, other.id), (other.id, term.id)))
        AND other.id = ANY(ARRAY(SELECT sense.term_id FROM (
            SELECT name FROM (
                SELECT term.name UNION ALL
                SELECT name FROM terms_alias WHERE term_id = term.id AND kind <> 'former') named
            WHERE {is_linked}) named,
        LATERAL (SELECT phraseto_tsquery(language_config(term.language),
            translate(name, '-‐‑–', '    ')) AS phrase OFFSET 0) asked,
        LATERAL (SELECT term_id FROM terms_sense
            WHERE words @@ phrase AND ts_filter(words, '{{b}}') @@ phrase
            AND (length(name) > 2 AND name <> upper(name) OR strpos(definition, name) > 0)
            LIMIT {looked_at}) sense))
    ORDER BY other.name_key, other.id LIMIT {mentioning}) mentioning
"""
ENTRY = {"replaced_by": SUCCESSOR, "aliases": ALIASES, "senses": SENSES}
AROUND = {
    "relations": RELATIONS,
    "previous": PREVIOUS,
    "next": NEXT,
    "places": PLACES,
    "mentioning": MENTIONED,
}
WHOLE = (
    "SELECT row_to_json(whole) FROM (SELECT {term}, {gathered} FROM terms_term term {where}) whole"
)
PUBLIC_AT = "WHERE status IN {public} AND language = %s AND slug = %s"
ANY_OF_ID = "WHERE id = %s"


@dataclass(frozen=True)
class Place:
    """Where a term stands in a bundle: its number, of how many, and its neighbours there."""

    bundle: Bundle
    position: int
    count: int
    previous: Term | None
    next: Term | None


@dataclass(frozen=True)
class Surroundings:
    """What stands around a term.

    `relations` have each the public other end; of the terms that mention the term, which are
    `mentioned_by` in all, the first MENTIONING.
    """

    relations: list[tuple[Relation, Term]]
    previous: Term | None
    next: Term | None
    places: list[Place]
    mentioning: list[Term]
    mentioned_by: int


def entry(language: str, slug: str) -> Term | None:
    """The public term at an address, as `with_senses()` prefetches it."""
    row = _read(ENTRY, PUBLIC_AT, [language, slug])
    return made(Term, row) if row else None


def page(language: str, slug: str) -> tuple[Term, Surroundings] | None:
    """The same with what stands around it."""
    return _parted(_read(ENTRY | AROUND, PUBLIC_AT, [language, slug]))


def page_of(pk: int) -> tuple[Term, Surroundings] | None:
    """The page of a term whatever its status."""
    return _parted(_read(ENTRY | AROUND, ANY_OF_ID, [pk]))


def relations_of(term: Term) -> list[tuple[Relation, Term]]:
    """The term's relations, each with its public other end."""
    row = _read({"relations": RELATIONS}, ANY_OF_ID, [term.pk])
    return _relations(row["relations"]) if row else []


def _read(parts: Mapping[str, str], where: str, values: Sequence[Any]) -> dict[str, Any] | None:
    """The row of one term, with each part under its name."""
    gathered = ", ".join(f"({query}) AS {name}" for name, query in parts.items())
    query = WHOLE.replace("{gathered}", gathered).replace("{where}", where)
    with connection.cursor() as cursor:
        cursor.execute(_made_of_parts(query), values)
        row = cursor.fetchone()
    return row[0] if row else None


def _parted(row: dict[str, Any] | None) -> tuple[Term, Surroundings] | None:
    if row is None:
        return None
    around = {name: row.pop(name) for name in AROUND}
    mentioning = around["mentioning"]
    return made(Term, row), Surroundings(
        relations=_relations(around["relations"]),
        previous=_term(around["previous"]),
        next=_term(around["next"]),
        places=[_place(place) for place in around["places"] or ()],
        mentioning=[made(Term, other) for other in mentioning["terms"] or ()],
        mentioned_by=mentioning["count"] or 0,
    )


def _relations(rows: list[dict[str, Any]] | None) -> list[tuple[Relation, Term]]:
    others = [made(Term, row.pop("other")) for row in rows or ()]
    return [(made(Relation, row), other) for row, other in zip(rows or (), others, strict=True)]


def _place(row: dict[str, Any]) -> Place:
    return Place(
        made(Bundle, row["bundle"]),
        row["position"],
        row["count"],
        _term(row["previous"]),
        _term(row["next"]),
    )


def _term(row: dict[str, Any] | None) -> Term | None:
    return made(Term, row) if row else None
