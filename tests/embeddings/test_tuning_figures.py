"""The figures of a tuning: pure functions, held to their mathematics."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from embeddings.measures import interval
from embeddings.tuning import figures, maps, telling
from embeddings.tuning.general import general
from embeddings.vectors import Matrix, unit


def vectors(count: int, seed: int = 0, width: int = 8) -> Matrix:
    return unit(np.random.default_rng(seed).standard_normal((count, width)))


def test_a_question_counts_by_the_best_entry_of_the_right_term() -> None:
    entries = np.eye(3, dtype=np.float32)
    terms = np.array([7, 8, 7])
    asked = unit(np.array([[0.9, 0, 0.1], [0.1, 0.5, 0.2]]))
    assert figures.reciprocal_ranks(asked, entries, terms, [[7], [7]]).tolist() == [1, 0.5]
    assert figures.reciprocal_ranks(asked, entries, terms, [[8], [7, 8]]).tolist() == [1 / 2, 1]


def test_beyond_ten_counts_as_not_found() -> None:
    entries = vectors(30)
    asked = -entries[:1]
    assert figures.reciprocal_ranks(asked, entries, np.arange(30), [[0]]).tolist() == [0]


@settings(deadline=None)
@given(st.lists(st.floats(-1, 1), min_size=1, max_size=50))
def test_an_interval_holds_the_mean_and_lies_within_the_changes(changes: list[float]) -> None:
    low, high = interval(np.array(changes))
    assert min(changes) - 1e-9 <= low <= high <= max(changes) + 1e-9


def test_no_change_is_told_as_none() -> None:
    ranks = np.array([1, 0.5, 0])
    found = figures.compared(ranks, ranks)
    assert (found["low"], found["high"], found["base"]) == (0, 0, 0.5)
    assert figures.compared(ranks[:0], ranks[:0]) == {"questions": 0}


def test_related_terms_leave_out_the_term_itself() -> None:
    entries = vectors(20)
    terms, rows = np.arange(20) // 2, np.array([4])
    scores = figures.related_scores(entries, entries, entries, rows, weight=0)
    best = int(np.argsort(-np.where(terms == 2, -9, scores[0]))[0])
    assert figures.related_gains(scores, terms, rows, [[int(terms[best])]]).tolist() == [1]
    assert figures.related_gains(scores, terms, rows, [[2]]).tolist() == [0]


def test_a_name_counts_in_the_definition_of_either() -> None:
    entries, rows = np.eye(4, dtype=np.float32), np.array([0])
    definitions, names = np.zeros_like(entries), np.zeros_like(entries)
    definitions[0], names[1] = entries[2], entries[2]
    names[0], definitions[3] = entries[1], entries[1]
    scores = figures.related_scores(entries, definitions, names, rows)
    assert scores.tolist() == [[1, 0.5, 0, 0.5]]


def test_what_stays_has_not_moved_and_keeps_its_neighbours() -> None:
    before = vectors(30)
    turned = before @ np.linalg.qr(np.random.default_rng(1).standard_normal((8, 8)))[0]
    names = [f"term {n}" for n in range(30)]
    said = figures.in_words(before, before, names, names)
    assert (said["moved"], said["percent_kept"]) == (pytest.approx(0, abs=1e-6), 100)
    assert figures.in_words(before, unit(turned), names, names)["percent_kept"] == 100
    changed = figures.in_words(before, vectors(30, seed=9), names, names)
    assert changed["percent_kept"] < 80
    assert changed["most_changed"][0]["won"]


def test_before_and_after_are_drawn_as_one_map() -> None:
    before, names = vectors(30), [f"term {n}" for n in range(30)]
    same, other = maps.drawn(before, before, names), maps.drawn(before, vectors(30, 9), names)
    assert same["names"] == names
    assert same["procrustes"] < 0.05 < other["procrustes"] <= 1
    places = np.array(other["places"])
    assert (places.shape, places.min(), places.max()) == ((30, 4), 0, 1_000)
    assert maps.drawn(before[:9], before[:9], names[:9]) == {}
    assert len(maps.chosen(1_000, [7, 7, 999])) == 300


def test_those_that_went_farthest_are_named_where_there_is_room() -> None:
    places = [[0, 0, 500, 0], [0, 0, 490, 5], [0, 0, 0, 90], [7, 7, 7, 7]]
    drawn = {"map": {"names": ["far", "hidden by far", "down", "still"], "places": places}}
    told = telling.moves(drawn)
    assert [move.name for move in told if move.is_named] == ["far", "down", "still"]
    assert telling.height(told) == 90
    assert (telling.moves({}), telling.height([])) == ([], 0)


def test_the_general_set_asks_of_the_starter_only_where_another_glossary_is_tuned() -> None:
    foreign, own = general(["modem"]), general({"token", *_starter_slugs()})
    assert len(own.questions) > 120
    assert len(foreign.questions) > len(own.questions)
    assert foreign.texts == own.texts
    for question, right in zip(own.questions, own.right, strict=True):
        assert len(right) == 1
        assert not own.texts[right[0]].startswith(f"{question}:")


def _starter_slugs() -> set[str]:
    from terms.text import slugify

    return {slugify(text.partition(":")[0]) for text in general([]).texts}
