"""Keeps processes running: starts them, starts anew what dies, ends them all in time.

Single-threaded on purpose: the kernel ends our children when the thread that made them ends.
"""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import psutil

from glossary.servers import process
from glossary.servers.process import ServerError

MARK = "LEXISPACE_SUPERVISED"  # in every child's environment: the data folder it belongs to
FIRST_WAIT, LONGEST_WAIT = 0.5, 30.0  # seconds before a restart; doubled each time
HEALTHY_AFTER = 60.0  # seconds; then the waits begin small again
STOP: process.Steps = [(signal.SIGTERM, 5.0)]  # with the servers' own steps, under 10 s in all
ONE_SHOT_TRIES = 3


class Service(Protocol):
    """What can be supervised: a `Child`, or a server that knows how to start itself."""

    name: str
    log: Path

    def start(self) -> None: ...
    def stop(self) -> None: ...
    def is_running(self) -> bool: ...


class Child:
    """One command. With `once` it is done when it ends well; otherwise it is to run for ever."""

    def __init__(
        self,
        name: str,
        command: Sequence[str | Path],
        log: Path,
        *,
        environment: Mapping[str, str],
        cwd: Path,
        once: bool = False,
    ) -> None:
        self.name = name
        self.command = command
        self.log = log
        self.environment = environment
        self.cwd = cwd
        self.once = once
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it, after killing what an earlier life of it may have left behind."""
        if self.process is not None:
            process.kill_session(self.process)
        self.process = process.spawn(
            self.command, self.log, environment=self.environment, cwd=self.cwd
        )

    def stop(self) -> None:
        if self.process is not None:
            process.end([self.process], STOP)

    def is_running(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def is_done(self) -> bool:
        return self.once and self.process is not None and self.process.poll() == 0


@dataclass
class Watched:
    """A service and its record: when it started, how often it died in a row, when it is due."""

    service: Service
    started: float
    deaths: int = 0
    due: float | None = None

    def wait(self) -> float:
        return float(min(LONGEST_WAIT, FIRST_WAIT * 2 ** (self.deaths - 1)))


class Supervisor:
    """Watches services in the order in which they were added. `say` prints a line."""

    def __init__(self, say: Callable[[str], None]) -> None:
        self.say = say
        self.watched: list[Watched] = []

    def add(self, service: Service) -> None:
        """Start and watch a service. What `start` raises is raised, and nothing is watched then."""
        service.start()
        self.watched.append(Watched(service, time.monotonic()))

    def tick(self) -> None:
        """Look at every service once; call it a few times a second."""
        for watched in list(self.watched):
            service = watched.service
            if service.is_running():
                self._note_health(watched)
            elif isinstance(service, Child) and service.is_done():
                self.watched.remove(watched)
            elif watched.due is None:
                self._note_death(watched)
            elif time.monotonic() >= watched.due:
                self._restart(watched)

    def stop(self) -> None:
        """End everything within 10 seconds: children together, then the servers, last first."""
        services = [watched.service for watched in reversed(self.watched)]
        children = [service for service in services if isinstance(service, Child)]
        process.end([child.process for child in children if child.process is not None], STOP)
        for service in services:
            if not isinstance(service, Child):
                service.stop()
        self.watched.clear()

    def _note_health(self, watched: Watched) -> None:
        if watched.deaths and time.monotonic() - watched.started > HEALTHY_AFTER:
            watched.deaths = 0

    def _note_death(self, watched: Watched) -> None:
        watched.deaths += 1
        service = watched.service
        gives_up = isinstance(service, Child) and service.once and watched.deaths >= ONE_SHOT_TRIES
        then = "given up" if gives_up else f"starting it again in {watched.wait():g} s"
        self.say(f"{service.name} ended unexpectedly: {then}. The end of {service.log}:")
        self.say(process.last_lines(service.log))
        if gives_up:
            self.watched.remove(watched)
        watched.due = time.monotonic() + watched.wait()

    def _restart(self, watched: Watched) -> None:
        watched.due = None
        watched.started = time.monotonic()
        try:
            watched.service.start()
        except (ServerError, OSError) as error:
            self.say(f"{watched.service.name}: {error}")


def end_leftovers(mark: str) -> None:
    """End the children that an earlier, killed supervisor of the same data may have left."""
    own = {os.getpid(), *(parent.pid for parent in psutil.Process().parents())}
    strays = []
    for candidate in psutil.process_iter():
        with suppress(psutil.Error, OSError):
            if candidate.pid not in own and candidate.environ().get(MARK) == mark:
                strays.append(candidate)
    process.end_strays(strays, STOP)
