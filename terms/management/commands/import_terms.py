import sys
from argparse import ArgumentParser, RawDescriptionHelpFormatter
from collections import Counter
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from terms import dictionaries, formats
from terms.dictionaries import Dictionary
from terms.importing import OnConflict, Report, import_documents

EPILOG = """
examples:
  manage.py import_terms bundle.txt                  the format is found by content
  manage.py import_terms bundle.txt --dry-run        shows what would change
  manage.py import_terms - --format bundle < page    reads standard input
  manage.py import_terms terms.md --on-conflict update
  manage.py import_terms /usr/share/wordnet --format wordnet
  manage.py import_terms /usr/share/dictd/foldoc.dict.dz

A file is imported whole or not at all. A dictionary (wordnet: the folder of its database; dictd:
the .dict.dz file, with its .index beside it) is imported in parts of 1,000 entries, and pages are
served meanwhile. Stop it at any time: the same command goes on where it stopped.
Exit code 0: done; 2: it cannot be read, and nothing was changed but what a dictionary had added.
"""


class Command(BaseCommand):
    help = (
        "Import terms from a file, a definition bundle or a Markdown glossary, or from a whole"
        " dictionary, WordNet's or one of a DICT server."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.formatter_class = RawDescriptionHelpFormatter
        parser.epilog = EPILOG
        parser.add_argument("file", help="the file or folder; - for standard input")
        parser.add_argument(
            "--format",
            default="",
            choices=[*formats.READERS, *dictionaries.READERS],
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
        name, dry_run = options["file"], options["dry_run"]
        conflict = OnConflict(options["on_conflict"]) if options["on_conflict"] else None
        dictionary = Dictionary.found(Path(name), options["format"])
        reason = f"import {Path(name).name}"
        try:
            if dictionary:
                counts = self._write(dictionary, conflict, reason=reason, dry_run=dry_run)
            else:
                document = formats.read(formats.decode(_read(name)), options["format"])
                report = import_documents(
                    document, on_conflict=conflict, reason=reason, dry_run=dry_run
                )
                self._list(report)
                counts = report.counts
        except formats.FormatError as error:
            kept = "" if dictionary else " Nothing was changed."
            raise CommandError(f"{name}: {error}{kept}", returncode=2) from error
        self._sum_up(counts, dry_run=dry_run)

    @staticmethod
    def _write(
        dictionary: Dictionary, conflict: OnConflict | None, *, reason: str, dry_run: bool
    ) -> Counter[str]:
        conflict = conflict or OnConflict.SKIP
        if conflict not in dictionaries.CONFLICTS:
            allowed = " or ".join(dictionaries.CONFLICTS)
            raise CommandError(f"--on-conflict {conflict}: for a dictionary it is {allowed}.")
        rounds = 1 if dry_run else 2  # the entries, then their relations
        with tqdm(total=rounds * dictionary.count(), unit=" entries", disable=None) as bar:
            return dictionaries.write(
                dictionary, conflict, reason=reason, advance=bar.update, dry_run=dry_run
            )

    def _list(self, report: Report) -> None:
        for action, name, detail in report.lines:
            self.stdout.write(f"  {action:<12}{name}" + (f" ({detail})" if detail else ""))

    def _sum_up(self, counts: Counter[str], *, dry_run: bool) -> None:
        summed = ", ".join(f"{count:,} {action}" for action, count in sorted(counts.items()))
        verb = "Would be" if dry_run else "Done"
        self.stdout.write(self.style.SUCCESS(f"{verb}: {summed}."))


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
