"""Suggestions while one types: REST, and the reader's browser by OpenSearch."""

from xml.etree import ElementTree

import pytest
from django.test import Client

from terms import search
from terms.spelling import begins_misspelt, is_misspelt
from terms.suggest import suggest
from tests.factories import make_alias, make_term


@pytest.fixture
def names(db: None) -> None:
    make_term("latent space", "Where meanings have places. And more.")
    make_term("latent reasoning", "Thinking without words.")
    make_term("latent secret", status="draft")
    make_alias(make_term("large language model"), "LLM", kind="abbreviation")
    make_term("retrieval-augmented generation")


@pytest.mark.usefixtures("names")
def test_it_suggests_names_that_begin_so_then_misspelt_ones() -> None:
    assert [each.matched for each in suggest("late")] == ["latent space", "latent reasoning"]
    assert suggest("late")[0].gist == "Where meanings have places."
    assert [each.term.name for each in suggest("ll")] == ["large language model"]
    assert suggest("latnet spaec")[0].stage == "misspelt"
    assert suggest("retreival augmanted genaration")[0].matched == "retrieval-augmented generation"
    assert suggest("latnt spa")[0].matched == suggest("latnt spce")[0].matched == "latent space"
    assert [each.matched for each in suggest("latnt")] == ["latent space", "latent reasoning"]
    assert suggest("retreival augm")[0].stage == "misspelt"
    assert suggest("") == suggest("  ") == suggest("%") == suggest("_____") == []


@pytest.mark.usefixtures("names")
def test_it_suggests_over_rest(client: Client) -> None:
    body = client.get("/api/v1/suggest?q=llm&limit=1").json()
    (result,) = body["results"]
    assert (result["slug"], result["matched"], result["stage"]) == (
        "large-language-model",
        "LLM",
        "alias",
    )
    for bad in ("q=", "q=" + "x" * 201, "q=a&limit=0", "q=a&limit=21", "q=a&lang=%27"):
        assert client.get(f"/api/v1/suggest?{bad}").status_code == 400


@pytest.mark.usefixtures("names")
def test_it_tells_a_browser_how_to_ask(client: Client) -> None:
    described = client.get("/en/opensearch.xml")
    addresses = [
        url.attrib["template"]
        for url in ElementTree.fromstring(described.content).iter()
        if "template" in url.attrib
    ]
    assert any(address.endswith("/en/suggest?q={searchTerms}") for address in addresses)
    assert b"/en/opensearch.xml" in client.get("/en/").content
    asked, found, gists, links = client.get("/en/suggest?q=latent+sp").json()
    assert (asked, found, gists) == ("latent sp", ["latent space"], ["Where meanings have places."])
    assert links[0].endswith("/en/define/latent-space")


@pytest.mark.usefixtures("names")
@pytest.mark.parametrize(
    "query", ["'; DROP TABLE", "\\", "a" * 5000, "\u202e", "😀", "& | !", "%s"]
)
def test_it_answers_whatever_is_typed(client: Client, query: str) -> None:
    assert client.get("/en/suggest", {"q": query}).status_code == 200
    assert client.get("/en/search", {"q": query[: search.MAX_QUERY]}).status_code == 200


@pytest.mark.usefixtures("names")
def test_it_asks_the_database_once_for_names(django_assert_num_queries: object) -> None:
    with django_assert_num_queries(1):  # type: ignore[operator]
        search.by_name("latent")


@pytest.mark.usefixtures("names")
def test_it_guesses_no_beginning_where_a_name_begins_as_it_is_written() -> None:
    make_term("latency budget")
    assert [each.matched for each in suggest("latenc")] == ["latency budget"]


@pytest.mark.parametrize(
    ("asked", "meant", "expected"),
    [
        ("latnt", "latent space", True),
        ("latnt spce", "latent space surgery", True),
        ("latnt spb", "latent space", False),
        ("ltnt spa", "latent space", False),
        ("word", "world model", False),
        ("latent space x", "latent space", False),
        ("", "latent space", False),
    ],
)
def test_it_forgives_one_error_a_word_in_a_beginning(
    asked: str, meant: str, expected: bool
) -> None:
    assert begins_misspelt(asked, meant) is expected


@pytest.mark.parametrize(
    ("asked", "meant", "expected"),
    [
        ("tree", "tree", True),
        ("tere", "tree", True),
        ("tre", "tree", False),
        ("xree", "tree", True),
        ("xrex", "tree", False),
        ("wroods", "words", True),
        ("embdedign", "embedding", True),
        ("graint dascent", "gradient descent", False),
        ("grdient dscent", "gradient descent", True),
        ("grdient dscent mthod", "gradient descent method", True),
    ],
)
def test_it_forgives_a_few_errors_or_one_a_word(asked: str, meant: str, expected: bool) -> None:
    assert is_misspelt(asked, meant) is expected
