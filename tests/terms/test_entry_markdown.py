"""An entry as Markdown: whoever renders it reads what the page says."""

import re

import pytest
from django.conf import settings
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from terms.entry_markdown import heading, link, quoted
from terms.models import Glossary, Source, Term
from terms.text import TextError, clean_line
from tests.factories import make_alias, make_example, make_sense, make_term, relate


def line(text: str) -> str:
    """The text as a LineField would keep it; nothing of what it would refuse."""
    try:
        return clean_line(text)
    except TextError:
        return ""


lines = st.text("ab C#*_`[]()<>&!~-+=.1\\|:$").map(line).filter(bool)


def rendered(markdown: str) -> str:
    """The visible words of the HTML that Markdown becomes."""
    tokens = [token for token in MarkdownIt("commonmark").parse(markdown) if token.children]
    return " ".join(
        "".join(child.content for child in token.children or []) for token in tokens
    ).strip()


@given(lines)
def test_it_reads_in_markdown_as_it_was_written(text: str) -> None:
    assert rendered(quoted(text)) == text
    assert rendered(heading(text)) == text
    assert rendered(f"See {link(text, 'https://example.org/f_(x)')}") == f"See {text}"


@pytest.mark.django_db
def test_it_writes_the_entry_with_everything_that_a_reader_sees(client: Client) -> None:
    Glossary.objects.update_or_create(id=1, defaults={"licence": "CC BY 4.0"})
    term = make_term("C#", "A *language*.\n\n- typed")
    first = term.senses.get()
    make_example(first, "It runs.\nAnd how.", source="A book")
    first.sources.add(Source.objects.create(title="The [standard]", url="https://example.org/s"))
    make_sense(term, "A note.", part_of_speech="noun", register="music")
    make_alias(term, "C sharp")
    make_alias(term, "hidden", kind="former")
    relate(term, make_term("Java (language)"), "broader")
    relate(term, make_term("a draft", status="draft"))
    response = client.get("/en/define/csharp/entry.md")
    assert response["Content-Type"] == "text/markdown; charset=utf-8"
    site = settings.LEXISPACE_URL
    text = re.sub(r"changed [^:]+:", "changed …:", response.content.decode())
    assert text == (
        "# C#\n\nAlso: C sharp\n\n## 1.\n\nA *language*.\n\n- typed\n\n"
        "> It runs.\n> And how.\n>\n> — A book\n\n"
        "Source: [The \\[standard\\]](<https://example.org/s>)\n\n"
        "## 2. noun · music\n\nA note.\n\n"
        f"Broader: [Java (language)](<{site}/en/define/java-language>)\n\n"
        f"From Lexispace, changed …: <{site}/en/define/csharp>\n\nLicence: CC BY 4.0\n"
    )


@pytest.mark.django_db
def test_a_single_sense_has_no_number_and_a_deprecated_term_names_its_successor(
    client: Client,
) -> None:
    make_term("old", "Was.", status="deprecated", replaced_by=make_term("new"))
    text = client.get("/en/define/old/entry.md").content.decode()
    assert text.startswith("# old\n\nNo longer recommended: use “new”.\n\nWas.\n\nFrom ")
    assert Term.objects.count() == 2
