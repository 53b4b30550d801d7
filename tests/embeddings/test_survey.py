"""Where senses stand among the others, as the worker measures it slice by slice."""

from datetime import timedelta

import pytest
from django.utils import timezone

from embeddings import pipeline, survey, tasks
from embeddings.encoders.hashing import HashingEncoder
from embeddings.models import Embedding, Pending, Space, Standing, Survey
from terms.models import Sense, Term
from terms.models.history import events_of
from tests.factories import make_sense, make_term

# Each write in a transaction of its own, as in the history.
pytestmark = pytest.mark.django_db(transaction=True)
SAME = "A table of rows and columns."


def embed(space: Space) -> None:
    while pipeline.embed_due(space, HashingEncoder()):
        pass


def surveyed(space: Space) -> None:
    embed(space)
    survey.survey(space, HashingEncoder())
    while Survey.objects.get().through:
        survey.survey(space, HashingEncoder())


def standing(term: Term) -> Standing:
    return Standing.objects.get(sense__term=term)


def test_it_finds_two_terms_that_say_the_same(space: Space) -> None:
    one, other = make_term("matrix", SAME), make_term("array", SAME)
    lone = make_term("heron", "Some long legged bird that wades.")
    surveyed(space)
    assert standing(one).twin == other.senses.get()
    assert standing(other).twin == one.senses.get()
    assert set(Standing.objects.overlapping().values_list("sense__term__name", flat=True)) == {
        "matrix",
        "array",
    }
    assert (standing(lone).score or 0) < (standing(one).score or 0)


def test_it_compares_only_with_published_terms_of_the_language(space: Space) -> None:
    term, draft = make_term("matrix", SAME), make_term("array", SAME, status="draft")
    make_term("Matrix", SAME, language="de")
    make_sense(term, SAME + " Again.")
    surveyed(space)
    assert Standing.objects.filter(sense__term=term, score=None, twin=None).count() == 2
    assert standing(draft).twin == term.senses.get(position=1)


def test_it_goes_on_where_it_stopped_and_measures_all(space: Space) -> None:
    for _ in range(5):
        make_term()
    embed(space)
    assert [survey.survey(space, HashingEncoder(), size=2) for _ in range(3)] == [2, 2, 1]
    assert Standing.objects.count() == 5
    assert Survey.objects.get().ended_at


def test_it_measures_how_far_a_reworded_sense_moved(space: Space) -> None:
    term, same = make_term("store", "A database of vectors."), make_term()
    Sense.objects.filter(term=term).update(definition="A shop that sells bread.")
    Sense.objects.filter(term=same).update(register="computing")
    surveyed(space)
    assert (standing(term).moved or 0) > 0
    assert standing(same).moved is None
    assert [row.sense for row in Standing.objects.moved()] == [term.senses.get()]


def test_it_compares_with_what_was_said_a_month_ago(space: Space) -> None:
    term = make_term("store", "A shop.")
    Sense.objects.filter(term=term).update(definition="A database of vectors.")
    long_ago = timezone.now() - 2 * survey.DRIFT
    events_of(Sense).update(pgh_created_at=long_ago)
    surveyed(space)
    assert standing(term).moved is None
    Sense.objects.filter(term=term).update(definition="A shop.")
    Sense.objects.filter(term=term).update(definition="A database of vectors.")
    surveyed(space)
    assert standing(term).moved is None


def test_it_forgets_a_move_of_long_ago(space: Space) -> None:
    term = make_term("store", "A shop.")
    Sense.objects.filter(term=term).update(definition="A database of vectors.")
    surveyed(space)
    assert standing(term).moved
    events_of(Sense).update(pgh_created_at=timezone.now() - 2 * survey.DRIFT)
    surveyed(space)
    assert standing(term).moved is None


def test_it_begins_anew_only_when_vectors_have_changed_and_it_has_rested(space: Space) -> None:
    make_term()
    assert survey.is_due(space)
    surveyed(space)
    Embedding.objects.update(updated_at=timezone.now())
    assert not survey.is_due(space)
    begun = timezone.now() - survey.REST - timedelta(seconds=1)
    Survey.objects.update(begun_at=begun)
    assert survey.is_due(space)
    Embedding.objects.update(updated_at=begun - timedelta(seconds=1))
    assert not survey.is_due(space)


def test_it_lets_what_waits_to_be_embedded_go_first(space: Space) -> None:
    make_term()
    tasks.survey()
    assert not Survey.objects.exists()
    embed(space)
    assert not Pending.objects.exists()
    tasks.survey()
    assert Survey.objects.get().ended_at
    assert Standing.objects.count() == 1
