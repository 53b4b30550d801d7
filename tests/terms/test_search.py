"""Finding terms by name: exact, alias, inflected, begun, misspelt; and the A–Z index."""

import pytest

from terms import alphabet, search
from terms.search import Candidate, Stage
from tests.factories import make_alias, make_term


@pytest.fixture
def names(db: None) -> None:
    for name in ("embedding", "embedding space", "fine-tuning", "naïve Bayes", "kernel", "kennel"):
        make_term(name)
    make_alias(make_term("large language model"), "LLM", kind="abbreviation")
    make_term("embedded draft", status="draft")


@pytest.mark.usefixtures("names")
@pytest.mark.parametrize(
    ("query", "name", "stage"),
    [
        ("embedding", "embedding", Stage.NAME),
        ("  EMBEDDING  ", "embedding", Stage.NAME),
        ("naive bayes", "naïve Bayes", Stage.NAME),
        ("fine_tuning", "fine-tuning", Stage.NAME),
        ("LLM", "LLM", Stage.ALIAS),
        ("llms", "LLM", Stage.INFLECTED),
        ("embeddings", "embedding", Stage.INFLECTED),
        ("fine tuned", "fine-tuning", Stage.INFLECTED),
        ("embeding", "embedding", Stage.INFLECTED),
        ("embdeding", "embedding", Stage.MISSPELT),
        ("xmbedding", "embedding", Stage.MISSPELT),
        ("large lang", "large language model", Stage.PREFIX),
    ],
)
def test_it_finds_a_name_and_says_how(query: str, name: str, stage: Stage) -> None:
    hit = search.by_name(query)[0]
    assert (hit.matched, hit.stage) == (name, stage)


@pytest.mark.usefixtures("names")
@pytest.mark.parametrize("query", ["", "   ", "zzzz", "%", "_", "'; DROP TABLE", "\\"])
def test_it_finds_nothing_where_nothing_is(query: str) -> None:
    assert search.by_name(query) == []


@pytest.mark.usefixtures("names")
def test_it_finds_words_of_definitions() -> None:
    make_term("overfitting", "A model that remembers the noise of its training examples.")
    assert search.by_words("remember noisy example")[0].stage == Stage.WORDS
    assert search.by_words("the of and") == []


def test_it_ranks_by_stage_then_likeness_and_names_each_term_once() -> None:
    def candidate(of: int, key: str, field: str = "name") -> Candidate:
        return Candidate(of, key, field, key, key, "tree", "tree")

    hits = search.rank(
        [
            candidate(1, "trees"),
            candidate(2, "tree", "synonym"),
            candidate(3, "tree"),
            candidate(1, "tree house"),
            candidate(4, "house"),
        ]
    )
    assert [(hit.term_id, hit.stage) for hit in hits] == [
        (3, Stage.NAME),
        (2, Stage.ALIAS),
        (1, Stage.PREFIX),
    ]


@pytest.mark.usefixtures("names")
def test_it_lists_names_and_aliases_by_letter() -> None:
    make_term("1-bit model")
    assert alphabet.letters("en") == [("#", 1), ("E", 2), ("F", 1), ("K", 2), ("L", 2), ("N", 1)]
    lines = alphabet.entries("en", "L")
    assert [(line.name, line.target) for line in lines] == [
        ("large language model", "large language model"),
        ("LLM", "large language model"),
    ]


@pytest.mark.usefixtures("names")
def test_it_pages_through_the_index_without_loss() -> None:
    whole = [line.name for line in alphabet.entries("en")]
    paged: list[str] = []
    after = ""
    while lines := alphabet.entries("en", after=after, limit=2):
        paged += [line.name for line in lines]
        after = lines[-1].cursor
    assert paged == whole


@pytest.mark.django_db
@pytest.mark.parametrize("asked", ["LLMs", "llm's", "L.L.M.", "L.L.M.s", "LLM@5", "Llms"])
def test_it_knows_an_abbreviation_however_it_is_written(asked: str) -> None:
    term = make_term("large language model")
    make_alias(term, "LLM", kind="abbreviation")
    make_alias(make_term("other"), "LLMX", kind="abbreviation")
    first = search.by_name(asked)[0]
    assert (first.term_id, first.stage) == (term.id, Stage.INFLECTED)


@pytest.mark.django_db
def test_it_puts_the_likest_of_inflected_names_first_and_minds_stop_words() -> None:
    for name in ("delete", "deletion", "tie down", "support vector"):
        make_term(name)
    assert [hit.matched for hit in search.by_name("deletions")] == ["deletion", "delete"]
    assert search.by_name("vectors, support")[0].matched == "support vector"
    assert search.by_name("not tied") == []
