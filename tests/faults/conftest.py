"""The services of the fault tests: Redis and beat for all of them, a worker for each."""

from collections.abc import Iterator

import pytest
from django.conf import settings

from embeddings.models import Space
from glossary.servers.redis import Redis
from tests.faults.harness import Ledger, Services


@pytest.fixture(scope="session")
def services(servers: None, django_db_setup: None) -> Iterator[Services]:
    """Takes the session's Redis over, so that it can be stopped and started here."""
    with Redis(settings.VAR) as redis:
        services = Services(redis)
        services.start_beat()
        yield services
        services.supervisor.stop()


@pytest.fixture
def ledger(transactional_db: None, services: Services) -> Ledger:
    """An empty glossary with a space whose encoder has the faults of tests.faults.encoders."""
    return Ledger(
        Space.objects.create(
            name="faults", encoder="faulty", model="hashing", dimensions=384, state="active"
        )
    )


@pytest.fixture
def real(ledger: Ledger) -> Ledger:
    """The ledger with the shipped model's space."""
    Space.objects.all().delete()
    ledger.space = Space.objects.begin("sentence_transformers", state="active")
    return ledger
