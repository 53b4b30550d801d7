"""The supervisor's rules, with short-lived commands in place of the real children."""

import os
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from glossary import supervisor as supervision
from glossary.management.commands import up
from glossary.servers import process
from glossary.servers.process import ServerError
from glossary.supervisor import Child, Supervisor, Watched

pytestmark = pytest.mark.processes

FOREVER = "import time; time.sleep(600)"
STUBBORN = "import signal, time; signal.signal(15, signal.SIG_IGN); print('up', flush=True); " + (
    "time.sleep(600)"
)


class Server:
    """Stands for a server: it can be made to refuse its start."""

    name = "server"
    log = Path("/nowhere/server.log")

    def __init__(self) -> None:
        self.runs = False
        self.refuses = False
        self.stops = 0

    def start(self) -> None:
        if self.refuses:
            raise ServerError("no room")
        self.runs = True

    def stop(self) -> None:
        self.runs = False
        self.stops += 1

    def is_running(self) -> bool:
        return self.runs


@pytest.fixture
def said() -> list[str]:
    return []


@pytest.fixture
def supervisor(said: list[str], monkeypatch: pytest.MonkeyPatch) -> Iterator[Supervisor]:
    monkeypatch.setattr(supervision, "FIRST_WAIT", 0.05)
    supervisor = Supervisor(said.append)
    yield supervisor
    supervisor.stop()


def python(tmp_path: Path, script: str, *, once: bool = False) -> Child:
    return Child(
        "child",
        [sys.executable, "-c", script],
        tmp_path / "child.log",
        environment=os.environ,
        cwd=tmp_path,
        once=once,
    )


def session(leader: int) -> list[int]:
    """The living processes of a session."""
    found = []
    for each in psutil.process_iter():
        with suppress(psutil.Error, ProcessLookupError):
            if os.getsid(each.pid) == leader and each.status() != psutil.STATUS_ZOMBIE:
                found.append(each.pid)
    return found


def ticks_until(supervisor: Supervisor, line: str, said: list[str]) -> bool:
    def seen() -> bool:
        supervisor.tick()
        return any(line in each for each in said)

    return process.wait_until(seen, 20)


def test_waits_grow_from_half_a_second_to_thirty() -> None:
    waits = [Watched(Server(), 0.0, deaths=deaths).wait() for deaths in range(1, 10)]
    assert waits == [0.5, 1, 2, 4, 8, 16, 30, 30, 30]


def test_a_minute_of_health_makes_the_waits_small_again(supervisor: Supervisor) -> None:
    supervisor.add(server := Server())
    [watched] = supervisor.watched
    watched.deaths = 5
    supervisor.tick()
    assert watched.deaths == 5
    watched.started -= supervision.HEALTHY_AFTER
    supervisor.tick()
    assert watched.deaths == 0
    assert server.runs


def test_what_dies_is_shown_with_its_last_words_and_started_again(
    supervisor: Supervisor, said: list[str], tmp_path: Path
) -> None:
    supervisor.add(python(tmp_path, "import os; print('my last words'); os._exit(3)"))
    assert ticks_until(supervisor, "starting it again in 0.1 s", said)  # the second death
    assert "starting it again in 0.05 s" in said[0]
    assert "    my last words" in said[1]


def test_a_server_that_cannot_start_again_is_tried_again(
    supervisor: Supervisor, said: list[str]
) -> None:
    supervisor.add(server := Server())
    server.runs, server.refuses = False, True
    assert ticks_until(supervisor, "server: no room", said)
    server.refuses = False
    time.sleep(supervisor.watched[0].wait())
    supervisor.tick()  # the second death is noted
    time.sleep(supervisor.watched[0].wait())
    supervisor.tick()
    assert server.runs


def test_a_one_shot_child_is_done_when_it_ends_well(
    supervisor: Supervisor, said: list[str], tmp_path: Path
) -> None:
    supervisor.add(child := python(tmp_path, "pass", once=True))
    assert process.wait_until(child.is_done, 20)
    supervisor.tick()
    assert supervisor.watched == []
    assert said == []


def test_a_one_shot_child_that_fails_is_given_up_after_three_tries(
    supervisor: Supervisor, said: list[str], tmp_path: Path
) -> None:
    supervisor.add(python(tmp_path, "raise SystemExit(1)", once=True))
    assert ticks_until(supervisor, "given up", said)
    assert supervisor.watched == []
    assert sum("ended unexpectedly" in line for line in said) == 3


def test_stopping_ends_stubborn_children_and_what_they_started(
    supervisor: Supervisor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(supervision, "STOP", [(signal.SIGTERM, 0.3)])
    grandchild = f"import subprocess, sys; subprocess.Popen([sys.executable, '-c', {FOREVER!r}])"
    supervisor.add(server := Server())
    supervisor.add(stubborn := python(tmp_path, f"{grandchild}; {STUBBORN}"))
    leader = stubborn.process
    assert leader is not None
    assert process.wait_until(lambda: "up" in stubborn.log.read_text(), 20)
    supervisor.stop()
    assert leader.returncode == -signal.SIGKILL
    assert process.wait_until(lambda: not session(leader.pid), 10)
    assert server.stops == 1
    assert supervisor.watched == []


def test_a_restart_ends_what_the_dead_child_left_behind(tmp_path: Path) -> None:
    leaves = f"import subprocess, sys; subprocess.Popen([sys.executable, '-c', {FOREVER!r}])"
    child = python(tmp_path, leaves)
    child.start()
    first = child.process
    assert first is not None
    first.wait()
    assert len(session(first.pid)) == 1
    child.start()
    assert process.wait_until(lambda: not session(first.pid), 10)
    child.stop()


def test_a_signal_that_was_lost_is_repeated(capsys: pytest.CaptureFixture[str]) -> None:
    handlers = {number: signal.getsignal(number) for number in (*up.STOPS, signal.SIGALRM)}
    supervisor, server = Supervisor(print), Server()
    supervisor.add(server)
    try:
        with up.until_stopped(supervisor):
            with suppress(KeyboardInterrupt):  # as where exceptions are ignored, a finaliser say
                os.kill(os.getpid(), signal.SIGTERM)
                time.sleep(60)
            assert server.runs
            time.sleep(60)
            pytest.fail("nothing repeated the signal")
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)
    assert not server.runs
    assert "Stopped." in capsys.readouterr().out
