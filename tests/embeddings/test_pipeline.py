"""From outbox to vectors: what enters, what is encoded, what counts."""

from collections.abc import Sequence

import pytest
from django.db import connection

from embeddings import pipeline, rolling, text
from embeddings.encoders.hashing import HashingEncoder
from embeddings.models import Embedding, Pending, Space
from embeddings.querysets import MAX_ATTEMPTS
from embeddings.vectors import Matrix
from terms.models import Sense, Term
from tests.factories import make_example, make_sense, make_term

pytestmark = pytest.mark.django_db


class Counting(HashingEncoder):
    """Remembers what it was asked to encode, and refuses or spoils a marked text."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def encode(self, texts: Sequence[str]) -> Matrix:
        self.asked += texts
        if any("poison" in text for text in texts):
            raise ValueError("this text cannot be read")
        return super().encode(texts)


def run(space: Space, encoder: HashingEncoder) -> None:
    while pipeline.embed_due(space, encoder) + pipeline.embed_due(space, encoder, suspects=True):
        pass


def is_true(space: Space) -> bool:
    senses = list(Sense.objects.select_related("term"))
    return not rolling.stale(space, senses) and not Pending.objects.filter(parked=False).exists()


def test_it_embeds_every_sense_in_three_views(space: Space) -> None:
    make_sense(make_term("token"))
    run(space, HashingEncoder())
    assert sorted(Embedding.objects.values_list("view", flat=True)) == sorted(
        ["entry", "definition", "name"] * 2
    )
    assert is_true(space)


def test_an_example_is_a_view_that_comes_changes_and_goes(space: Space) -> None:
    sense = make_term("token", "A unit.").senses.get()
    run(space, HashingEncoder())
    example = make_example(sense, "Two tokens.")
    assert not is_true(space)
    run(space, HashingEncoder())
    assert Embedding.objects.filter(view="example").count() == 1
    example.text = "Three tokens."
    example.save()
    run(space, HashingEncoder())
    assert is_true(space)
    example.delete()
    assert Pending.objects.count() == 1
    run(space, HashingEncoder())
    assert not Embedding.objects.filter(view="example").exists()
    assert is_true(space)


def test_a_term_with_examples_can_be_deleted(space: Space) -> None:
    term = make_term("token")
    make_example(term.senses.get())
    run(space, HashingEncoder())
    term.delete()
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    assert not Pending.objects.exists()


def test_it_encodes_a_text_once_and_unchanged_texts_never(space: Space) -> None:
    encoder = Counting()
    term = make_term("token", "A unit.")
    make_sense(term, "A coin.")
    run(space, encoder)
    assert sorted(encoder.asked) == sorted(
        ["token", "A unit.", "A coin.", "token: A unit.", "token: A coin."]
    )
    encoder.asked.clear()
    Sense.objects.filter(definition="A coin.").update(definition="A disc.")
    run(space, encoder)
    assert sorted(encoder.asked) == ["A disc.", "token: A disc."]
    encoder.asked.clear()
    Term.objects.update(status="draft")
    run(space, encoder)
    assert encoder.asked == []
    assert is_true(space)


def test_it_hears_of_every_way_to_write(space: Space) -> None:
    term = make_term("token", "One.")
    run(space, HashingEncoder())
    sense = term.senses.get()
    sense.definition = "Two."
    sense.save()
    assert Pending.objects.count() == 1
    run(space, HashingEncoder())
    Sense.objects.bulk_create([Sense(term=term, position=2, definition="Three.")])
    Sense.objects.filter(position=1).update(definition="Four.")
    with connection.cursor() as cursor:
        cursor.execute("UPDATE terms_term SET name = 'tokens'")
    assert Pending.objects.count() == 2
    run(space, HashingEncoder())
    assert is_true(space)


def test_it_discards_a_result_that_an_edit_overtook(space: Space) -> None:
    sense = make_term("token", "Old text.").senses.get()
    rows = space.pending.claim(10)
    batch = pipeline.read(space, rows)
    vectors = pipeline.encode(batch, HashingEncoder())
    Sense.objects.filter(pk=sense.pk).update(definition="New text.")
    pipeline.write(batch, vectors)
    assert not Embedding.objects.exists()
    run(space, HashingEncoder())
    stored = Embedding.objects.get(view="definition")
    assert bytes(stored.text_hash) == text.fingerprint("New text.")


def test_it_counts_a_result_once_however_often_it_comes(space: Space) -> None:
    make_term("token")
    batch = pipeline.read(space, space.pending.claim(10))
    vectors = pipeline.encode(batch, HashingEncoder())
    pipeline.write(batch, vectors)
    before = list(Embedding.objects.order_by("id").values_list("id", "updated_at"))
    pipeline.write(batch, vectors)
    assert list(Embedding.objects.order_by("id").values_list("id", "updated_at")) == before


def test_it_claims_a_row_for_one_worker_only(space: Space) -> None:
    make_term()
    make_term()
    assert len(space.pending.claim(1)) == 1
    assert len(space.pending.claim(10)) == 1
    assert space.pending.claim(10) == []


def test_it_parks_a_poisoned_text_and_embeds_its_neighbours(space: Space) -> None:
    make_term("token", "A unit.")
    bad = make_term("hemlock", "A poison.")
    make_term("vector", "An arrow.")
    for _ in range(MAX_ATTEMPTS + 1):
        run(space, Counting())
        Pending.objects.filter(parked=False).update(due="2020-01-01T00:00Z")
    parked = Pending.objects.get()
    assert (parked.sense.term, parked.parked, parked.attempts) == (bad, True, MAX_ATTEMPTS)
    assert parked.last_error == "ValueError: this text cannot be read"
    assert Embedding.objects.filter(view="entry").count() == 2
    Sense.objects.filter(term=bad).update(definition="An antidote.")
    run(space, Counting())
    assert is_true(space)
    assert not Pending.objects.exists()


def test_it_parks_what_ended_the_process_each_time(space: Space) -> None:
    make_term()
    for attempt in range(MAX_ATTEMPTS):
        assert len(space.pending.claim(1, suspects=attempt > 0)) == 1
        Pending.objects.update(due="2020-01-01T00:00Z")
    assert space.pending.claim(1, suspects=True) == []
    assert "process ended" in Pending.objects.get().last_error


def test_it_finds_in_the_rolling_check_what_no_trigger_saw(space: Space) -> None:
    terms = [make_term() for _ in range(5)]
    run(space, HashingEncoder())
    Embedding.objects.filter(sense__term=terms[0], view="name").delete()
    Embedding.objects.filter(sense__term=terms[1]).update(text_hash=b"another text")
    rounds = [rolling.check(space, slice_size=2) for _ in range(3)]
    assert rounds == [2, 0, 0]
    run(space, HashingEncoder())
    assert is_true(space)


def test_it_fills_a_new_space_and_activates_it(space: Space) -> None:
    make_term()
    run(space, HashingEncoder())
    other = Space.objects.begin("hashing", name="another")
    assert other.progress().waiting == 1
    make_term()
    run(other, HashingEncoder())
    run(space, HashingEncoder())
    other.activate()
    space.refresh_from_db()
    assert (other.state, space.state) == ("active", "retired")
    assert Space.objects.serving() == other
