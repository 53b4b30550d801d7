import contextlib
import shutil
import sys
import tempfile
from argparse import ArgumentParser, RawDescriptionHelpFormatter
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from terms import dictionaries, formats
from terms.dictionaries import Dictionary
from terms.entry_import import Wrong, import_entries
from terms.formats import FormatError, whole
from terms.formats.files import EntryFile
from terms.formats.upload import Upload
from terms.import_preview import LEFT, Row, preview
from terms.importing import OnConflict
from terms.models import ImportRun

EPILOG = """
examples:
  manage.py import_terms bundle.txt                  the format is found by content
  manage.py import_terms bundle.txt --dry-run        shows what would change
  manage.py import_terms - --format bundle < page    reads standard input
  manage.py import_terms terms.md --on-conflict update
  manage.py import_terms words.xlsx --on-conflict update
  manage.py import_terms - --format jsonl < glossary.jsonl
  manage.py import_terms /usr/share/wordnet --format wordnet
  manage.py import_terms /usr/share/dictd/foldoc.dict.dz

JSON Lines, CSV, Excel, YAML and folders of Markdown are what export_terms writes. With update, a
term becomes exactly what the file says; what a spreadsheet has no column for stays as it is.

A file is imported whole or not at all. A dictionary (wordnet: the folder of its database; dictd:
the .dict.dz file, with its .index beside it) is imported in parts of 1,000 entries, and pages are
served meanwhile. Stop it at any time: the same command goes on where it stopped.
Exit code 0: done; 2: it cannot be read, and nothing was changed but what a dictionary had added.
"""

UNCHANGED = {"skipped", "unchanged", "kept"}


class Command(BaseCommand):
    help = (
        "Import terms from a file: JSON Lines, CSV, Excel, YAML, a folder of Markdown, a definition"
        " bundle or a Markdown glossary; or from a whole dictionary, WordNet's or one of a DICT"
        " server."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.formatter_class = RawDescriptionHelpFormatter
        parser.epilog = EPILOG
        parser.add_argument("file", help="the file or folder; - for standard input")
        parser.add_argument(
            "--format",
            default="",
            choices=[*whole.READERS, *formats.READERS, *dictionaries.READERS],
            help="found by name or content if left out",
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
        reason = f"import {Path(name).name}"
        try:
            with _found(name, options["format"]) as found:
                if isinstance(found, Dictionary):
                    self._write(found, conflict, reason=reason, dry_run=dry_run)
                else:
                    self._import(found, conflict, reason=reason, dry_run=dry_run)
        except (Wrong, FormatError) as error:
            gap = "\n" if "\n" in str(error) else " "
            raise CommandError(f"{name}: {error}{gap}Nothing was changed.", returncode=2) from error
        except OSError as error:
            raise CommandError(f"{name}: {error.strerror or error}.", returncode=2) from error

    def _import(
        self,
        file: EntryFile | Upload,
        conflict: OnConflict | None,
        *,
        reason: str,
        dry_run: bool,
    ) -> None:
        """Every fault is told, each on a line of its own."""
        conflict = conflict or file.on_conflict
        run = ImportRun(
            file_name=reason.removeprefix("import "),
            format_name=file.format_name,
            on_conflict=conflict,
        )
        extent: Any = {"lacks": file.lacks, "documents": file.documents}
        if dry_run and file.documents:
            self._list(preview(file.read(), conflict, **extent))
        with tqdm(unit=" entries", disable=None) as bar:
            counts = import_entries(
                file.read,
                conflict,
                reason=reason,
                advance=bar.update,
                dry_run=dry_run,
                run=run,
                **extent,
            )
        self._sum_up(counts, dry_run=dry_run)
        if not dry_run and counts.keys() - UNCHANGED:
            self.stdout.write(f"manage.py undo_import {run.pk} would take it back.")

    def _write(
        self, dictionary: Dictionary, conflict: OnConflict | None, *, reason: str, dry_run: bool
    ) -> None:
        conflict = conflict or OnConflict.SKIP
        if conflict not in dictionaries.CONFLICTS:
            allowed = " or ".join(dictionaries.CONFLICTS)
            raise CommandError(f"--on-conflict {conflict}: for a dictionary it is {allowed}.")
        rounds = 1 if dry_run else 2  # the entries, then their relations
        try:
            with tqdm(total=rounds * dictionary.count(), unit=" entries", disable=None) as bar:
                counts = dictionaries.write(
                    dictionary, conflict, reason=reason, advance=bar.update, dry_run=dry_run
                )
        except FormatError as error:
            raise CommandError(f"{dictionary.path}: {error}", returncode=2) from error
        self._sum_up(counts, dry_run=dry_run)

    def _list(self, rows: list[Row]) -> None:
        for row in rows:
            name = row.entry.name if row.entry else ""
            self.stdout.write(f"  {row.what:<{len(LEFT)}}  {name}".rstrip())

    def _sum_up(self, counts: Counter[str], *, dry_run: bool) -> None:
        summed = ", ".join(f"{count:,} {action}" for action, count in sorted(counts.items()))
        verb = "Would be" if dry_run else "Done"
        self.stdout.write(self.style.SUCCESS(f"{verb}: {summed}."))


@contextlib.contextmanager
def _found(name: str, format_name: str) -> Iterator[EntryFile | Dictionary | Upload]:
    """What is named; standard input becomes a file, to be read twice. Raises FormatError."""
    if name == "-" and format_name in whole.READERS:
        with tempfile.NamedTemporaryFile() as file:
            shutil.copyfileobj(sys.stdin.buffer, file)
            file.flush()
            yield EntryFile(Path(file.name), format_name)
        return
    path = Path(name)
    yield (
        EntryFile.found(path, format_name)
        or Dictionary.found(path, format_name)
        or _document(name, format_name)
    )


def _document(name: str, format_name: str) -> Upload:
    content = _read(name)
    return Upload(content, format_name or formats.format_of(formats.decode(content)), {})


def _read(name: str) -> bytes:
    """At most one byte more than a file may have, so that a huge one costs nothing."""
    limit = formats.MAX_BYTES + 1
    if name == "-":
        return sys.stdin.buffer.read(limit)
    with Path(name).open("rb") as file:
        return file.read(limit)
