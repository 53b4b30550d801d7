"""Runs the benchmarks in a fresh folder of data, and prints a section for each."""

import os
import socket
import sys
import tempfile
from importlib import import_module
from pathlib import Path

PARTS = ("service", "throughput", "indexes", "writes", "imports", "switching", "lab")


def main(parts: list[str]) -> None:
    """With no names, every part. The folder of data goes when all is done."""
    unknown = set(parts) - set(PARTS)
    if unknown:
        sys.exit(f"No part {', '.join(sorted(unknown))}; there are: {', '.join(PARTS)}")
    with tempfile.TemporaryDirectory(prefix="lexispace-bench-") as folder:
        configure(Path(folder) / "var")
        import django

        django.setup()
        for part in parts or PARTS:
            print(f"\n== {part}", flush=True)
            run(part)


def configure(var: Path) -> None:
    """The environment of every process that is measured: data of its own, a free port."""
    for name in ("DATABASE_URL", "REDIS_URL", "LEXISPACE_URL", "LEXISPACE_ENCODER", "HOST"):
        os.environ.pop(name, None)
    os.environ |= {
        "DJANGO_SETTINGS_MODULE": "glossary.settings",
        "LEXISPACE_VAR": str(var),
        "PORT": str(free_port()),
        "HF_HUB_OFFLINE": "1",
        "TOKENIZERS_PARALLELISM": "false",
    }


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def run(part: str) -> None:
    # Imported here: these modules need the settings, which `configure` has to precede.
    import_module(f"tests.bench.{part}").main()


if __name__ == "__main__":
    main(sys.argv[1:])
