"""Runs the real service on data of its own, which are kept for the next run, then measures it."""

import sys
import tempfile
from pathlib import Path

from tests.bench.__main__ import configure
from tests.bench.lookup import FOLDER
from tests.bench.pages import programs

PARTS = ("speed", "vitals")


def main(parts: list[str]) -> None:
    unknown = set(parts) - set(PARTS)
    if unknown:
        sys.exit(f"No part {', '.join(sorted(unknown))}; there are: {', '.join(PARTS)}")
    programs.require()
    with tempfile.TemporaryDirectory(prefix="lexispace-bench-") as name:
        configure(FOLDER / "pages")
        import django

        django.setup()
        measure(parts or list(PARTS), Path(name))


def measure(parts: list[str], folder: Path) -> None:
    # Imported here: these modules need the settings, which `configure` has to precede.
    from tests.bench import service
    from tests.bench.pages import speed, vitals

    supervisor = service.start("on the data of the last run, if there are any")
    try:
        service.wait_for_map()
        if "speed" in parts:
            speed.main(folder)
        if "vitals" in parts:
            vitals.main()
    finally:
        service.stop(supervisor)


if __name__ == "__main__":
    main(sys.argv[1:])
