import sys
from argparse import ArgumentParser, RawDescriptionHelpFormatter
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from terms import formats
from terms.importing import OnConflict, Report, import_documents

EPILOG = """
examples:
  manage.py import_terms bundle.txt                  the format is found by content
  manage.py import_terms bundle.txt --dry-run        shows what would change
  manage.py import_terms - --format bundle < page    reads standard input
  manage.py import_terms terms.md --on-conflict update

A file is imported whole or not at all.
Exit code 0: done; 2: the file cannot be read, and nothing was changed.
"""


class Command(BaseCommand):
    help = "Import terms from a file: a definition bundle or a Markdown glossary."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.formatter_class = RawDescriptionHelpFormatter
        parser.epilog = EPILOG
        parser.add_argument("file", help="the file; - for standard input")
        parser.add_argument(
            "--format",
            default="",
            choices=list(formats.READERS),
            help="found by content if left out",
        )
        parser.add_argument(
            "--on-conflict",
            choices=list(OnConflict),
            help="what to do where a term has the address already: leave it (skip), make it say"
            " what the file says (update), add what it does not say yet (add-sense: the default for"
            " bundles), or stop (fail); skip is the default otherwise",
        )
        parser.add_argument("--dry-run", action="store_true", help="change nothing, only report")

    def handle(self, *args: Any, **options: Any) -> None:
        name = options["file"]
        conflict = options["on_conflict"]
        try:
            document = formats.read(formats.decode(_read(name)), options["format"])
            report = import_documents(
                document,
                on_conflict=OnConflict(conflict) if conflict else None,
                reason=f"import {Path(name).name}",
                dry_run=options["dry_run"],
            )
        except formats.FormatError as error:
            raise CommandError(f"{name}: {error} Nothing was changed.", returncode=2) from error
        self._show(report, dry_run=options["dry_run"])

    def _show(self, report: Report, *, dry_run: bool) -> None:
        for action, name, detail in report.lines:
            self.stdout.write(f"  {action:<12}{name}" + (f" ({detail})" if detail else ""))
        counts = ", ".join(f"{count} {action}" for action, count in sorted(report.counts.items()))
        verb = "Would be" if dry_run else "Done"
        self.stdout.write(self.style.SUCCESS(f"{verb}: {counts}."))


def _read(name: str) -> bytes:
    """At most one byte more than a file may have, so that a huge one costs nothing."""
    limit = formats.MAX_BYTES + 1
    if name == "-":
        return sys.stdin.buffer.read(limit)
    try:
        with Path(name).open("rb") as file:
            return file.read(limit)
    except OSError as error:
        raise CommandError(f"{name}: {error.strerror}.", returncode=2) from error
