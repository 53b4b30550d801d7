"""The vocabulary in which words are asked for, and fields that refuse what cannot be kept."""

from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from terms.models import Miss, Term, Topic
from tests.factories import make_sense, make_term, make_topic


@pytest.mark.django_db
def test_it_takes_a_topic_with_all_below_it_and_survives_a_circle(client: Client) -> None:
    root = make_topic("animals")
    child = make_topic("birds", parent=root)
    grandchild = make_topic("owls", parent=child)
    make_topic("stones")
    term = make_term("barn owl")
    term.senses.get().topics.add(grandchild)
    assert set(Topic.objects.with_descendants("animals")) == {root, child, grandchild}
    assert list(Term.objects.about(Topic.objects.with_descendants("animals"))) == [term]
    assert not Topic.objects.with_descendants("nothing").exists()
    Topic.objects.filter(pk=root.pk).update(parent=grandchild)
    assert set(Topic.objects.with_descendants("birds")) == {root, child, grandchild}
    for url in ("/en/topics", "/en/topics/birds", "/api/v1/topics", "/api/v1/terms?topic=owls"):
        assert client.get(url).status_code == 200


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("bad", "words"),
    [
        ("a\x00b", "NUL character (U+0000) at character 2"),
        ("a\ud800b", "U+D800"),
        ("a\u202eb", "bidi override (U+202E) at character 2"),
    ],
)
def test_it_names_the_field_of_a_text_that_cannot_be_kept(bad: str, words: str) -> None:
    term = make_term()
    for field, save in (
        ("name", lambda: Term.objects.create(name=bad)),
        ("definition", lambda: make_sense(term, bad)),
    ):
        with pytest.raises(ValidationError) as caught:
            save()
        assert list(caught.value.message_dict) == [field]
        assert words in str(caught.value)


@given(st.text())
def test_it_keeps_of_a_question_neither_digits_nor_addresses(query: str) -> None:
    kept = Miss.objects.normalised(f"{query} me@example.org 555 https://example.org/x")
    assert len(kept) <= Miss.MAX_LENGTH
    assert not any(sign in kept for sign in ("@example", "555", "https://"))
    assert not any(character.isdecimal() for character in kept)


@pytest.mark.django_db
def test_it_forgets_a_question_after_ninety_days() -> None:
    from datetime import timedelta

    from django.utils import timezone

    def ask(query: str, days: int) -> Any:
        Miss.objects.count_one(query)
        asked: Any = timezone.now() - timedelta(days=days)
        Miss.objects.filter(query=query).update(last_asked_at=asked)

    ask("old question", 91)
    ask("new question", 89)
    assert Miss.objects.forget_older_than(90) == 1
    assert Miss.objects.get().query == "new question"
