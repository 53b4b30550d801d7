"""Entries of any texts, as hypothesis makes them, and as the glossary stores them."""

from dataclasses import replace
from typing import Any

from hypothesis import strategies as st

from terms.entry import Address, AliasText, Citation, Entry, Link, SenseText
from terms.models.fields import KEY_FORM
from terms.text import TextError, clean, clean_line, slugify

# Few of the signs that are refused: each makes a text empty, and few would be left.
SIGNS = st.characters(exclude_categories=["Cs", "Cn"], max_codepoint=0x7E) | st.characters(
    exclude_categories=["Cs", "Cc", "Cn"]
)


def storable(cleaner: Any, limit: int) -> st.SearchStrategy[str]:
    """Texts as they are stored, of any characters."""

    def stored(text: str) -> str:
        try:
            return str(cleaner(text))[:limit].strip()
        except TextError:
            return ""

    return st.text(SIGNS, max_size=limit).map(stored).filter(lambda text: cleaner(text) == text)


LINES = storable(clean_line, 60)
NAMES = LINES.map(lambda name: name or "a").filter(lambda name: len(slugify(name)) < 90)
URLS = st.sampled_from(["", "https://example.org/a?b=c&d"])
# What is said of a source's licence first stays, so it is the same wherever the source is cited.
CITATIONS = st.builds(lambda title, url: Citation(title, url, f"licence of {title}"), NAMES, URLS)
PROSE = storable(clean, 200).map(lambda text: text or "A text.")
SENSES = st.builds(
    SenseText,
    definition=PROSE,
    examples=st.lists(st.tuples(PROSE, LINES), max_size=3),
    part_of_speech=LINES.map(lambda text: text[:40].strip()),
    register=LINES,
    sources=st.lists(CITATIONS, max_size=2, unique_by=lambda citation: citation[:2]),
)
KINDS = st.sampled_from(["synonym", "abbreviation", "spelling"])
ALIASES = st.builds(AliasText, KINDS, NAMES, st.just(""))
ENTRIES = st.builds(
    Entry,
    name=NAMES,
    language=st.sampled_from(["en", "de", "pt-BR", "ar"]),
    senses=st.lists(SENSES, min_size=1, max_size=4),
    aliases=st.lists(ALIASES, max_size=3, unique_by=lambda alias: slugify(alias.name)),
    status=st.sampled_from(["draft", "review", "published", "deprecated"]),
    is_linked=st.booleans(),
)

SLUGS = NAMES.map(slugify)
TAGS = st.sampled_from(["en", "de", "pt-BR", "ar"])
ADDRESSES = st.builds(Address, TAGS, SLUGS)
LINKS = st.builds(
    Link,
    st.sampled_from(["related", "broader", "narrower", "used_in", "uses", "translation"]),
    NAMES,
    TAGS,
    SLUGS,
    st.sampled_from(["editor", "suggestion", "import"]),
    st.none() | st.floats(0, 1),
    LINES,
)
WHOLE_SENSES = st.builds(
    lambda sense, key, topics: replace(sense, key=key, topics=topics),
    SENSES,
    st.just("") | st.from_regex(KEY_FORM, fullmatch=True),
    st.lists(SLUGS, max_size=3),
)
WHOLE = st.builds(
    lambda entry, **fields: replace(entry, **fields),
    ENTRIES,
    slug=SLUGS,
    senses=st.lists(WHOLE_SENSES, max_size=3),
    aliases=st.lists(
        st.builds(AliasText, KINDS | st.just("former"), NAMES, st.just("") | SLUGS), max_size=3
    ),
    relations=st.lists(LINKS, max_size=3),
    replaced_by=st.none() | ADDRESSES,
)
