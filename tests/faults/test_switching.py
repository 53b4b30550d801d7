"""A space is built and made to serve while eight clients search: no error, no answer of two."""

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import psycopg
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from embeddings.lookup import look_up
from embeddings.models import Space
from glossary.servers import embedded, process
from tests.factories import make_term
from tests.faults.searchers import Searchers, Seen, ask_each, mixed
from tests.faults.test_up import REPOSITORY, Service

PATIENCE = 300  # seconds that a busy machine may take for a step
ENOUGH = 40  # answers


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    """The starter glossary in a space of the hashing encoder, all of it embedded."""
    service = Service(tmp_path / "var")
    launched = service.launch()
    try:
        wait(lambda: bool(service.status()))
        wait(lambda: not spaces(service)["hashing"]["waiting"])
        yield service
    finally:
        launched.terminate()
        launched.wait(PATIENCE)


def wait(holds: Callable[[], bool]) -> None:
    assert process.wait_until(holds, PATIENCE)


def spaces(service: Service) -> dict[str, dict[str, int]]:
    with urlopen(f"{service.url}/api/v1/spaces", timeout=60) as answer:
        return {row["name"]: row["senses"] for row in json.load(answer)["results"]}


def manage(service: Service, *arguments: str) -> None:
    subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=REPOSITORY,
        env=service.environment(),
        check=True,
        stdout=subprocess.DEVNULL,
    )


def weigh_otherwise(service: Service) -> None:
    """Gives the second space other scores for the same vectors, so that answers tell them apart."""
    where: dict[str, Any] = embedded.database(service.var)
    with psycopg.connect(
        host=where["HOST"], user=where["USER"], dbname=where["NAME"], autocommit=True
    ) as database:
        changed = database.execute(
            """UPDATE embeddings_space SET lookup = '{"name": 1}' WHERE name = 'second'"""
        )
        assert changed.rowcount == 1


@pytest.mark.processes
def test_searches_go_on_while_a_space_is_built_and_switched(service: Service) -> None:
    quiet: dict[str, dict[str, Seen]] = {"hashing": ask_each(service.port)}
    begun = time.monotonic()
    with Searchers(service.port) as searchers:
        manage(service, "spaces", "create", "second", "--encoder", "hashing")
        weigh_otherwise(service)
        wait(lambda: not spaces(service)["second"]["waiting"])
        for name in ("second", "hashing", "second"):
            manage(service, "spaces", "activate", name, "--force")
            wait(partial(searchers.has_more_of, name, searchers.of(name) + ENOUGH))
    quiet["second"] = ask_each(service.port)
    seconds = time.monotonic() - begun
    print(f"\n{len(searchers.seen)} answers in {seconds:.0f} s, {searchers.errors}", end=" ")
    assert searchers.errors == []
    assert mixed(searchers.seen, quiet) == []
    differ = [q for q, seen in quiet["second"].items() if seen.hits != quiet["hashing"][q].hits]
    assert len(differ) == len(quiet["second"]), "each question tells the spaces apart"


@pytest.mark.django_db
def test_a_look_up_reads_the_serving_space_once(space: Space) -> None:
    """So no answer can be of two spaces, whenever another one is made to serve."""
    make_term("token", "A unit of text.")
    for context in ("", "a token of text"):
        with CaptureQueriesContext(connection) as queries:
            answer = look_up("a unit of text", context=context)
        read = [q["sql"] for q in queries if 'FROM "embeddings_space"' in q["sql"]]
        assert len(read) == 1
        assert answer.space == space
