"""What is looked at before anything is started: each failure is one line that names the remedy."""

import errno
import fcntl
import ipaddress
import os
import shutil
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

LEAST_FREE = 200_000_000  # bytes; PostgreSQL stops in the middle of things when the disk is full


class StartError(Exception):
    """Why `up` cannot begin, and what to do about it, in one line."""


@contextmanager
def only_one(var: Path, url: str) -> Iterator[None]:
    """Hold the lock of `var`. StartError when another supervisor does."""
    var.mkdir(parents=True, exist_ok=True)
    with (var / "up.lock").open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            raise StartError(
                f"It already runs: {file.read()}. Stop that one, or set LEXISPACE_VAR and PORT"
                " to run a second one beside it."
            ) from None
        file.truncate(0)
        file.write(f"process {os.getpid()}, {url}")
        file.flush()
        yield


def check_bind(host: str, allowed_hosts: list[str]) -> None:
    """A public address needs the names that it is to answer under."""
    if not is_loopback(host) and not allowed_hosts:
        raise StartError(
            f"HOST={host} can be reached from other machines: set ALLOWED_HOSTS to the names that"
            " readers use (ALLOWED_HOSTS=glossary.example.org), and LEXISPACE_URL to the address."
        )


def is_loopback(host: str) -> bool:
    with suppress(ValueError):
        return ipaddress.ip_address(host).is_loopback
    return host == "localhost"


def check_port(host: str, port: int) -> None:
    """Bind the address once, to see whether it is free and ours to bind."""
    try:
        family, kind, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind) as probe:
            # As servers do: connections that ended a minute ago do not count.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except PermissionError:
        raise StartError(f"Port {port} needs more rights: set PORT to 1024 or above.") from None
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise StartError(
                f"Port {port} is in use: stop what listens there, or choose another"
                f" (PORT={port + 1} make run)."
            ) from None
        raise StartError(f"HOST={host} cannot be bound: {error.strerror}.") from None


def check_disk(var: Path) -> None:
    if shutil.disk_usage(var).free < LEAST_FREE:
        raise StartError(disk_is_full(var))


def disk_is_full(var: Path) -> str:
    free = shutil.disk_usage(var).free // 1_000_000
    return (
        f"The disk of {var} is full or nearly so ({free} MB free): make room for at least"
        f" {LEAST_FREE // 1_000_000} MB, or set LEXISPACE_VAR to a folder on another disk."
    )


def is_full_disk(error: Exception) -> bool:
    """Whether an error of ours or of a server we started says that the disk is full."""
    full = {errno.ENOSPC, errno.EDQUOT}
    return getattr(error, "errno", None) in full or "No space left on device" in str(error)
