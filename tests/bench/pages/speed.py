"""Requests a second and latency of each contender, in rounds in which all of them take turns.

So what else the machine does hits all alike, and ratios are taken within a round.
"""

import http.client
import json
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tests.bench.pages import contenders
from tests.bench.pages.contenders import Contender
from tests.bench.pages.programs import program

ROUNDS = 5
SECONDS = 3
CONNECTIONS = 8
SCRIPT = Path(__file__).parent / "wrk.lua"
GOALS = [
    (contenders.TERM_PAGE, contenders.BARE, 0.9),
    (contenders.NOT_MODIFIED, contenders.FILE, 0.1),
    (contenders.CACHE, contenders.FILE, 0.8),
]


@dataclass(frozen=True)
class Run:
    """What wrk saw: requests a second, milliseconds, and bytes an answer with its headers."""

    rate: float
    p50: float
    p99: float
    bytes: float


def main(folder: Path) -> None:
    with contenders.started(folder) as all_of_them:
        for contender in all_of_them:
            check(contender)
        rounds = [{each.name: ask(each, folder) for each in all_of_them} for _ in range(ROUNDS)]
        for contender in all_of_them:
            check(contender)
    print_rates(rounds)
    print_ratios(rounds)


def check(contender: Contender) -> None:
    """RuntimeError unless each path answers as it should: wrk would not tell a 304 from a 200."""
    connection = http.client.HTTPConnection("127.0.0.1", contender.port, timeout=30)
    for path, headers in contender.requests():
        # As wrk asks: the cache keeps what another `Accept-Encoding` gets as something else.
        connection.putrequest("GET", path, skip_accept_encoding=True)
        for name, value in headers.items():
            connection.putheader(name, value)
        connection.endheaders()
        answer = connection.getresponse()
        answer.read()
        if answer.status != contender.status:
            raise RuntimeError(f"{contender.name}: {path} answered {answer.status}")
    connection.close()


def ask(contender: Contender, folder: Path) -> Run:
    """A second that does not count, in which also what a cache holds becomes valid again."""
    wrk(contender, folder, seconds=1)
    return wrk(contender, folder, SECONDS)


def wrk(contender: Contender, folder: Path, seconds: int) -> Run:
    """Let wrk ask for that long. RuntimeError if any answer was an error."""
    lines = [
        "\t".join([path, *(f"{name}: {value}" for name, value in headers.items())])
        for path, headers in contender.requests()
    ]
    asked = folder / "requests"
    asked.write_text("\n".join(lines) + "\n")
    options = ["--threads", "1", "--connections", str(CONNECTIONS), "--duration", f"{seconds}s"]
    options += ["--timeout", "30s"]
    url = f"http://127.0.0.1:{contender.port}"
    command = [program("wrk"), *options, "--script", str(SCRIPT), url, "--", str(asked)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return read(contender.name, done.stdout.splitlines()[-1])


def read(name: str, line: str) -> Run:
    """The line that wrk.lua prints at the end."""
    seen = json.loads(line)
    if seen["errors"]:
        raise RuntimeError(f"{name}: {seen['errors']} of {seen['requests']} requests failed")
    rate = 1e6 * seen["requests"] / seen["microseconds"]
    size = seen["bytes"] / max(seen["requests"], 1)
    return Run(rate, seen["p50"] / 1000, seen["p99"] / 1000, size)


def print_rates(rounds: Sequence[dict[str, Run]]) -> None:
    """The median of the rounds."""
    print(f"\n{len(rounds)} rounds of {SECONDS} s each, {CONNECTIONS} connections:\n")
    print("| | requests/s | p50 | p99 | an answer |\n|---|---|---|---|---|")
    for name in rounds[0]:
        rate, p50, p99, size = np.median(
            [[run.rate, run.p50, run.p99, run.bytes] for run in (each[name] for each in rounds)],
            axis=0,
        )
        print(f"| {name} | {rate:,.1f} | {p50:.2f} ms | {p99:.2f} ms | {size / 1000:.1f} kB |")


def print_ratios(rounds: Sequence[dict[str, Run]]) -> None:
    print("\n| requests/s over requests/s | median | least – most | goal |\n|---|---|---|---|")
    for one, other, goal in GOALS:
        ratios = [each[one].rate / each[other].rate for each in rounds]
        span = f"{min(ratios):.2f} – {max(ratios):.2f}"
        print(f"| {one} ÷ {other} | **{np.median(ratios):.2f}** | {span} | {goal} |")
