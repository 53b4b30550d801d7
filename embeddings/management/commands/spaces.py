from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from embeddings.encoders import EncoderUnavailable
from embeddings.gate import reasons_against
from embeddings.models import Space


class Command(BaseCommand):
    help = "List the spaces, create one beside the one that serves, or make another one serve."

    def add_arguments(self, parser: ArgumentParser) -> None:
        actions = parser.add_subparsers(dest="action", metavar="list | create | activate")
        actions.add_parser("list", help="every space with its state (the default)")
        create = actions.add_parser(
            "create", help="begin a space; workers fill it while another serves"
        )
        create.add_argument("name", help="what the space is called")
        create.add_argument(
            "--encoder",
            required=True,
            help="a key of settings.ENCODERS; tuned:3 is tuning 3, tuned:3@0.75 most of it",
        )
        activate = actions.add_parser("activate", help="make a space serve; the old one is kept")
        activate.add_argument("name")
        activate.add_argument(
            "--force", action="store_true", help="although something speaks against it"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        match options["action"]:
            case "create":
                self._create(options["name"], options["encoder"])
            case "activate":
                self._activate(options["name"], force=options["force"])
        self._list()

    def _create(self, name: str, encoder: str) -> None:
        if Space.objects.filter(name=name).exists():
            raise CommandError(f"There is a space “{name}” already.")
        try:
            Space.objects.begin(encoder, name=name)
        except EncoderUnavailable as error:
            raise CommandError(str(error)) from error

    def _activate(self, name: str, *, force: bool) -> None:
        space = Space.objects.filter(name=name).first()
        if space is None:
            raise CommandError(f"There is no space “{name}”.")
        if reasons := [] if force else reasons_against(space):
            raise CommandError("\n".join([*reasons, "--force activates it all the same."]))
        space.activate()

    def _list(self) -> None:
        for space in Space.objects.all():
            progress = space.progress()
            self.stdout.write(
                f"{space.state:<9} {space.name}  {space.dimensions} dimensions, encoder"
                f" {space.encoder}: {progress.embedded} of {progress.total} senses embedded,"
                f" {progress.waiting} waiting, {progress.parked} parked"
            )
