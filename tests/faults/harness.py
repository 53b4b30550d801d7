"""Real services under the product's own supervisor, words to embed, and the promise to be held.

The promise after every fault, counted from the moment that all services are back: stale 0 within
30 s for up to 100 due and 60 s for up to 1,000; no edit lost, no wrong vector.
"""

import os
import random
import signal
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Set
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

import numpy as np
import psutil
from django.conf import settings

from embeddings import rolling, text
from embeddings.encoders.hashing import HashingEncoder
from embeddings.models import Embedding, Pending, Space
from glossary.servers import process
from glossary.servers.redis import Redis
from glossary.supervisor import Child, Supervisor
from terms.models import Sense
from tests import factories
from tests.faults import encoders, failpoints

SEED = int(os.environ.get("FAULTS_SEED", "3"))
STARTS = 60.0  # seconds that a process may take to start on a busy machine
SENSES_A_TERM = 10


class Services:
    """Redis and Celery's processes; what dies is started anew by the supervisor, as in `up`."""

    def __init__(self, redis: Redis) -> None:
        self.redis = redis
        self.supervisor = Supervisor(self.note)
        self.notes: list[str] = []

    def note(self, line: str) -> None:
        self.notes.append(line)

    def start_beat(self) -> Child:
        return self._start("beat", ["beat", "--schedule", str(settings.VAR / "beat")], {})

    @contextmanager
    def worker(self, *arguments: str, **environment: str) -> Iterator[Child]:
        """A worker for the length of the block; environment variables tell it its faults."""
        for leftover in (failpoints.crashes(), encoders.encoding_pid()):
            leftover.unlink(missing_ok=True)
        options = ["worker", "--without-gossip", "--without-mingle", *arguments]
        child = self._start("worker", options, environment)
        try:
            yield child
        finally:
            self._end(child)

    def until(self, condition: Callable[[], bool], seconds: float) -> bool:
        """Waits for the condition while the supervisor does its work."""

        def tended() -> bool:
            self.supervisor.tick()
            return condition()

        return process.wait_until(tended, seconds)

    def are_back(self) -> bool:
        return self.redis.is_ready() and all(
            watched.service.is_running() for watched in self.supervisor.watched
        )

    def _start(self, name: str, arguments: list[str], environment: dict[str, str]) -> Child:
        child = Child(
            name,
            [sys.executable, "-m", "celery", "-A", "glossary", *arguments],
            settings.VAR / "log" / f"{name}.log",
            environment=os.environ
            | {"DJANGO_SETTINGS_MODULE": "tests.faults.settings", "REMAP_SIGTERM": "SIGQUIT"}
            | environment,
            cwd=settings.BASE_DIR,
        )
        self.supervisor.add(child)
        return child

    def _end(self, child: Child) -> None:
        watched = self.supervisor.watched
        self.supervisor.watched = [each for each in watched if each.service is not child]
        child.stop()


@dataclass
class Ledger:
    """The senses of a case with the definitions that were saved last, and its space."""

    space: Space
    saved: dict[int, str] = field(default_factory=dict)

    def write(self, count: int) -> None:
        """New senses, ten to a term, by `bulk_create`."""
        for start in range(0, count, SENSES_A_TERM):
            term = factories.make_term()
            numbers = range(start, min(start + SENSES_A_TERM, count))
            self.note(term.senses.all())
            rest = [
                Sense(term=term, position=number + 2, definition=f"{term.name}, sense {number}.")
                for number in numbers[1:]
            ]
            self.note(Sense.objects.bulk_create(rest))

    def write_one(self, definition: str) -> int:
        sense = factories.make_term(definition=definition).senses.get()
        self.note([sense])
        return sense.id

    def edit(self, count: int, word: str) -> None:
        """Saves other definitions, one by one as forms do."""
        for sense in Sense.objects.filter(id__in=list(self.saved)[:count]):
            sense.definition = f"{word} {sense.definition}"
            sense.save()
            self.note([sense])

    def note(self, senses: Iterable[Sense]) -> None:
        self.saved |= {sense.id: sense.definition for sense in senses}

    def lost(self) -> int:
        stored = dict(Sense.objects.values_list("id", "definition"))
        return sum(stored.get(sense) != definition for sense, definition in self.saved.items())

    def waiting(self) -> int:
        return self.space.pending.filter(parked=False).count()

    def parked(self) -> dict[int, Pending]:
        return {row.sense_id: row for row in self.space.pending.filter(parked=True)}

    def stale(self) -> set[int]:
        """Senses whose stored hashes are not those of their texts, without those set aside."""
        senses = list(text.readable(Sense.objects.all()))
        return set(rolling.stale(self.space, senses)) - self.parked().keys()

    def is_clean(self) -> bool:
        return not self.waiting() and not self.stale()

    def wrong(self) -> int:
        """Vectors that are not the vector of the text of now: by hash, and encoded again."""
        stored = Embedding.objects.filter(space=self.space).select_related("sense__term")
        return sum(not _is_right(each) for each in stored if each.sense_id not in self.parked())


def _is_right(stored: Embedding) -> bool:
    content = text.views(stored.sense)[stored.view]
    if bytes(stored.text_hash) != text.fingerprint(content):
        return False
    if stored.space.encoder != "faulty":
        return True
    return bool(np.allclose(stored.vector, HashingEncoder().encode([content])[0], atol=1e-5))


def hold(
    services: Services,
    ledger: Ledger,
    case: str,
    *,
    healed: Callable[[], bool],
    limit: float | None = None,
    besides: Set[int] = frozenset(),
) -> None:
    """Waits for all services, then holds them to the promise; prints its figures.

    `besides`: senses that may still be stale, because they are to be parked later.
    """
    assert services.until(services.are_back, STARTS), services.notes
    due = ledger.waiting() or len(ledger.stale())
    start = time.monotonic()
    clean = services.until(healed, limit or (30.0 if due <= 100 else 60.0))
    seconds = time.monotonic() - start
    stale, wrong = len(ledger.stale() - besides), ledger.wrong()
    figures = {"lost": ledger.lost(), "stale": stale, "wrong": wrong}
    print(f"\n{case}, seed {SEED}: {due} due, {figures}, clean after {seconds:.1f} s", end=" ")
    assert clean, (list(ledger.space.pending.values()), services.notes)
    assert figures == {"lost": 0, "stale": 0, "wrong": 0}


def await_encoding(services: Services, worker: Child, chance: random.Random) -> int:
    """The id of the worker's child, at a random moment of its encoding."""
    assert services.until(lambda: is_encoding(worker), STARTS), services.notes
    services.until(lambda: False, chance.uniform(0, 0.8))
    return _encoding(worker) or await_encoding(services, worker, chance)


def kill_encoding_child(services: Services, worker: Child, chance: random.Random) -> None:
    with suppress(psutil.NoSuchProcess):
        psutil.Process(await_encoding(services, worker, chance)).kill()


def is_encoding(worker: Child) -> bool:
    return _encoding(worker) is not None


def _encoding(worker: Child) -> int | None:
    """The id of the worker's child that encodes now."""
    with suppress(FileNotFoundError, ValueError, psutil.NoSuchProcess):
        child = psutil.Process(int(encoders.encoding_pid().read_text()))
        running = child.status() != psutil.STATUS_ZOMBIE
        if running and worker.process and child.ppid() == worker.process.pid:
            return child.pid
    return None


def kill(child: Child) -> None:
    assert child.process is not None
    child.process.send_signal(signal.SIGKILL)
    child.process.wait()
