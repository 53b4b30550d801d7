"""A person saves a sense while a worker writes its vectors: no deadlock."""

import threading
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


class Save(threading.Thread):
    """Saves a sense as a form does; `error` is what its writer would have been shown."""

    def __init__(self, sense: int) -> None:
        super().__init__(daemon=True)
        self.sense = sense
        self.error: Exception | None = None

    def run(self) -> None:
        try:
            sense = Sense.objects.get(pk=self.sense)
            sense.definition = "Saved while the worker wrote."
            sense.save()
        except Exception as error:
            self.error = error
        finally:
            connection.close()


def test_a_save_in_the_middle_of_a_write_succeeds_and_is_embedded_later(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    sense = ledger.write_one("Before.")
    save = Save(sense)
    insert = Embedding.objects.bulk_create

    def insert_while_saving(*args: Any, **kwargs: Any) -> Any:
        save.start()
        assert process.wait_until(_somebody_waits, STARTS)
        return insert(*args, **kwargs)

    monkeypatch.setattr(Embedding.objects, "bulk_create", insert_while_saving)
    batch = pipeline.read(ledger.space, ledger.space.pending.claim(1))
    pipeline.write(batch, pipeline.encode(batch, HashingEncoder()))
    save.join()
    assert save.error is None
    assert ledger.stale() == {sense}
    assert ledger.waiting() == 1


def _somebody_waits() -> bool:
    with connection.cursor() as cursor:
        cursor.execute(WAITING)
        return bool(cursor.fetchone()[0])
