"""The programs that pages are measured with and beside, and how they are run."""

import os
import shutil
import signal
import socket
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings

from glossary.servers import process

PACKAGES = {  # of Debian and Ubuntu
    "wrk": "wrk",
    "nginx": "nginx",
    "kiwix-serve": "kiwix-tools",
    "zimwriterfs": "zim-tools",
    "chromium": "chromium",
}
PATH = f"{os.environ.get('PATH', os.defpath)}:/usr/sbin"  # where Debian puts nginx
STARTS_WITHIN = 30.0  # seconds


def program(name: str) -> str:
    """Where it lies; "" where it is not installed."""
    return shutil.which(name, path=PATH) or ""


def require() -> None:
    """Exit with the line that installs what is missing."""
    missing = [package for name, package in PACKAGES.items() if not program(name)]
    if missing:
        sys.exit(f"Programs are missing. On Debian and Ubuntu: apt install {' '.join(missing)}")


@contextmanager
def running(
    command: Sequence[str],
    port: int,
    log: Path,
    environment: Mapping[str, str] | None = None,
) -> Iterator[None]:
    """The program within the block, once it listens. RuntimeError with its log if it does not."""
    started = process.spawn(command, log, environment=environment, cwd=settings.BASE_DIR)
    try:
        if not process.wait_until(lambda: _listens(port), STARTS_WITHIN):
            raise RuntimeError(f"{command[0]} does not start:\n{process.last_lines(log)}")
        yield
    finally:
        process.end([started], [(signal.SIGTERM, 5.0)])


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
