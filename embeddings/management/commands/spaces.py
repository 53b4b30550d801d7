import re
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

from embeddings import remote_use
from embeddings.encoders import EncoderUnavailable, folder
from embeddings.gate import reasons_against
from embeddings.models import Space

PINNED = re.compile("@[0-9a-f]{64}$")  # of a model's folder: nothing that one reads


class Command(BaseCommand):
    help = "List the spaces, create one beside the one that serves, or make another one serve."

    def add_arguments(self, parser: ArgumentParser) -> None:
        actions = parser.add_subparsers(dest="action", metavar="command")
        actions.add_parser("list", help="every space with its state (the default)")
        create = actions.add_parser(
            "create", help="begin a space; workers fill it while another serves"
        )
        create.add_argument("name", help="what the space is called")
        create.add_argument(
            "--encoder",
            required=True,
            help="a key of settings.ENCODERS; folder:NAME is a model of your own, tuned:3 tuning 3,"
            " tuned:3@0.75 most of it",
        )
        create.add_argument(
            "--languages",
            type=tags,
            help="which the model is good for, as en,de; “all”; default: what it says of itself",
        )
        activate = actions.add_parser("activate", help="make a space serve; the old one is kept")
        activate.add_argument("name")
        activate.add_argument(
            "--force", action="store_true", help="although something speaks against it"
        )
        own = actions.add_parser(
            "add-model",
            help="check a sentence-transformers folder, and prepare it for questions on this host",
        )
        own.add_argument("folder", help=f"a path, copied to {settings.MODELS}, or a name there")

    def handle(self, *args: Any, **options: Any) -> None:
        match options["action"]:
            case "create":
                self._create(options["name"], options["encoder"], options["languages"])
            case "activate":
                self._activate(options["name"], force=options["force"])
            case "add-model":
                self._add_model(Path(options["folder"]))
                return
        self._list()

    def _add_model(self, source: Path) -> None:
        try:
            model = folder.add(source)
            call_command("export_onnx", f"folder:{model.folder.name}", stdout=self.stdout)
        except (EncoderUnavailable, OSError) as error:
            raise CommandError(str(error)) from error
        about = model.description
        self.stdout.write(
            f"{about.model}: {about.dimensions} dimensions, {model.max_tokens} tokens, pooled by"
            f" {model.pooling}, sha256 {about.sha256[:12]}….\nBegin a space with it: manage.py"
            f" spaces create NAME --encoder folder:{model.folder.name} --languages …"
        )

    def _create(self, name: str, encoder: str, languages: list[str] | None) -> None:
        if Space.objects.filter(name=name).exists():
            raise CommandError(f"There is a space “{name}” already.")
        if encoder.startswith("folder:") and languages is None:
            raise CommandError("Say with --languages which ones the model is good for, or “all”.")
        try:
            Space.objects.begin(encoder, name=name, languages=languages)
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
            progress, used = space.progress(), remote_use.told(space)
            self.stdout.write(
                f"{space.state:<9} {space.name}  {space.dimensions} dimensions, encoder"
                f" {PINNED.sub('', space.encoder)}: {progress.embedded} of {progress.total}"
                f" senses embedded, {progress.waiting} waiting, {progress.parked} parked"
                f"{', ' if used else ''}{used}"
            )


def tags(text: str) -> list[str]:
    """Languages as a space keeps them: none for all of them.

    >>> tags("en, de"), tags("all")
    (['en', 'de'], [])
    """
    return [] if text == "all" else [tag.strip() for tag in text.split(",") if tag.strip()]
