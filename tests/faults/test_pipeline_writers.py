"""Whoever writes the words: nothing is told to the worker, and yet it embeds (A22)."""

from collections.abc import Iterator

import pytest
from django.db import connection
from django.db.models import F, Value
from django.db.models.functions import Concat

from embeddings.models import Embedding
from terms.models import Sense, Term
from tests.faults import harness
from tests.faults.harness import STARTS, Ledger, Services

pytestmark = pytest.mark.processes

HEALS = 60.0  # seconds in which the rolling check finds what no trigger saw


@pytest.fixture
def embedded(services: Services, ledger: Ledger) -> Iterator[Ledger]:
    """A hundred senses that are embedded, and a worker at rest."""
    ledger.write(100)
    with services.worker():
        assert services.until(ledger.is_clean, STARTS)
        yield ledger


def test_it_embeds_what_was_written_past_the_application(
    services: Services, embedded: Ledger
) -> None:
    Sense.objects.update(definition=Concat(Value("Updated: "), F("definition")))
    Term.objects.update(name=Concat(F("name"), Value(" (renamed)")))
    with connection.cursor() as cursor:
        cursor.execute("UPDATE terms_sense SET definition = definition || ' By hand.'")
    embedded.note(Sense.objects.all())
    harness.hold(services, embedded, "update() and SQL", healed=embedded.is_clean)
    embedded.write(100)
    harness.hold(services, embedded, "bulk_create()", healed=embedded.is_clean)


def test_the_rolling_check_heals_what_no_trigger_saw(services: Services, embedded: Ledger) -> None:
    deleted, changed = sorted(embedded.saved)[:2]
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        Embedding.objects.filter(sense=deleted).delete()
        Sense.objects.filter(pk=changed).update(definition="Changed behind every trigger.")
        cursor.execute("SET session_replication_role = DEFAULT")
    embedded.note(Sense.objects.filter(pk=changed))
    assert embedded.stale() == {deleted, changed}
    harness.hold(services, embedded, "triggers off", healed=embedded.is_clean, limit=HEALS)
