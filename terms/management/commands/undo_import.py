from argparse import ArgumentParser, RawDescriptionHelpFormatter
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from terms.models import ImportRun
from terms.undoing import NotDone, undo
from terms.writing import Refused

EPILOG = """
examples:
  manage.py undo_import                 lists the imports, the newest first
  manage.py undo_import 7 --dry-run     tells what would be taken back
  manage.py undo_import 7

Terms that the import added are deleted, terms that it changed are as they were before; so is its
bundle. What was touched since is left, and named. Imports of dictionaries are not listed.
Exit code 0: done; 2: it cannot be undone, and nothing was changed.
"""


class Command(BaseCommand):
    help = "Take back a whole import: its terms, its bundle, and what nothing uses any more."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.formatter_class = RawDescriptionHelpFormatter
        parser.epilog = EPILOG
        parser.add_argument("number", nargs="?", type=int, help="of the import")
        parser.add_argument("--dry-run", action="store_true", help="change nothing, only report")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["number"] is None:
            self._list()
            return
        run = ImportRun.objects.filter(pk=options["number"]).first()
        if run is None:
            raise CommandError(f"There is no import {options['number']}.", returncode=2)
        try:
            undone = undo(run, dry_run=options["dry_run"])
        except (NotDone, Refused) as error:
            raise CommandError(f"{error} Nothing was changed.", returncode=2) from error
        for name in undone.left:
            self.stdout.write(f"  left, touched since: {name}")
        verb = "Would be" if options["dry_run"] else "Done"
        self.stdout.write(self.style.SUCCESS(f"{verb}: {undone}."))

    def _list(self) -> None:
        for run in ImportRun.objects.defer("content").select_related("by")[:100]:
            counts = ", ".join(f"{count:,} {what}" for what, count in run.counts.items())
            when = f"{run.created_at:%Y-%m-%d %H:%M}"
            self.stdout.write(f"{run.pk}  {when}  {run.file_name}  {run.state}  {counts}")
