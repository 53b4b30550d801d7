"""A person saves or deletes a sense while a worker writes its vectors: no deadlock."""

import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection

from embeddings import pipeline
from embeddings.encoders.hashing import HashingEncoder
from embeddings.models import Embedding
from glossary.servers import process
from terms.models import Sense
from tests.faults.harness import STARTS, Ledger

pytestmark = pytest.mark.processes

WAITING = "SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted)"


class Person(threading.Thread):
    """Does something to a sense as a form does; `error` is what that person would be shown."""

    def __init__(self, act: Callable[[Sense], object], sense: int) -> None:
        super().__init__(daemon=True)
        self.act = act
        self.sense = sense
        self.error: Exception | None = None

    def run(self) -> None:
        try:
            self.act(Sense.objects.get(pk=self.sense))
        except Exception as error:
            self.error = error
        finally:
            connection.close()


def save(sense: Sense) -> None:
    sense.definition = "Saved while the worker wrote."
    sense.save()


@pytest.fixture
def write_while(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> Callable[[Person], None]:
    """Writes what is due; the person acts in the middle of it, and has to wait."""
    store = pipeline.store

    def write_while(person: Person) -> None:
        def store_meanwhile(*args: Any) -> None:
            person.start()
            assert process.wait_until(_somebody_waits, STARTS)
            store(*args)

        monkeypatch.setattr(pipeline, "store", store_meanwhile)
        batch = pipeline.read(ledger.space, ledger.space.pending.claim(1))
        pipeline.write(batch, pipeline.encode(batch, HashingEncoder()))
        person.join()

    return write_while


def test_a_save_in_the_middle_of_a_write_succeeds_and_is_embedded_later(
    ledger: Ledger, write_while: Callable[[Person], None]
) -> None:
    sense = ledger.write_one("Before.")
    person = Person(save, sense)
    write_while(person)
    assert person.error is None
    assert ledger.stale() == {sense}
    assert ledger.waiting() == 1


def test_a_deletion_in_the_middle_of_a_write_succeeds(
    ledger: Ledger, write_while: Callable[[Person], None]
) -> None:
    sense = ledger.write_one("Before.")
    pipeline.embed_due(ledger.space, HashingEncoder())
    save(Sense.objects.get(pk=sense))
    person = Person(Sense.delete, sense)
    write_while(person)
    assert person.error is None
    assert not Sense.objects.exists()
    assert not Embedding.objects.exists()


def _somebody_waits() -> bool:
    with connection.cursor() as cursor:
        cursor.execute(WAITING)
        return bool(cursor.fetchone()[0])
