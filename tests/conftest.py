"""The real PostgreSQL with pgvector and the real Redis run for the whole session."""

import shutil
from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings

from glossary.servers.postgres import Postgres
from glossary.servers.redis import Redis


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The fast ones first."""
    marks = ("model", "browser", "processes")
    items.sort(key=lambda item: any(item.get_closest_marker(mark) for mark in marks))


@pytest.fixture(scope="session")
def servers() -> Iterator[None]:
    with Postgres(settings.VAR), Redis(settings.VAR):
        yield
    shutil.rmtree(settings.VAR)


@pytest.fixture(scope="session")
def django_db_modify_db_settings(servers: None) -> None:
    """pytest-django asks for this before it makes the test database."""


@pytest.fixture
def space(db: None) -> Any:
    """The serving space, with the hashing encoder unless a test says otherwise."""
    from embeddings.models import Space

    return Space.objects.ensure_default()
