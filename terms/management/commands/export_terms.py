import sys
from argparse import ArgumentParser, RawDescriptionHelpFormatter
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from tqdm import tqdm

from terms.entry import entries_of
from terms.formats import FormatError
from terms.formats.files import EntryFile
from terms.formats.whole import WRITERS, format_of, writer
from terms.models import Term, Topic
from terms.querysets import TermQuerySet

EPILOG = """
examples:
  manage.py export_terms glossary.jsonl                the whole glossary, drafts included
  manage.py export_terms words.xlsx --status published --language de
  manage.py export_terms maps.csv --topic maps         with the topics under it
  manage.py export_terms words/                        a folder of Markdown, a file an entry
  manage.py export_terms - --format yaml | less

Everything that an entry holds is written, so that import_terms of the file into an empty glossary
makes the same terms. In spreadsheets, a cell that would be taken for a formula begins with an
apostrophe, which the import takes away again.
Exit code 0: written; 2: it cannot be written.
"""


class Command(BaseCommand):
    help = "Export terms to a file: JSON Lines, CSV, Excel, YAML, or a folder of Markdown."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.formatter_class = RawDescriptionHelpFormatter
        parser.epilog = EPILOG
        parser.add_argument("file", help="the file or folder; - for standard output")
        parser.add_argument(
            "--format",
            choices=list(WRITERS),
            default="",
            help="found by the file's name if left out",
        )
        parser.add_argument(
            "--status",
            action="append",
            choices=Term.Status.values,
            help="only terms of this status; can be given several times",
        )
        parser.add_argument("--language", help="only terms of this language, such as en or pt-BR")
        parser.add_argument("--topic", help="only terms of this topic, named by its slug")

    def handle(self, *args: Any, **options: Any) -> None:
        name, format_name = options["file"], _format(options["file"], options["format"])
        terms = _chosen(options["status"], options["language"], options["topic"])
        with transaction.atomic():
            count = terms.count()
            entries = tqdm(entries_of(terms), total=count, unit=" terms", disable=None)
            try:
                if name == "-":
                    writer(format_name)(entries, sys.stdout.buffer)
                else:
                    EntryFile(Path(name), format_name).write(entries)
            except (OSError, FormatError) as error:
                reason = error.strerror if isinstance(error, OSError) else error
                raise CommandError(f"{name}: {reason}", returncode=2) from error
        if name != "-":
            self.stdout.write(self.style.SUCCESS(f"Done: {count:,} terms in {name}."))


def _format(name: str, format_name: str) -> str:
    found = format_name or format_of(name)
    if not found and name != "-" and not Path(name).suffix:
        return "folder"
    if not found:
        raise CommandError(f"Name the format: --format {'|'.join(WRITERS)}.")
    return found


def _chosen(statuses: list[str] | None, language: str | None, topic: str | None) -> TermQuerySet:
    terms: TermQuerySet = Term.objects.order_by("language", "name_key", "id")
    if statuses:
        terms = terms.filter(status__in=statuses)
    if language:
        terms = terms.in_language(language)
    if topic:
        if not Topic.objects.filter(slug=topic).exists():
            raise CommandError(f"There is no topic “{topic}”.")
        terms = terms.about(Topic.objects.with_descendants(topic))
    return terms
