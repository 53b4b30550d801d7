"""Imports that are killed half-way, or run twice at once: a file is there once, or not at all."""

import json
import os
import random
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection

from glossary.servers.process import wait_until
from terms.entry_import import IMPORTING
from terms.models import ImportedTerm, ImportRun, Sense, Term
from tests.factories import make_term
from tests.faults.harness import SEED, STARTS

pytestmark = [pytest.mark.processes, pytest.mark.django_db(transaction=True)]

ENTRIES = 3_000
HELD = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND objid = %s AND granted = %s"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Entries that are not there, and the last of all, which is there and says something else."""
    path = tmp_path / "terms.jsonl"
    path.write_text("".join(map(line, range(ENTRIES))))
    make_term(f"item {ENTRIES - 1}", "What it said before.")
    return path


def line(number: int) -> str:
    relations = [{"kind": "broader", "term": {"slug": f"item-{number - 1}"}}] if number else []
    senses = [{"definition": f"What stands at place {number}."}]
    name = f"item {number}"
    entry = {"name": name, "status": "published", "senses": senses, "relations": relations}
    return json.dumps(entry) + "\n"


def begin(file: Path) -> subprocess.Popen[str]:
    command = [sys.executable, "manage.py", "import_terms", str(file), "--on-conflict", "update"]
    return subprocess.Popen(
        command,
        cwd=settings.BASE_DIR,
        env=os.environ | {"DJANGO_SETTINGS_MODULE": "tests.faults.settings"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def told(process: subprocess.Popen[str]) -> str:
    out, errors = process.communicate()
    assert process.returncode == 0, errors
    return out.splitlines()[0]


def wants(number: int, *, granted: bool) -> Callable[[], bool]:
    """Whether that many imports have their turn, or wait for it."""

    def do() -> bool:
        with connection.cursor() as cursor:
            cursor.execute(HELD, [IMPORTING, granted])
            return bool(cursor.fetchone()[0] == number)

    return do


@pytest.mark.parametrize("case", range(3))
def test_an_import_that_is_killed_leaves_nothing_and_runs_again(file: Path, case: int) -> None:
    chance = random.Random(SEED + case)
    process = begin(file)
    assert wait_until(wants(1, granted=True), STARTS)
    wait_until(lambda: process.poll() is not None, chance.uniform(0.1, 2))
    process.kill()
    process.communicate()
    was_killed = process.returncode != 0
    assert wait_until(wants(0, granted=True), STARTS)  # the database has heard of it
    assert was_killed, "the import had ended: give it more entries"
    assert list(Sense.objects.values_list("definition", flat=True)) == ["What it said before."]
    assert not ImportRun.objects.exists()
    assert not ImportedTerm.objects.exists()
    assert told(begin(file)) == f"Done: {ENTRIES - 1:,} added, 1 updated."
    assert told(begin(file)) == f"Done: {ENTRIES:,} unchanged."
    assert Term.objects.count() == ENTRIES


def test_two_imports_of_one_file_take_turns_and_the_second_changes_nothing(file: Path) -> None:
    processes = [begin(file), begin(file)]
    waited = wait_until(wants(1, granted=False), STARTS)
    assert sorted(map(told, processes)) == [
        f"Done: {ENTRIES - 1:,} added, 1 updated.",
        f"Done: {ENTRIES:,} unchanged.",
    ]
    assert waited, "they did not meet: give them more entries"
    assert Term.objects.count() == ENTRIES
