"""Measures, BM25 and question files: pure functions, held by examples and by what must be so."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from embeddings.bm25 import BM25
from embeddings.measures import DEPTH, figures, ndcg, rank_of_first
from embeddings.questions import Question, QuestionError, read, read_file, without_name

RANKINGS = st.lists(st.integers(0, 30), unique=True, max_size=20)
GAINS = st.dictionaries(st.integers(0, 30), st.integers(1, 3), min_size=1, max_size=8)


@given(RANKINGS, GAINS)
def test_ndcg_is_between_nothing_and_the_best_order(
    found: list[int], gains: dict[int, int]
) -> None:
    best = sorted(gains, key=lambda each: -gains[each])
    assert 0 <= ndcg(found, gains) <= 1 + 1e-9
    assert ndcg(best, gains) == pytest.approx(1)


@given(RANKINGS, GAINS)
def test_figures_agree_with_one_another(found: list[int], gains: dict[int, int]) -> None:
    one = figures([(found, gains)])
    assert one.hit_1 <= one.hit_3 <= one.hit_10
    assert one.hit_1 <= one.mrr <= one.hit_10
    assert (rank_of_first(found, gains) is None) == (one.hit_10 == 0)


def test_ndcg_is_that_of_a_calculation_by_hand() -> None:
    # Grades 1 and 2 found in the wrong order: (1 + 3/log2 3) / (3 + 1/log2 3).
    assert ndcg([5, 6], {5: 1, 6: 2}) == pytest.approx(0.7967, abs=1e-4)


def test_it_looks_no_deeper_than_ten() -> None:
    assert rank_of_first([*range(DEPTH), 99], {99: 1}) is None


def test_it_does_not_measure_nothing() -> None:
    with pytest.raises(ValueError, match="nothing was asked"):
        figures([])


def test_bm25_prefers_rare_words_and_short_documents() -> None:
    ranker = BM25([["cat", "dog"], ["cat", "dog", "dog", "bird", "fish"], ["cat"]])
    rare, common = ranker.scores(["bird"]), ranker.scores(["cat"])
    assert rare.argmax() == 1
    assert list(np.argsort(-common)) == [2, 0, 1]
    assert rare.max() > common.max()
    assert not ranker.scores(["horse"]).any()


def test_it_reads_answers_grades_and_questions_without_an_answer(tmp_path: Path) -> None:
    file = tmp_path / "mixed.txt"
    file.write_text(
        "# a remark\n\nthe thing => token; logit =3\nnowhere to be found\nC# => C# =2\n"
    )
    assert read_file(file, "develop") == [
        Question("develop", "mixed", "the thing", {"token": 1, "logit": 3}),
        Question("develop", "mixed", "nowhere to be found", {}),
        Question("develop", "mixed", "C#", {"csharp": 2}),
    ]


@pytest.mark.parametrize("line", ["=> token", "what is it =>", "  =>  "])
def test_it_names_the_line_that_is_no_question(tmp_path: Path, line: str) -> None:
    (tmp_path / "sealed").mkdir()
    (tmp_path / "sealed" / "names.txt").write_text(f"token => token\n{line}\n")
    with pytest.raises(QuestionError, match=r"names\.txt, line 2: write"):
        read(tmp_path)


def test_it_says_that_a_folder_holds_no_questions(tmp_path: Path) -> None:
    with pytest.raises(QuestionError, match="holds no questions"):
        read(tmp_path)


@given(st.text(alphabet="abc ", max_size=30), st.sampled_from(["ab", "c", "a b"]))
def test_a_masked_text_does_not_name_the_word(text: str, name: str) -> None:
    masked = without_name(text, name)
    assert f" {name} " not in f" {masked} "
