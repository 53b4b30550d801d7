"""A simple client: threads with kept-alive connections, each asking one thing after another."""

import http.client
import itertools
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

SECONDS = 5.0


@dataclass(frozen=True)
class Load:
    """What `clients` clients saw: milliseconds of each request, and how long all of it took."""

    clients: int
    milliseconds: list[float]
    seconds: float

    def __str__(self) -> str:
        p50, p99 = np.percentile(self.milliseconds, [50, 99])
        rate = len(self.milliseconds) / self.seconds
        return (
            f"{self.clients} clients: p50 {p50:6.1f} ms, p99 {p99:6.1f} ms, {rate:6.1f} requests/s"
            f" ({len(self.milliseconds)} requests)"
        )

    @property
    def p50(self) -> float:
        return float(np.percentile(self.milliseconds, 50))


def ask(port: int, paths: Sequence[str], clients: int, seconds: float = SECONDS) -> Load:
    """Ask for the paths in turn, with so many clients at once. RuntimeError unless all are 200."""
    turns = itertools.cycle(paths)
    lock = threading.Lock()
    taken: list[float] = []
    bad: list[str] = []
    end = time.monotonic() + seconds

    def work() -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        while time.monotonic() < end and not bad:
            with lock:
                path = next(turns)
            start = time.perf_counter()
            connection.request("GET", path)
            answer = connection.getresponse()
            answer.read()
            taken.append(1000 * (time.perf_counter() - start))
            if answer.status != 200:
                bad.append(f"{path} answered {answer.status}")
        connection.close()

    threads = [threading.Thread(target=work) for _ in range(clients)]
    begun = time.monotonic()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if bad:
        raise RuntimeError(bad[0])
    return Load(clients, taken, time.monotonic() - begun)
