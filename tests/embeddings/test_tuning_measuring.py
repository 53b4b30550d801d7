"""What is measured of an adapter: before and after, and at each strength between."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

from embeddings.encoders.hashing import HashingEncoder
from embeddings.tuning.measuring import Measured
from embeddings.tuning.models import STRENGTHS
from embeddings.tuning.pairs import Entry
from embeddings.vectors import Matrix

NOUNS = ("bank", "river", "tree", "model", "token", "vector", "index", "query", "graph", "stone")
CORPUS = [
    Entry(
        n,
        n,
        f"{n}",
        f"{one}-{other}",
        f"{one} {other}",
        f"A {one} of the {other} kind.",
        f"It is a {other} that has {one} in it.",
        related=((n + 1) % 90,),
    )
    for n, (one, other) in enumerate((a, b) for a in NOUNS for b in NOUNS if a != b)
]
HELD = set(range(0, 90, 3))


def base(texts: Sequence[str]) -> Matrix:
    return HashingEncoder().encode(texts)


def tuned(texts: Sequence[str]) -> Matrix:
    return HashingEncoder().encode([text[: len(text) // 2] for text in texts])


def measured(**fields: Any) -> Measured:
    return Measured(CORPUS, HELD, **{"is_query_side": False} | fields)


def test_a_model_measures_as_itself_at_every_strength() -> None:
    found, told = measured().of(base, base)
    for figures in (found, *found["strengths"].values()):
        for name in ("reverse", "related", "general"):
            assert figures[name]["base"] == figures[name]["tuned"]
            assert (figures[name]["low"], figures[name]["high"]) == (0, 0)
    assert (found["held_out"], found["among"], told["percent_kept"]) == (30, 90, 100)


def test_each_strength_is_measured_as_an_encoder_of_it_would_be() -> None:
    def half(texts: Sequence[str]) -> Matrix:
        mixed = (base(texts) + tuned(texts)) / 2
        return np.asarray(mixed / np.linalg.norm(mixed, axis=1, keepdims=True), dtype=np.float32)

    found, _ = measured().of(base, tuned)
    assert list(found["strengths"]) == [f"{each:g}" for each in STRENGTHS]
    assert found["reverse"]["base"] != found["reverse"]["tuned"]
    same, _ = measured().of(base, half)
    for name in ("reverse", "related", "general"):
        for mean in ("base", "tuned"):
            assert found["strengths"]["0.5"][name][mean] == pytest.approx(
                same[name][mean], abs=0.01
            )


def test_on_the_query_side_the_entries_stay() -> None:
    asked: list[str] = []

    def noted(texts: Sequence[str]) -> Matrix:
        asked.extend(texts)
        return tuned(texts)

    run = measured(is_query_side=True)
    found, told = run.of(base, noted)
    assert asked == [*run.descriptions, *run.general.questions]
    assert "related" not in found
    assert "strengths" not in found
    assert told == {}


@pytest.mark.parametrize("is_query_side", [True, False])
def test_without_held_out_terms_general_questions_alone_are_asked(is_query_side: bool) -> None:
    def some(texts: Sequence[str]) -> Matrix:
        assert texts, "an encoder is asked for something"
        return base(texts)

    found, _ = Measured(CORPUS, set(), is_query_side=is_query_side).of(some, some)
    assert found["reverse"] == {"questions": 0}
    assert found["general"]["questions"]


def test_terms_without_relations_are_not_asked_for_them() -> None:
    alone = [Entry(n, n, f"{n}", f"t{n}", f"t {n}", "A thing.", "What it is.") for n in range(30)]
    found, _ = Measured(alone, {1, 2}, is_query_side=False).of(base, tuned)
    assert found["related"] == {"questions": 0}
    assert found["reverse"]["questions"] == 2
