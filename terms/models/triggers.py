"""Triggers that keep a term's version, a sense's words and the glossary's revision true in SQL.

`version` grows whenever a term or one of its children changes; `revision` once for a transaction
that changed anything a reader can see.
"""

import pgtrigger
from pgtrigger import (
    After,
    Before,
    Deferred,
    Delete,
    Insert,
    Operation,
    Referencing,
    Row,
    Statement,
    Trigger,
    Update,
)

# One update for all the rows of a statement, locked in order, so that two writers never wait for
# each other. A term written by this same transaction has its new version already (xmin). The
# ids are arrays, so that terms are found by their key even where the statistics know of no terms:
# as a join, each write read them all.
TOUCH = """
UPDATE terms_term SET version = version WHERE id = ANY(ARRAY(
    SELECT id FROM terms_term WHERE id = ANY(ARRAY({touched}))
    AND xmin::text::bigint <> (pg_current_xact_id()::text::bigint & 4294967295)
    ORDER BY id FOR NO KEY UPDATE));
RETURN NULL;
"""
TOUCHED = "SELECT {path} FROM {table} changed"
OLD, NEW = {"old": "old_rows"}, {"new": "new_rows"}
TRANSITIONS = {Insert: NEW, Update: OLD | NEW, Delete: OLD}  # what a statement's trigger can read
PUBLIC = "('published', 'deprecated')"

# The flag is local to the transaction, so a hundred thousand rows cost one update of one row, and
# that row is locked only between the deferred trigger and the end of the commit.
COUNT = """
IF current_setting('lexispace.bumped', true) IS DISTINCT FROM pg_current_xact_id()::text THEN
    PERFORM set_config('lexispace.bumped', pg_current_xact_id()::text, true);
    UPDATE terms_glossary SET revision = revision + 1;
END IF;
"""
BUMP = f"{COUNT}RETURN NULL;\n"

# Of several changes in a transaction one row is left: how readers knew the term before, and after.
RECORD = """
INSERT INTO terms_change (revision, term_id, born_at, at, version,
                          former_language, former_slug, language, slug)
SELECT revision, coalesce(NEW.id, OLD.id), coalesce(NEW.created_at, OLD.created_at),
       clock_timestamp(), coalesce(NEW.version, OLD.version),
       CASE WHEN OLD.status IN {public} THEN OLD.language ELSE '' END,
       CASE WHEN OLD.status IN {public} THEN OLD.slug ELSE '' END,
       CASE WHEN NEW.status IN {public} THEN NEW.language ELSE '' END,
       CASE WHEN NEW.status IN {public} THEN NEW.slug ELSE '' END
FROM terms_glossary
ON CONFLICT (revision, term_id) DO UPDATE
SET at = excluded.at, version = excluded.version,
    language = excluded.language, slug = excluded.slug;
"""


def bumps_revision(condition: str = "") -> Trigger:
    """At commit, once for a transaction: the glossary's revision grows."""
    func = f"IF {condition} THEN\n{BUMP}\nEND IF; RETURN NULL;" if condition else BUMP
    return _at_commit("bumps_revision", func)


def records_change() -> Trigger:
    """At commit: the revision grows, and what readers see change of a term is told in its order."""
    record = COUNT + RECORD.format(public=PUBLIC)
    seen = f"OLD.status IN {PUBLIC} OR NEW.status IN {PUBLIC}"
    return _at_commit("records_change", f"IF {seen} THEN\n{record}\nEND IF; RETURN NULL;")


def _at_commit(name: str, func: str) -> Trigger:
    return Trigger(
        name=name,
        level=Row,
        when=After,
        operation=Insert | Update | Delete,
        timing=Deferred,
        func=func,
    )


def counts_revision() -> Trigger:
    """The glossary's own row: whatever is written there, its revision grows."""
    return Trigger(
        name="counts_revision",
        level=Row,
        when=Before,
        operation=Update,
        func="NEW.revision = greatest(NEW.revision, OLD.revision + 1); RETURN NEW;",
    )


