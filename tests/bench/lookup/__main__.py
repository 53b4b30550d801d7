"""Builds the glossary once, then asks every system in a process of its own, and prints a table."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import psutil

from tests.bench.__main__ import configure
from tests.bench.lookup import FOLDER

CLIENTS = (1, 8)
TIMED, NONSENSE = "described (sealed)", "nonsense"
ONE = "--one"
FILTERS = "filters"


def main() -> None:
    configure(FOLDER / "var")
    os.environ["LEXISPACE_STARTER"] = "off"
    import django

    django.setup()
    if sys.argv[1:2] == [ONE]:
        print(json.dumps(measure(sys.argv[2])))
        return
    from django.conf import settings

    from glossary.servers.postgres import Postgres
    from tests.bench.lookup import filters
    from tests.bench.lookup.glossary import build
    from tests.bench.lookup.systems import SYSTEMS

    with Postgres(settings.VAR):
        build()
        asked = sys.argv[1:] or [*SYSTEMS, FILTERS]
        rows = [_apart(name) for name in asked if name != FILTERS]
        print_table([row for row in rows if row])
        if FILTERS in asked:
            filters.main()


def _apart(name: str) -> dict[str, Any] | None:
    """A system's figures, measured in a process of its own; None where that failed."""
    print(f"asking {name} …", file=sys.stderr, flush=True)
    command = [sys.executable, "-m", "tests.bench.lookup", ONE, name]
    done = subprocess.run(command, stdout=subprocess.PIPE, check=False, text=True)
    if done.returncode:
        return None
    figures: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return figures


def measure(name: str) -> dict[str, Any]:
    """What a process of its own finds out about one system."""
    from embeddings.encoders import load_for_query
    from embeddings.models import Space
    from tests.bench.lookup import glossary, questions
    from tests.bench.lookup.systems import SYSTEMS

    corpus = glossary.corpus()
    encoder = load_for_query(Space.objects.ensure_default().encoder)
    begun = time.perf_counter()
    system = SYSTEMS[name](corpus)
    built = time.perf_counter() - begun
    kinds = questions.kinds(corpus)
    texts = [question for question, _ in kinds[TIMED]]
    search, whole = _times(system, encoder, texts)
    return {
        "name": name,
        "search": search,
        "whole": whole,
        "rates": {clients: _rate(system, encoder, texts, clients) for clients in CLIENTS},
        "memory": psutil.Process().memory_info().rss / 2**20,
        "built": built,
        "ranks": {kind: _ranks(system, encoder, asked) for kind, asked in kinds.items()},
        "strong": _strong(system, encoder, [question for question, _ in kinds[NONSENSE]]),
    }


def _ranks(system: Any, encoder: Any, asked: Sequence[tuple[str, str]]) -> list[int | None]:
    """The place of the right headword for each question, from 0; None beyond DEPTH."""
    from terms.text import slugify
    from tests.bench.lookup.systems import DEPTH

    ranks = []
    for question, right in asked:
        found = system.ask(question, encoder.encode([question])[0], DEPTH)
        slugs = [slugify(name) for name in found]
        ranks.append(slugs.index(slugify(right)) if slugify(right) in slugs else None)
    return ranks


def _strong(system: Any, encoder: Any, questions: Sequence[str]) -> float | None:
    """The share of questions without an answer that are called strong; None where nothing is."""
    if not hasattr(system, "strength"):
        return None
    called = []
    for question in questions:
        system.ask(question, encoder.encode([question])[0], 1)
        called.append(system.strength in {"strong", "exact"})
    return float(np.mean(called))


def _times(system: Any, encoder: Any, questions: Sequence[str]) -> tuple[list[float], list[float]]:
    """Milliseconds, p50 and p99, of a search alone and with its encoding.

    Lexispace encodes within its search; there the time of encoding alone is taken off.
    """
    from tests.bench.lookup.systems import TIMED as DEPTH

    encoding, searching = [], []
    for question in questions:
        begun = time.perf_counter()
        vector = encoder.encode([question])[0]
        encoded = time.perf_counter()
        system.ask(question, vector, DEPTH)
        searching.append(1000 * (time.perf_counter() - encoded))
        encoding.append(1000 * (encoded - begun))
    more = np.array(searching) - encoding if _encodes(system) else np.array(searching)
    whole = np.array(searching) if _encodes(system) else np.array(searching) + encoding
    return _percentiles(more), _percentiles(whole)


def _encodes(system: Any) -> bool:
    return hasattr(system, "strength")


def _percentiles(milliseconds: Any) -> list[float]:
    return [float(each) for each in np.percentile(milliseconds, [50, 99])]


def _rate(system: Any, encoder: Any, questions: Sequence[str], clients: int) -> float:
    """Questions a second, encoding included, of so many threads."""
    from tests.bench.lookup.systems import TIMED as DEPTH

    def ask(question: str) -> None:
        vector = None if _encodes(system) else encoder.encode([question])[0]
        system.ask(question, vector, DEPTH)

    begun = time.perf_counter()
    with ThreadPoolExecutor(clients) as pool:
        list(pool.map(ask, questions))
    return len(questions) / (time.perf_counter() - begun)


def print_table(rows: list[dict[str, Any]]) -> None:
    for kind in rows[0]["ranks"] if rows else ():
        if kind == NONSENSE:
            continue
        print(f"\n| {kind} | hit@1 | hit@10 | hit@100 | median rank |\n|---|---|---|---|---|")
        for row in rows:
            print(f"| {row['name']} | " + " | ".join(_hits(row["ranks"][kind])) + " |")
    print(
        "\n| system | nonsense called strong | search p50 / p99 ms | with encoding p50 / p99 ms |"
        " questions/s, 1 / 8 clients | memory MB | built in s |\n|---|---|---|---|---|---|---|"
    )
    for row in rows:
        strong = "–" if row["strong"] is None else f"{row['strong']:.1%}"
        one, eight = (row["rates"][str(n)] for n in CLIENTS)
        print(
            f"| {row['name']} | {strong} | {row['search'][0]:.1f} / {row['search'][1]:.1f} |"
            f" {row['whole'][0]:.1f} / {row['whole'][1]:.1f} | {one:.0f} / {eight:.0f} |"
            f" {row['memory']:.0f} | {row['built']:.0f} |"
        )


def _hits(ranks: list[int | None]) -> list[str]:
    """Shares of right answers by depth, and the median rank, from 1; “–” beyond the hundredth."""
    shares = [
        np.mean([rank is not None and rank < depth for rank in ranks]) for depth in (1, 10, 100)
    ]
    middle = float(np.median([np.inf if rank is None else rank + 1 for rank in ranks]))
    return [f"{share:.3f}" for share in shares] + ["–" if middle == np.inf else f"{middle:.0f}"]


if __name__ == "__main__":
    main()
