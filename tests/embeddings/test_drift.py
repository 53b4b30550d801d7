"""How far a revision moved a sense, as the history tells it."""

from typing import Any

import pytest
from django.test import Client

from embeddings import pipeline
from embeddings.encoders import EncoderUnavailable, load
from embeddings.models import Space
from embeddings.templatetags import drift
from terms.models import Sense, Term
from tests.factories import make_term

# Each write in a transaction of its own, as in the history.
pytestmark = pytest.mark.django_db(transaction=True)
HISTORY = "/en/define/store/history"


@pytest.fixture
def term(space: Space) -> Term:
    term = make_term("store", "A database that keeps vectors.")
    make_term("lake", "Water with land all around.")
    while pipeline.embed_due(space, load(space.encoder)):
        pass
    return term


def reword(definition: str) -> None:
    Sense.objects.filter(term__slug="store").update(definition=definition)


def test_it_tells_how_far_each_revision_moved_a_sense(client: Client, term: Term) -> None:
    reword("A database that keeps many vectors.")
    reword("Where one buys bread and milk.")
    page = client.get(HISTORY)
    assert page.content.decode().count("Sense 1 moved ") == 2
    [[far], [near]] = [moves for _, moves in sorted(page.context["moves"].items(), reverse=True)]
    assert 0 < near.distance < far.distance


def test_it_tells_nothing_where_only_markup_or_no_text_changed(client: Client, term: Term) -> None:
    reword("A *database* that keeps vectors.")
    Sense.objects.filter(term=term).update(register="computing")
    assert " moved " not in client.get(HISTORY).content.decode()


def test_it_tells_nothing_without_space_language_or_encoder(
    client: Client, term: Term, monkeypatch: Any
) -> None:
    def unavailable(key: str) -> None:
        raise EncoderUnavailable("not yet")

    reword("Where one buys bread.")
    assert " moved " in client.get(HISTORY).content.decode()
    with monkeypatch.context() as patch:
        patch.setattr(drift, "load_for_query", unavailable)
        assert " moved " not in client.get(HISTORY).content.decode()
    Space.objects.update(languages=["de"])
    assert " moved " not in client.get(HISTORY).content.decode()
    Space.objects.all().delete()
    assert " moved " not in client.get(HISTORY).content.decode()