def bumps_version() -> Trigger:
    """A term's own update: the version counts up whatever the writer sent."""
    return Trigger(
        name="bumps_version",
        level=Row,
        when=Before,
        operation=Update,
        func="""
        NEW.version = OLD.version + 1;
        NEW.updated_at = clock_timestamp();
        RETURN NEW;
        """,
    )


def touches_term(*paths: str) -> list[Trigger]:
    """A change of a child is a change of its term. `paths` are SQL expressions over {row}."""
    return [
        after_statement("touches_term", operation, TOUCH.format(touched=_union(tables, paths)))
        for operation, tables in TRANSITIONS.items()
    ]


def _union(tables: dict[str, str], paths: tuple[str, ...]) -> str:
    return " UNION ".join(
        TOUCHED.format(path=path.format(row="changed"), table=table)
        for table in tables.values()
        for path in paths
    )


def after_statement(name: str, operation: Operation, func: str) -> Trigger:
    """Once for a statement: `func` finds the rows that it wrote in old_rows and new_rows."""
    return Trigger(
        name=f"{name}_on_{operation}".lower(),
        level=Statement,
        when=After,
        operation=operation,
        referencing=Referencing(**TRANSITIONS[operation]),
        func=func,
    )


def follows_term() -> Trigger:
    """An alias speaks its term's language."""
    return Trigger(
        name="follows_term",
        level=Row,
        when=Before,
        operation=Insert | pgtrigger.UpdateOf("term_id", "language"),
        func="""
        NEW.language = (SELECT language FROM terms_term WHERE id = NEW.term_id);
        RETURN NEW;
        """,
    )


def comes_last() -> Trigger:
    """An alias without a place stands behind the others of its term."""
    return Trigger(
        name="comes_last",
        level=Row,
        when=Before,
        operation=Insert | pgtrigger.UpdateOf("position"),
        condition=pgtrigger.Condition("NEW.position IS NULL"),
        func="""
        SELECT coalesce(max(position), 0) + 1 INTO NEW.position
        FROM terms_alias WHERE term_id = NEW.term_id;
        RETURN NEW;
        """,
    )


def keeps_former_slug() -> Trigger:
    """A renamed address stays known, so that old links answer for ever."""
    return Trigger(
        name="keeps_former_slug",
        level=Row,
        when=After,
        operation=pgtrigger.UpdateOf("slug"),
        condition=pgtrigger.Q(old__slug__df=pgtrigger.F("new__slug")),
        func="""
        DELETE FROM terms_alias WHERE term_id = NEW.id AND slug = NEW.slug AND kind = 'former';
        INSERT INTO terms_alias (term_id, language, slug, name, kind)
        SELECT NEW.id, NEW.language, OLD.slug, OLD.name, 'former'
        WHERE NOT EXISTS (SELECT FROM terms_alias WHERE term_id = NEW.id AND slug = OLD.slug)
        ON CONFLICT DO NOTHING;
        RETURN NULL;
        """,
    )


def passes_on_name() -> Trigger:
    """A term's name and language stand in its senses' search words and its aliases."""
    return Trigger(
        name="passes_on_name",
        level=Row,
        when=After,
        operation=pgtrigger.UpdateOf("name", "language"),
        condition=pgtrigger.Q(old__name__df=pgtrigger.F("new__name"))
        | pgtrigger.Q(old__language__df=pgtrigger.F("new__language")),
        func="""
        UPDATE terms_sense SET words = sense_words(NEW.language, NEW.name, definition)
        WHERE term_id = NEW.id;
        UPDATE terms_alias SET language = NEW.language
        WHERE term_id = NEW.id AND language <> NEW.language;
        RETURN NULL;
        """,
    )


def fills_words() -> Trigger:
    """A sense's search words follow its definition, in its term's language."""
    return Trigger(
        name="fills_words",
        level=Row,
        when=Before,
        operation=Insert | pgtrigger.UpdateOf("definition", "term_id"),
        func="""
        SELECT sense_words(language, name, NEW.definition) INTO NEW.words
        FROM terms_term WHERE id = NEW.term_id;
        RETURN NEW;
        """,
    )
