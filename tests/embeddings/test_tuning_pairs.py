"""Pairs out of the glossary: what they are, and that held-out terms are in none of them."""

from dataclasses import replace
from itertools import chain, pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from embeddings.models import PinnedQuestion
from embeddings.tuning import pairs as reading
from embeddings.tuning.pairs import (
    KINDS,
    Entry,
    Kept,
    Pair,
    among,
    batches,
    cut,
    entries,
    held_out,
    pairs,
)
from tests.factories import make_example, make_sense, make_term, relate

FIRST = "A unit of text that a model reads or writes in one piece, often a word."
LATER = "Every token is counted when a request to a model has to be paid for."
NUMBERED = st.integers(0, 30)


@pytest.fixture
def glossary(db: None) -> None:
    """Sixty terms of two sentences, each related to the next."""
    terms = [make_term(f"token {n}", f"{FIRST} {LATER} It is number {n}.") for n in range(60)]
    for one, other in pairwise(terms):
        relate(one, other)
        make_example(one.senses.get(), f"Here {one.name} is meant, and nothing else.")
        PinnedQuestion.objects.create(term=one, question=f"what is number {one.pk}")


def test_it_cuts_a_definition_into_what_comes_first_and_what_comes_later() -> None:
    assert cut(f"{FIRST} {LATER}") == (FIRST, LATER)
    assert cut("Short. " + FIRST) == (f"Short. {FIRST}", "")
    assert cut("") == ("", "")
    assert len(cut("word " * 500)[0]) == 400


def test_a_pair_is_made_of_each_kind(db: None) -> None:
    term, other = make_term("token", f"{FIRST} {LATER}"), make_term("byte", "Eight bits.")
    make_example(term.senses.get(), "Tokens are cheap, a token is not.")
    make_term("draft token", FIRST, status="draft")
    relate(term, other)
    relate(term, make_term("word"), "antonym")
    PinnedQuestion.objects.create(term=term, question="what a model is paid by")
    kept = Kept(entries(), ())
    found = {kind: list(KINDS[kind](kept)) for kind in KINDS}
    entry = f"token: {FIRST}"
    later = LATER.replace("token", "it")
    both = frozenset({term.pk, other.pk})
    assert found["later"] == [Pair(later, entry, frozenset({term.pk}), 0)]
    assert found["example"][0].asked == "it are cheap, a it is not."
    assert found["pinned"][0].asked == "what a model is paid by"
    assert [each.terms for each in found["relation"]] == [both, both]
    assert found["relation"][1].answer == entry
    assert found["name"][0] == Pair(FIRST, "token", frozenset({term.pk}))


def test_relations_are_a_third_of_the_pairs_at_the_most(glossary: None) -> None:
    kept = Kept(entries(), ())
    found = pairs(kept, {"later", "relation"}, 1)
    assert (len(found), sum(len(pair.terms) == 2 for pair in found)) == (86, 26)
    assert len(pairs(kept, {"relation"}, 1)) == 60


def test_what_has_no_later_sentence_is_asked_for_by_an_example() -> None:
    about = Entry(1, 1, "token", "token", "token", FIRST)
    assert about.asked == ""
    assert replace(about, examples=("Too short.", LATER)).asked == LATER
    assert replace(about, later=FIRST, examples=(LATER,)).asked == FIRST


def test_a_synonym_that_is_defined_by_the_same_words_is_held_out_too() -> None:
    one = Entry(1, 1, "1", "car", "car", FIRST)
    corpus = [one, replace(one, term=2, name="auto"), replace(one, term=3, first=LATER)]
    assert [entry.term for entry in Kept(corpus, {1}).entries] == [3]
    assert len(Kept(corpus, ()).entries) == 3


def test_of_a_large_glossary_a_part_is_asked_among(monkeypatch: pytest.MonkeyPatch) -> None:
    corpus = [
        Entry(n, n, f"{n}", f"{n}", f"{n}", FIRST, LATER, related=(n + 50,)) for n in range(99)
    ]
    assert among(corpus, {1}, 1) is corpus
    monkeypatch.setattr(reading, "AMONG", 20)
    held = held_out(corpus, 1)
    assert len(held) == 19
    found = [entry.term for entry in among(corpus, held, 1)]
    assert len(found) == 20
    assert held < set(found)
    assert found == sorted(found)
    assert {3, 53} < {entry.term for entry in among(corpus, {3}, 1)}


@pytest.mark.parametrize("seed", [1, 2])
def test_held_out_terms_are_in_no_pair(glossary: None, seed: int) -> None:
    corpus = entries()
    held = held_out(corpus, seed)
    assert len(held) == 12
    found = pairs(Kept(corpus, held), KINDS, seed)
    assert {kind.term for kind in corpus} - held >= set().union(*(pair.terms for pair in found))
    names = [entry.name for entry in corpus if entry.term in held]
    texts = list(chain.from_iterable((pair.asked, pair.answer) for pair in found))
    assert not [name for name in names if any(text.startswith(f"{name}:") for text in texts)]
    assert not set(names) & set(texts)


def test_another_seed_holds_out_others_and_the_same_one_the_same(glossary: None) -> None:
    corpus = entries()
    assert held_out(corpus, 1) == held_out(reversed(corpus), 1) != held_out(corpus, 2)


def test_every_sense_of_a_term_is_held_out_with_it(db: None) -> None:
    for n in range(10):
        term = make_term("", f"{FIRST} {LATER} It is {n}.")
        make_sense(term, f"{FIRST} {LATER} Once more, it is {n}.")
    corpus = entries()
    held = held_out(corpus, 1)
    kept = Kept(corpus, held)
    assert len(held) == 2
    assert len(kept.entries) == 16
    assert {pair.row for pair in KINDS["later"](kept)} <= set(range(16))


def test_a_row_is_the_place_of_the_entry_that_answers(glossary: None) -> None:
    kept = Kept(entries(), held_out(entries(), 1))
    for pair in pairs(kept, {"later", "example", "pinned"}, 1):
        assert pair.row is not None
        assert kept.entries[pair.row].text == pair.answer


@settings(deadline=None)
@given(st.lists(st.frozensets(NUMBERED, min_size=1, max_size=2), max_size=40), st.integers(1, 9))
def test_a_batch_knows_no_term_twice(terms: list[frozenset[int]], size: int) -> None:
    found = [Pair(str(n), str(n), each) for n, each in enumerate(terms)]
    parted = batches(found, size, seed=1)
    for batch in parted:
        assert len(batch) == len({id(pair) for pair in batch}) <= size
        assert sum(len(pair.terms) for pair in batch) == len(
            frozenset().union(*(p.terms for p in batch))
        )
    assert parted == batches(found, size, seed=1)
    assert bool(parted) == bool(found)
