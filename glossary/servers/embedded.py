"""Where the embedded servers are reached. Settings import this: it starts nothing."""

import hashlib
from pathlib import Path
from typing import Any
from urllib.parse import quote

DATABASE = "lexispace"
POSTGRES_SOCKET = ".s.PGSQL.5432"
REDIS_SOCKET = "redis.sock"
LONGEST_SOCKET = 100  # bytes; Linux takes 107, macOS 103


def sockets(var: Path) -> Path:
    """The folder of both sockets: `var/run`, or a short one under /tmp where that cannot be used.

    A socket's address has room for about 100 bytes, and libpq reads a comma as a list of hosts.
    The short folder is not under TMPDIR: a shell and a service must agree on it.
    """
    folder = var / "run"
    fits = len(bytes(folder / POSTGRES_SOCKET)) <= LONGEST_SOCKET
    if fits and "," not in str(folder):
        return folder
    return Path("/tmp") / f"lexispace-{hashlib.sha256(bytes(var)).hexdigest()[:16]}"  # noqa: S108


def database(var: Path) -> dict[str, Any]:
    """The entry of Django's DATABASES for the embedded PostgreSQL with its data in `var`."""
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": DATABASE,
        "USER": DATABASE,
        "HOST": str(sockets(var)),
        "PORT": "5432",
    }


def broker_url(var: Path) -> str:
    """The address of the embedded Redis, as kombu writes one of a socket."""
    return f"redis+socket://{quote(str(sockets(var) / REDIS_SOCKET))}?virtual_host=0"


def redis_url(var: Path) -> str:
    """The same address as redis-py writes it."""
    return f"unix://{quote(str(sockets(var) / REDIS_SOCKET))}?db=0"
