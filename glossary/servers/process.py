"""Child processes that write to a log file and never outlive the process that started them."""

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

import psutil

LARGEST_LOG = 10_000_000  # bytes
PR_SET_PDEATHSIG = 1  # linux/prctl.h

Steps = Sequence[tuple[signal.Signals, float]]
"""Signals to end a process with, each with the seconds it is given before the next."""


class ServerError(Exception):
    """A server or a child cannot run; the message is for the operator and names the remedy."""


def spawn(
    command: Sequence[str | Path],
    log: Path,
    *,
    environment: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    user: str | None = None,
    parting: signal.Signals = signal.SIGTERM,
) -> subprocess.Popen[bytes]:
    """Start `command` in a session of its own, its output appended to `log`.

    `parting` is what the kernel sends it when we end without having stopped it (Linux only).
    """
    with open_log(log) as output:
        return subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            env=environment,
            cwd=cwd,
            user=user,
            group=user,
            extra_groups=None if user is None else [],
            start_new_session=True,
            preexec_fn=parting_signal(parting),
        )


def open_log(path: Path) -> BinaryIO:
    """Open for appending; a log that has grown large starts again from nothing."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with suppress(FileNotFoundError):
        if path.stat().st_size > LARGEST_LOG:
            path.unlink()
    return path.open("ab")


def last_lines(path: Path, count: int = 12) -> str:
    """The end of a log, indented, to stand below a message; empty when there is none."""
    try:
        with path.open("rb") as file:
            file.seek(max(0, path.stat().st_size - 8192))
            lines = file.read().decode(errors="replace").splitlines()
    except FileNotFoundError:
        return ""
    return "\n".join(f"    {line}" for line in lines[-count:])


def wait_until(condition: Callable[[], bool], seconds: float) -> bool:
    """Whether `condition` came true in time; it is asked twenty times a second."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(0.05)
    return True


def end(processes: Sequence[subprocess.Popen[bytes]], steps: Steps) -> None:
    """Send the signals in turn until all have ended; then kill what is left of their sessions."""
    for number, seconds in steps:
        for process in processes:
            if process.poll() is None:
                process.send_signal(number)
        wait_until(lambda: all(each.poll() is not None for each in processes), seconds)
    for process in processes:
        kill_session(process)
        process.wait()


def kill_session(leader: subprocess.Popen[bytes]) -> None:
    """Kill whatever still runs in the session that `leader` began, itself included."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(leader.pid, signal.SIGKILL)


def running_in(folder: Path, program: str) -> list[psutil.Process]:
    """Processes named `program` that work in `folder`: how an orphan of our data is known.

    Not by a pid file: after a crash it may be empty, or name another program's process by now.
    """
    found = []
    for process in psutil.process_iter():
        with suppress(psutil.Error, OSError):
            if process.name() == program and Path(process.cwd()).samefile(folder):
                found.append(process)
    return found


def leaders(processes: Sequence[psutil.Process]) -> list[psutil.Process]:
    """Those that none of the others started."""
    pids = {process.pid for process in processes}
    found = []
    for process in processes:
        with suppress(psutil.Error):
            if process.ppid() not in pids:
                found.append(process)
    return found


def end_strays(strays: Sequence[psutil.Process], steps: Steps) -> None:
    """End processes that are not our children, with the signals in turn, SIGKILL last."""
    remaining = list(strays)
    for number, seconds in [*steps, (signal.SIGKILL, 2.0)]:
        for process in remaining:
            with suppress(psutil.Error):
                process.send_signal(number)
        remaining = psutil.wait_procs(remaining, timeout=seconds)[1]


def parting_signal(number: signal.Signals) -> Callable[[], None] | None:
    """What a child of this process calls to be sent `number` when we end; None but on Linux."""
    if sys.platform != "linux":
        return None
    prctl = ctypes.CDLL(None).prctl
    parent = os.getpid()

    def ask_kernel() -> None:
        # Runs in the child after it has changed its user, which would clear the request.
        prctl(PR_SET_PDEATHSIG, int(number))
        if os.getppid() != parent:
            os.kill(os.getpid(), number)

    return ask_kernel
