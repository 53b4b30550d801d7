from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

from embeddings import remote_use
from embeddings.encoders import EncoderUnavailable, folder, obstacle
from embeddings.evaluate import overall
from embeddings.models import PinnedQuestion, Space

TOLERANCE = 0.01  # of the mean reciprocal rank, within which two spaces are as good


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
            help="a key of settings.ENCODERS, or folder:NAME for a model of your own",
        )
        create.add_argument(
            "--languages",
            type=tags,
            help="which the model is good for, as en,de; “all”; default: what it says of itself",
        )
        activate = actions.add_parser("activate", help="make a space serve; the old one is kept")
        activate.add_argument("name")
        activate.add_argument(
            "--force", action="store_true", help="although senses are missing or it answers worse"
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
        if not force:
            self._refuse_dumb(space)
            self._refuse_worse(space)
        space.activate()

    @staticmethod
    def _refuse_dumb(space: Space) -> None:
        if why := obstacle(space.encoder):
            raise CommandError(f"Questions cannot be encoded for it on this machine: {why}")

    @staticmethod
    def _refuse_worse(space: Space) -> None:
        progress = space.progress()
        if missing := progress.total - progress.embedded:
            raise CommandError(
                f"{missing} senses are not embedded in it yet; wait, or use --force."
            )
        serving = Space.objects.serving()
        Command._refuse_forgetful(space, serving)
        ours, theirs = overall(space.evaluation), overall(serving.evaluation if serving else {})
        if theirs and ours is None:
            raise CommandError(
                "The space that serves was evaluated, this one was not: run"
                f" `manage.py evaluate --space {space.name}` first, or use --force."
            )
        if theirs and ours and ours < theirs - TOLERANCE:
            raise CommandError(
                f"It answers worse: mean reciprocal rank {ours:.3f}, and {theirs:.3f} of the space"
                " that serves. --force activates it all the same."
            )

    @staticmethod
    def _refuse_forgetful(space: Space, serving: Space | None) -> None:
        """Pinned questions that the serving space answers must be answered by the new one."""
        broken = PinnedQuestion.objects.broken_in(space)
        lost = [str(pin) for pin in broken if serving is None or pin.holds_in(serving)]
        if lost:
            told = "\n".join(["It breaks pinned questions that are answered now:", *lost])
            raise CommandError(f"{told}\n--force activates it all the same.")

    def _list(self) -> None:
        for space in Space.objects.all():
            progress, used = space.progress(), remote_use.told(space)
            self.stdout.write(
                f"{space.state:<9} {space.name}  {space.dimensions} dimensions, encoder"
                f" {space.encoder.partition('@')[0]}: {progress.embedded} of {progress.total}"
                f" senses embedded, {progress.waiting} waiting, {progress.parked} parked"
                f"{', ' if used else ''}{used}"
            )


def tags(text: str) -> list[str]:
    """Languages as a space keeps them: none for all of them.

    >>> tags("en, de"), tags("all")
    (['en', 'de'], [])
    """
    return [] if text == "all" else [tag.strip() for tag in text.split(",") if tag.strip()]
