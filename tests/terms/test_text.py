"""Text rules: what is kept, what is refused, and that every name has an address."""

import re
from html import unescape

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from terms.markup import html, plain
from terms.text import SLUG_LENGTH, TextError, clean, clean_line, gist, slugify

NAMES = [
    "C++",
    "C#",
    "C",
    ".",
    "..",
    "%2F",
    "???",
    "日本語",
    "İstanbul",
    "ısı",
    "straße",
    "ΟΔΟΣ",
    "naïve Bayes",
    "аpple",
    "a/b",
    "search",
    "x" * 300,
    "हिन्दी",
    "🤷",
    "e\u0301clair",
]


@given(st.text())
def test_it_cleans_once_and_for_all(value: str) -> None:
    try:
        cleaned = clean(value)
    except TextError:
        return
    assert clean(cleaned) == cleaned
    assert clean_line(clean_line(value)) == clean_line(value)


@pytest.mark.parametrize(
    "bad", ["a\x00b", "a\ud800b", "a\u202eb", "a\u2066b", "a\x1bb", "a\uffffb"]
)
def test_it_refuses_what_cannot_be_kept_with_its_position(bad: str) -> None:
    with pytest.raises(TextError, match="at character 2"):
        clean(bad)


@given(st.text(min_size=1, max_size=400))
def test_it_always_has_a_slug_that_is_its_own_slug(name: str) -> None:
    slug = slugify(name)
    assert 0 < len(slug) <= SLUG_LENGTH
    assert slugify(slug) == slug


@pytest.mark.django_db
@pytest.mark.parametrize("name", NAMES)
def test_it_agrees_with_the_database_on_what_a_slug_is(name: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT is_slug(%s)", [slugify(name)])
        assert cursor.fetchone() == (True,)


@pytest.mark.django_db
@given(st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=40))
@settings(max_examples=400, deadline=None, suppress_health_check=list(HealthCheck))
def test_what_surely_holds_in_python_holds_in_the_database(text: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(r"SELECT is_slug(%s), %s ~ '\S'", [slugify(text), text])
        is_slug, has_signs = cursor.fetchone()
    assert is_slug
    assert has_signs or not re.search(r"\w", text)


def test_it_tells_languages_apart_that_differ_by_a_sign() -> None:
    assert len({slugify(name) for name in ("C", "C++", "C#")}) == 3


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Naïve Bayes", "naive-bayes"),
        ("straße", "STRASSE"),
        ("İstanbul", "istanbul"),
        ("ﬁne tuning", "fine_tuning"),
        ("ΟΔΟΣ", "οδος"),
        ("k\u00adnn", "knn"),
    ],
)
def test_it_compares_names_without_case_accents_and_hyphens(one: str, other: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT name_key(%s) = name_key(%s)", [one, other])
        assert cursor.fetchone() == (True,)


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("One sentence. And another.", "One sentence."),
        ("Models, e.g. GPT, predict. More.", "Models, e.g. GPT, predict."),
        ("Version 2.0 is out. More.", "Version 2.0 is out."),
        ("No end", "No end"),
    ],
)
def test_it_takes_the_first_sentence_as_gist(text: str, first: str) -> None:
    assert gist(text) == first


@pytest.mark.parametrize(
    "attack",
    [
        "<script>alert(1)</script>",
        "[x](javascript:alert(1))",
        "[x](JaVaScRiPt:alert(1))",
        "[x](data:text/html,<script>alert(1)</script>)",
        "<img src=x onerror=alert(1)>",
        "<svg onload=alert(1)>",
        "![x](http://example.com/x.png)",
        "<math><mtext><script>alert(1)</script></mtext></math>",
        "`<b onclick=alert(1)>`",
        "{{ secret }}{% load x %}",
    ],
)
def test_it_renders_attacks_as_text(attack: str) -> None:
    shown = html(attack)
    assert not any(
        sign in shown for sign in ("<script", "<img", "<svg", "<math", "<b ", 'href="java')
    )
    assert 'href="data:' not in shown


def test_it_renders_emphasis_code_lists_and_links() -> None:
    shown = html("An *em* and `code`:\n\n- [a](https://example.com)")
    for part in ("<em>em</em>", "<code>code</code>", "<li>", 'href="https://example.com"'):
        assert part in shown
    assert plain("An *em* and `code`:\n\n- [a](https://example.com)") == "An em and code: a"


@pytest.mark.parametrize(
    "definition",
    [
        "> " * 300 + "deep",
        "- " * 300 + "deep",
        "[](https://example.org/deep)",
        "&nbsp;",
        "```\n```",
    ],
)
def test_where_marks_leave_no_word_the_text_is_shown_as_it_is(definition: str) -> None:
    assert plain(definition) == " ".join(definition.split())
    shown = " ".join(unescape(html(definition)).split())
    assert " ".join(definition.split())[-6:] in shown
