import hashlib
from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

from embeddings.models import Space

OUR_APPS = {"terms", "embeddings"}
LOCK = 0x6C657869  # "lexi": one preparation at a time, however many containers start


class Command(BaseCommand):
    help = (
        "Everything between an answering database and serving: migrations, static files, the"
        " starter glossary in an empty glossary, the first latent space. Twice changes nothing, and"
        " several containers may call it at once. Data of a newer version is refused, untouched."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--static", action="store_true", help="only the static files, without a database"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        quiet = {"verbosity": max(0, options["verbosity"] - 1), "stdout": self.stdout}
        collect_static(**quiet)
        if options["static"]:
            return
        with self.lock():
            refuse_newer_data()
            call_command("migrate", interactive=False, **quiet)
            if settings.STARTER:
                call_command("load_starter", stdout=self.stdout)
            Space.objects.ensure_default()

    @contextmanager
    def lock(self) -> Iterator[None]:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_try_advisory_lock(%s)", [LOCK])
            if cursor.fetchone() != (True,):
                self.stdout.write("Another process prepares the same database; waiting for it.")
                cursor.execute("SELECT pg_advisory_lock(%s)", [LOCK])
        try:
            yield
        finally:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [LOCK])


def refuse_newer_data() -> None:
    """CommandError when the database has migrations of ours that this code does not know."""
    loader = MigrationLoader(connection)
    known = set(loader.disk_migrations)
    for migration in loader.disk_migrations.values():
        known.update(migration.replaces)
    applied = MigrationRecorder(connection).applied_migrations()
    unknown = sorted(key for key in applied if key[0] in OUR_APPS and key not in known)
    if unknown:
        raise CommandError(
            "The data is of a newer version of Lexispace (it has the migration"
            f" {'.'.join(unknown[-1])}): run that version, or restore a backup made by this one."
        )


def collect_static(**options: Any) -> None:
    """`collectstatic`, unless what it would collect is what it collected last."""
    sign = Path(settings.STATIC_ROOT) / ".fingerprint"
    wanted = static_fingerprint()
    if not sign.is_file() or sign.read_text() != wanted:
        # By itself it trusts modification times, which an unpacked archive brings along. A folder
        # is only cleared when it is one that was made here.
        call_command("collectstatic", interactive=False, clear=sign.is_file(), **options)
        sign.write_text(wanted)


def static_fingerprint() -> str:
    """A hash of the names and contents of every static file, and of how they are stored."""
    digest = hashlib.sha256(repr(settings.STORAGES["staticfiles"]).encode())
    for finder in get_finders():
        for path, storage in sorted(finder.list([]), key=lambda found: found[0]):
            with storage.open(path) as file:
                digest.update(path.encode() + b"\0" + file.read())
    return digest.hexdigest()
