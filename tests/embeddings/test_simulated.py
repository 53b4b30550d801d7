"""`manage.py evaluate --steps`: readers who mark hits until the answer comes."""

import io
import random
import re
from pathlib import Path

import numpy as np
import pytest
from django.core.management import call_command

from embeddings import pipeline
from embeddings.encoders import load
from embeddings.models import Space
from embeddings.questions import Question, sampled
from embeddings.simulated import (
    READERS,
    Gained,
    blind,
    certain,
    erring,
    marks_of,
    nearest_first,
    simulate,
)
from tests.factories import make_term

QUESTION = "something that people keep"


def test_the_oracle_marks_the_nearest_and_the_farthest() -> None:
    order = nearest_first(list(np.eye(3, dtype=np.float32)), [np.array([0.1, 0.9, 0.5])])
    assert order == [1, 2, 0]
    assert [certain(order, place, random.Random(1)) for place in (0, -1)] == [1, 0]


def test_the_noisy_reader_errs_one_time_in_three() -> None:
    chance = random.Random(1)
    order = list(range(1000))
    marks = [erring(order, 0, chance) for _ in range(3000)]
    assert 0.28 < sum(mark != 0 for mark in marks) / len(marks) < 0.38
    assert len({blind(order, 0, chance) for _ in range(100)}) > 50


def test_a_share_counts_what_came_within_so_many_rounds() -> None:
    gained = Gained(asked=9, missed=4, rounds={"oracle": [1, 0, 3, 2]})
    assert [gained.share("oracle", within) for within in (1, 2, 3)] == [0.25, 0.5, 0.75]
    assert Gained(rounds={"oracle": []}).share("oracle", 1) == 0


def test_a_sample_is_the_same_each_time_and_no_more_than_there_are() -> None:
    questions = [Question("develop", "everyday", str(number), {"a": 1}) for number in range(9)]
    assert sampled(questions, 4) == sampled(questions, 4)
    assert len(sampled(questions, 4)) == 4
    assert sorted(sampled(questions, 99), key=lambda each: each.asked) == questions


@pytest.fixture
def crowded(space: Space) -> Space:
    """An answer that a dozen others are before, one of which is much like it."""
    for number in range(12):
        make_term(f"thing {number}", f"Made of wood as number {number}, for people.")
    make_term("owl cage", "A bird, it hunts mice at night: something that people keep.")
    make_term("owl", "A bird, it hunts mice at night.")
    while pipeline.embed_due(space, load(space.encoder)):
        pass
    return space


@pytest.mark.django_db
def test_every_reader_is_asked_what_is_missed(crowded: Space) -> None:
    missed = Question("develop", "everyday", QUESTION, {"owl": 1})
    found = Question("develop", "everyday", "a bird that hunts mice", {"owl": 1})
    skipped = Question("develop", "related", "owl", {"owl-cage": 1})
    unanswerable = Question("develop", "unanswerable", "xylophone", {})
    make_term("hawk", "Not embedded yet.")
    waiting = Question("develop", "everyday", QUESTION, {"hawk": 1})
    gained = simulate(crowded, [missed, found, skipped, unanswerable, waiting])
    assert (gained.asked, gained.missed) == (2, 1)
    assert gained.rounds.keys() == READERS.keys()
    assert gained.share("oracle", 3) == 1
    assert simulate(crowded, [missed]).rounds == gained.rounds


@pytest.mark.django_db
def test_nothing_is_marked_where_there_is_no_choice(crowded: Space) -> None:
    meant = {1: np.ones(crowded.dimensions, dtype=np.float32)}
    assert marks_of(crowded, [], [], meant, "oracle", random.Random(1)) == []


@pytest.mark.django_db
def test_the_command_prints_a_row_for_each_reader_and_stores_nothing(
    crowded: Space, tmp_path: Path
) -> None:
    (tmp_path / "develop").mkdir()
    (tmp_path / "develop" / "everyday.txt").write_text(f"{QUESTION} => owl\n")
    out = io.StringIO()
    call_command("evaluate", "--steps", "--questions", str(tmp_path), stdout=out)
    said = out.getvalue()
    assert "labelled questions: 1 of 1 answers are not in the first ten" in said
    for reader in READERS:
        assert re.search(rf"^{reader} +[\d.]+% +[\d.]+% +[\d.]+%$", said, re.MULTILINE)
    crowded.refresh_from_db()
    assert crowded.evaluation == {}
