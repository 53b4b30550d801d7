"""Files of entries into the glossary and out again: time an entry, and memory, as files grow."""

import json
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
from django.conf import settings
from django.core.management import call_command
from django.db import connection

from glossary.servers.postgres import Postgres
from terms.models import Term

SIZES = (10_000, 100_000)
LOOK = 0.2  # seconds between two looks at the memory of a command


def main() -> None:
    with Postgres(settings.VAR), tempfile.TemporaryDirectory() as folder:
        call_command("prepare", verbosity=0)
        for size in SIZES:
            measure(Path(folder), size)
        connection.close()


def measure(folder: Path, size: int) -> None:
    print(f"-- {size:,} entries, each with a sense, an example, an alias and a relation")
    file = folder / "terms.jsonl"
    file.write_text("".join(map(line, range(size))))
    show("JSON Lines, new", size, "import_terms", file)
    for name in ("out.jsonl", "out.csv"):
        show(f"export to {name}", size, "export_terms", folder / name)
    show("JSON Lines, the same", size, "import_terms", folder / "out.jsonl", "update")
    show("CSV, the same", size, "import_terms", folder / "out.csv", "update")
    some = size // 100
    file.write_text("".join(line(n, "Now it says") for n in range(some)))
    show("JSON Lines, changed", some, "import_terms", file, "update")
    empty()
    show("CSV, new", size, "import_terms", folder / "out.csv")
    empty()


def line(n: int, begin: str = "What stands") -> str:
    """An entry as a line of JSON, related to the one before it."""
    sense = {
        "definition": f"{begin} at place {n} of a long row of things that differ in number.",
        "examples": [{"text": f"One looks for item {n} and finds it at its place.", "source": ""}],
    }
    entry = {
        "name": f"item {n}",
        "status": "published",
        "senses": [sense],
        "aliases": [{"kind": "synonym", "name": f"thing {n}"}],
        "relations": [{"kind": "broader", "term": {"slug": f"item-{n - 1}"}}] if n else [],
    }
    return json.dumps(entry) + "\n"


def show(what: str, size: int, command: str, file: Path, on_conflict: str = "") -> None:
    options = ["--on-conflict", on_conflict] if on_conflict else []
    begun = time.monotonic()
    process = subprocess.Popen(
        [sys.executable, "manage.py", command, str(file), *options],
        cwd=settings.BASE_DIR,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )
    peaks: list[int] = []
    watcher = threading.Thread(target=lambda: peaks.extend(memory(process.pid)))
    watcher.start()
    _, told = process.communicate()
    watcher.join()
    if process.returncode:
        sys.exit(told.decode())
    took = time.monotonic() - begun
    print(
        f"{what:<22}{took:8.1f} s {took / size * 1e3:8.2f} ms an entry"
        f"   peak {max(peaks) / 1e6:.0f} MB",
        flush=True,
    )


def memory(pid: int) -> Iterator[int]:
    """What the process has resident, in bytes, looked at until it ends."""
    try:
        process = psutil.Process(pid)
        while process.status() != psutil.STATUS_ZOMBIE:
            yield process.memory_info().rss
            time.sleep(LOOK)
    except psutil.NoSuchProcess:
        return


def empty() -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"TRUNCATE {Term._meta.db_table} CASCADE")
