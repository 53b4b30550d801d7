import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError

from terms import releasing, snapshot
from terms.differences import differences
from terms.models import Release
from terms.releasing import Comparison


class Command(BaseCommand):
    help = (
        "Freeze the published glossary under a name; list, compare and write out what was frozen."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        actions = parser.add_subparsers(
            dest="action", metavar="make | list | diff | download | snapshot"
        )
        make = actions.add_parser("make", help="freeze what is published now; it never changes")
        make.add_argument("name", help="its address, as 2026-11 or 1.0")
        make.add_argument("--title", default="", help="what readers see instead of the name")
        make.add_argument("--notes", default="", help="what is new in it")
        actions.add_parser("list", help="every release, the newest first (the default)")
        diff = actions.add_parser("diff", help="what one release has and another has not")
        diff.add_argument("one")
        diff.add_argument("other")
        diff.add_argument("--json", action="store_true", help="print JSON, with the words changed")
        download = actions.add_parser("download", help="write a release as JSON Lines")
        download.add_argument("name")
        download.add_argument("file", nargs="?", help="where to (default: print them)")
        static = actions.add_parser("snapshot", help="write a release as a folder of HTML")
        static.add_argument("name")
        static.add_argument("folder", help="a new or an empty folder; opens without a server")

    def handle(self, *args: Any, **options: Any) -> None:
        match options["action"]:
            case "make":
                self._make(options)
            case "diff":
                self._diff(options)
            case "download":
                self._download(release_named(options["name"]), options["file"])
            case "snapshot":
                self._snapshot(release_named(options["name"]), Path(options["folder"]))
            case _:
                for release in Release.objects.all():
                    self._tell(release)

    def _tell(self, release: Release) -> None:
        made = f"{release.created_at:%Y-%m-%d}"
        self.stdout.write(f"{release.name}  {made}  {release.count} entries  {release.sha256}")

    def _make(self, options: dict[str, Any]) -> None:
        told = {name: options[name] for name in ("title", "notes")}
        try:
            release = releasing.make(options["name"], **told)
        except ValidationError as error:
            raise CommandError("; ".join(error.messages)) from error
        release.refresh_from_db()
        self._tell(release)

    def _diff(self, options: dict[str, Any]) -> None:
        one, other = (release_named(options[name]) for name in ("one", "other"))
        found = releasing.compare(one, other)
        if options["json"]:
            self.stdout.write(json.dumps(as_json(found), ensure_ascii=False, indent=2))
            return
        for sign, entries in (("+", found.added), ("-", found.removed)):
            for entry in entries:
                self.stdout.write(f"{sign} {entry.address}")
        for old, new in found.changed:
            moved = "" if old.address == new.address else f"{old.address} → "
            self.stdout.write(f"~ {moved}{new.address}")

    def _download(self, release: Release, file: str | None) -> None:
        if file is None:
            for line in releasing.download(release):
                self.stdout.write(line, ending="")
            return
        with Path(file).open("w", encoding="utf-8", newline="\n") as out:
            out.writelines(releasing.download(release))
        self.stdout.write(f"{release.count} entries written to {file}.")

    def _snapshot(self, release: Release, folder: Path) -> None:
        try:
            count = snapshot.write(release, folder)
        except OSError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"{count} entries written. Open {folder / 'index.html'}.")


def release_named(name: str) -> Release:
    release = Release.objects.filter(name=name).first()
    if release is None:
        raise CommandError(f"There is no release “{name}”.")
    return release


def as_json(found: Comparison) -> dict[str, Any]:
    return {
        "added": [entry.address for entry in found.added],
        "removed": [entry.address for entry in found.removed],
        "moved": {
            new.address: old.address for old, new in found.changed if new.address != old.address
        },
        "changed": {
            new.address: {
                each.path: [each.old, each.new] for each in differences(old.entry, new.entry)
            }
            for old, new in found.changed
        },
    }
