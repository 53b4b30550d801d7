"""Vectors and the texts they are made from: pure functions."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from embeddings import text, vectors
from embeddings.encoders.hashing import HashingEncoder
from embeddings.lookup import Ranked, Strength, Why, merge
from terms.models import Sense, Term
from terms.search import Hit, Stage

SHAPES = st.tuples(st.integers(2, 12), st.integers(2, 8))
NUMBERS = st.floats(-100, 100).filter(lambda x: x == 0 or abs(x) > 1e-3)
MATRICES = SHAPES.flatmap(lambda shape: arrays(np.float64, shape, elements=NUMBERS))


@given(MATRICES)
def test_it_scales_rows_to_length_one_and_leaves_zero_alone(matrix: np.ndarray) -> None:
    scaled = vectors.unit(matrix)
    assert scaled.dtype == np.float32
    lengths = np.linalg.norm(scaled, axis=1)
    expected = matrix.any(axis=1).astype(float)
    assert np.allclose(lengths, expected, atol=1e-5)
    assert np.allclose(vectors.unit(scaled), scaled, atol=1e-6)


@given(MATRICES)
def test_it_finds_for_each_row_what_a_plain_search_finds(matrix: np.ndarray) -> None:
    rows = vectors.unit(matrix)
    cosines = rows @ rows.T
    np.fill_diagonal(cosines, -np.inf)
    found = vectors.nearest_others(rows, [rows], [1], block=3)
    assert np.allclose(found, cosines.max(axis=1), atol=1e-5)


def test_it_weighs_the_views_that_an_item_has() -> None:
    one = np.eye(3, dtype=np.float32)
    other = np.array([[0, 1, 0], [0, 0, 0], [1, 0, 0]], dtype=np.float32)
    found = vectors.nearest_others(one, [one, other], [1, 0.5])
    # To item 0: item 2 by its second view, 0.5 / 1.5. To 1: item 0 likewise. To 2: nothing.
    assert found == pytest.approx([1 / 3, 1 / 3, 0])


@given(st.lists(st.floats(-1, 1), min_size=1, max_size=30))
def test_it_measures_the_gap_between_first_and_rest(scores: list[float]) -> None:
    ordered = np.array(sorted(scores, reverse=True))
    gap = vectors.gap(ordered)
    assert 0 <= gap + 1e-9 <= 2 + 1e-6
    assert (len(scores) > 1) or gap == 0


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_it_refuses_what_is_no_number(value: float) -> None:
    matrix = np.ones((2, 3))
    matrix[1, 2] = value
    with pytest.raises(vectors.BadVectors, match="NaN or infinity"):
        vectors.checked(matrix, 2, 3)


@given(st.lists(st.text(), max_size=5))
def test_it_gives_the_same_vector_for_the_same_text(texts: list[str]) -> None:
    encoder = HashingEncoder()
    once, again = encoder.encode(texts), encoder.encode(texts[::-1])
    assert once.shape == (len(texts), 384)
    assert np.array_equal(once, again[::-1])


def test_it_embeds_name_and_definition_without_markup() -> None:
    sense = Sense(term=Term(name="token"), definition="A *unit* of [text](https://example.com).")
    assert text.views(sense) == {
        "entry": "token: A unit of text.",
        "definition": "A unit of text.",
        "name": "token",
    }


def test_it_bounds_the_text_and_never_embeds_nothing() -> None:
    long = text.views(Sense(term=Term(name="token"), definition="word " * 4000))
    assert len(long["definition"]) == text.MAX_CHARACTERS
    bare = text.views(Sense(term=Term(name="token"), definition="&nbsp;"))
    assert bare["definition"] == "&nbsp;"


@given(st.text(), st.text())
def test_it_tells_texts_apart_by_their_fingerprint(one: str, other: str) -> None:
    assert (text.fingerprint(one) == text.fingerprint(other)) == (one == other)
    assert len(text.fingerprint(one)) == 16


STRENGTHS = st.sampled_from([Strength.STRONG, Strength.WEAK, Strength.NONE])
NEAR = st.builds(
    Ranked,
    term_id=st.integers(1, 8),
    sense_id=st.none(),
    score=st.floats(0, 1),
    strength=STRENGTHS,
    why=st.just(Why("meaning", "definition", "")),
)
NAMES = st.builds(
    Hit,
    term_id=st.integers(1, 8),
    stage=st.sampled_from([stage for stage in Stage if stage != Stage.WORDS]),
    matched=st.just("a name"),
    score=st.floats(0, 1),
)


@given(st.lists(NAMES), st.lists(NEAR), st.booleans())
def test_it_names_each_term_once_and_whole_names_first(
    names: list[Hit], near: list[Ranked], described: bool
) -> None:
    order = merge(names, near, [], described=described)
    ids = [place.term_id for place in order]
    assert len(ids) == len(set(ids))
    whole = {hit.term_id for hit in names if hit.stage.is_whole}
    assert set(ids[: len(whole)]) == whole
    good = [place.strength != Strength.NONE for place in order]
    assert good == sorted(good, reverse=True), "what is no match comes last"
