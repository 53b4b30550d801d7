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
LOAD = 200  # questions a round of clients asks
TIMED = "described (sealed)"
ONE = "--one"


def main() -> None:
    configure(FOLDER / "var")
    os.environ["LEXISPACE_STARTER"] = "off"
    import django

    django.setup()
    if sys.argv[1:2] == [ONE]:
        print(json.dumps(measure(sys.argv[2])))
        return
    from django.conf import settings
    from django.core.management import call_command

    from glossary.servers.postgres import Postgres
    from tests.bench.lookup.glossary import build
    from tests.bench.lookup.systems import SYSTEMS

    with Postgres(settings.VAR):
        build()
        call_command("export_onnx")
        asked = sys.argv[1:] or list(SYSTEMS)
        print_table([_apart(name) for name in asked])


def _apart(name: str) -> dict[str, Any]:
    """A system's figures, measured in a process of its own."""
    print(f"asking {name} …", file=sys.stderr, flush=True)
    command = [sys.executable, "-m", "tests.bench.lookup", ONE, name]
    done = subprocess.run(command, stdout=subprocess.PIPE, check=True, text=True)
    figures: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return figures


def measure(name: str) -> dict[str, Any]:
    from embeddings.encoders import load_for_query
    from embeddings.models import Space
    from terms.text import slugify
    from tests.bench.lookup import glossary, questions
    from tests.bench.lookup.systems import SYSTEMS

    corpus = glossary.corpus()
    encoder = load_for_query(Space.objects.ensure_default().encoder)
    begun = time.perf_counter()
    system = SYSTEMS[name](corpus)
    built = time.perf_counter() - begun
    ranks: dict[str, list[int | None]] = {}
    strong, taken, encoding = [], [], []
    for kind, asked in questions.kinds(corpus).items():
        for question, right in asked:
            begun = time.perf_counter()
            vector = encoder.encode([question])[0]
            encoded = time.perf_counter()
            found = system.ask(question, vector)
            done = time.perf_counter()
            if kind == TIMED:
                encoding.append(encoded - begun)
                taken.append(done - encoded)
            if kind == "nonsense":
                strong.append(getattr(system, "strength", "") in {"strong", "exact"})
            slugs = [slugify(each) for each in found]
            wanted = slugify(right)
            ranks.setdefault(kind, []).append(slugs.index(wanted) if wanted in slugs else None)
    texts = [question for question, _ in questions.kinds(corpus)[TIMED]]
    own = name == "Lexispace"  # it encodes within `ask`
    return {
        "name": name,
        "ranks": ranks,
        "strong": float(np.mean(strong)) if own else None,
        "search": _percentiles(taken, minus=float(np.median(encoding)) if own else 0.0),
        "whole": _percentiles(
            taken if own else [a + b for a, b in zip(taken, encoding, strict=True)]
        ),
        "rates": {n: _rate(system, encoder, texts, n, own=own) for n in CLIENTS},
        "memory": psutil.Process().memory_info().rss / 2**20,
        "built": built,
    }


def _percentiles(seconds: Sequence[float], minus: float = 0.0) -> list[float]:
    return [1000 * (float(each) - minus) for each in np.percentile(seconds, [50, 99])]


def _rate(system: Any, encoder: Any, texts: list[str], clients: int, *, own: bool) -> float:
    """Questions a second, encoding included, of so many threads."""

    def ask(question: str) -> None:
        system.ask(question, None if own else encoder.encode([question])[0])

    begun = time.perf_counter()
    with ThreadPoolExecutor(clients) as pool:
        list(pool.map(ask, texts[:LOAD]))
    return min(len(texts), LOAD) / (time.perf_counter() - begun)


def print_table(rows: list[dict[str, Any]]) -> None:
    for kind in rows[0]["ranks"]:
        if kind == "nonsense":
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
