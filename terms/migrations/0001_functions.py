"""SQL functions that generated columns and triggers use: one definition for every writer."""

from django.db import migrations

# What names are compared by: no case, no diacritics, one space, hyphens as spaces.
NAME_KEY = r"""
CREATE FUNCTION name_key(value text) RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN btrim(regexp_replace(
    replace(
        translate(
            normalize(
                lower(regexp_replace(normalize(value, NFKD), '[\u0300-\u036f\u00ad\u200b-\u200f\u2060\ufeff]+', '', 'g')
                      COLLATE "pg_c_utf8"),
                NFKC),
            'ıς’‘', 'iσ'''''),
        'ß', 'ss'),
    '[\s_\-‐-―]+', ' ', 'g'))
"""

# The full-text configuration of a language; `simple` where PostgreSQL has no stemmer.
LANGUAGE_CONFIG = """
CREATE FUNCTION language_config(language text) RETURNS regconfig
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN CASE split_part(language, '-', 1)
    WHEN 'ar' THEN 'arabic'::regconfig     WHEN 'ca' THEN 'catalan'::regconfig
    WHEN 'da' THEN 'danish'::regconfig     WHEN 'de' THEN 'german'::regconfig
    WHEN 'el' THEN 'greek'::regconfig      WHEN 'en' THEN 'english'::regconfig
    WHEN 'es' THEN 'spanish'::regconfig    WHEN 'fi' THEN 'finnish'::regconfig
    WHEN 'fr' THEN 'french'::regconfig     WHEN 'ga' THEN 'irish'::regconfig
    WHEN 'hi' THEN 'hindi'::regconfig      WHEN 'hu' THEN 'hungarian'::regconfig
    WHEN 'hy' THEN 'armenian'::regconfig   WHEN 'id' THEN 'indonesian'::regconfig
    WHEN 'it' THEN 'italian'::regconfig    WHEN 'lt' THEN 'lithuanian'::regconfig
    WHEN 'ne' THEN 'nepali'::regconfig     WHEN 'nl' THEN 'dutch'::regconfig
    WHEN 'no' THEN 'norwegian'::regconfig  WHEN 'nb' THEN 'norwegian'::regconfig
    WHEN 'pt' THEN 'portuguese'::regconfig WHEN 'ro' THEN 'romanian'::regconfig
    WHEN 'ru' THEN 'russian'::regconfig    WHEN 'sr' THEN 'serbian'::regconfig
    WHEN 'sv' THEN 'swedish'::regconfig    WHEN 'ta' THEN 'tamil'::regconfig
    WHEN 'tr' THEN 'turkish'::regconfig    WHEN 'yi' THEN 'yiddish'::regconfig
    WHEN 'eu' THEN 'basque'::regconfig     ELSE 'simple'::regconfig END
"""

# The stems of a name as one sorted bag, so that "embeddings" meets "embedding" by equality.
NAME_STEMS = """
CREATE FUNCTION name_stems(language text, name text) RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN array_to_string(tsvector_to_array(to_tsvector(language_config(language), name_key(name))), ' ')
"""

# Symmetric deletions (Garbe's SymSpell): two spellings share a key when each loses up to so many
# letters. Keys are hashes into 2^20 buckets: that many share their entry of the index keeps it small,
# and the few names that are there by chance are sorted out by their true distance.
DELETIONS = """
CREATE FUNCTION deletions(salt text, word text, letters int) RETURNS int4[]
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
DECLARE
    keys int4[] := ARRAY[hashtext(salt || word) & 1048575];
    shorter text;
BEGIN
    FOR i IN 1..length(word) LOOP
        shorter := overlay(word PLACING '' FROM i FOR 1);
        keys := keys || (hashtext(salt || shorter) & 1048575);
        IF letters > 1 THEN
            FOR j IN i..length(shorter) LOOP
                keys := keys
                    || (hashtext(salt || overlay(shorter PLACING '' FROM j FOR 1)) & 1048575);
            END LOOP;
        END IF;
    END LOOP;
    RETURN keys;
END $$
"""

# Words of a name of several lose one letter each, so that each of them may err.
WORD_KEYS = """
CREATE FUNCTION word_keys(word text) RETURNS int4[]
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN deletions('word ', left(word, 6), 1)
"""

# The search path is kept because ANALYZE and REINDEX compute an index's expression under another one.
# The beginning of a word loses two letters, one in short words. So do the beginnings of the words of a
# name that has several; without its spaces it loses one, for those who write it as one word.
DELETION_KEYS = """
CREATE FUNCTION deletion_keys(name text) RETURNS int4[]
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE SET search_path FROM CURRENT AS $$
DECLARE
    key text := name_key(name);
    words text[] := string_to_array(key, ' ');
    several boolean := cardinality(words) > 1;
    keys int4[] := deletions('', left(replace(key, ' ', ''), 8),
        CASE WHEN several OR length(key) < 5 THEN 1 ELSE 2 END);
    begun text := '';
    word text;
BEGIN
    IF several THEN
        FOR place IN 1..cardinality(words) LOOP
            begun := begun || left(words[place], CASE WHEN place = cardinality(words) THEN 8
                WHEN cardinality(words) = 2 THEN 3 ELSE 2 END);
        END LOOP;
        keys := keys || deletions('words ', left(begun, 8), 2);
        FOREACH word IN ARRAY words LOOP
            IF length(word) > 3 THEN
                keys := keys || word_keys(word);
            END IF;
        END LOOP;
    END IF;
    RETURN keys;
END $$
"""

# A slug in normal form: what `terms.text.slugify` makes, held for writers that do not call it.
IS_SLUG = r"""
CREATE FUNCTION is_slug(value text) RETURNS boolean
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN value IS NFC NORMALIZED AND value = lower(value COLLATE "pg_c_utf8")
    AND value !~ '[\s./\\?#%&=+:;,<>"''`@!$()\[\]{}|~^*]' AND value !~ '(^-|-$|--)' AND value <> ''
"""

# The words of a sense for full-text search, in its term's language; the headword weighs most.
SENSE_WORDS = """
CREATE FUNCTION sense_words(language text, name text, definition text) RETURNS tsvector
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN setweight(to_tsvector(language_config(language), name), 'A')
    || setweight(to_tsvector(language_config(language), left(definition, 100000)), 'B')
"""


def function(create: str, signature: str) -> migrations.RunSQL:
    return migrations.RunSQL(create, f"DROP FUNCTION {signature}")


class Migration(migrations.Migration):
    dependencies: list[tuple[str, str]] = []

    operations = [
        function(NAME_KEY, "name_key(text)"),
        function(LANGUAGE_CONFIG, "language_config(text)"),
        function(NAME_STEMS, "name_stems(text, text)"),
        function(DELETIONS, "deletions(text, text, int)"),
        function(WORD_KEYS, "word_keys(text)"),
        function(DELETION_KEYS, "deletion_keys(text)"),
        function(IS_SLUG, "is_slug(text)"),
        function(SENSE_WORDS, "sense_words(text, text, text)"),
    ]
