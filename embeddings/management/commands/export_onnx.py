from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from embeddings.encoders import EncoderUnavailable, describe, onnx
from terms import formats, starter

TEXTS = 500


class Command(BaseCommand):
    help = (
        "Make the ONNX graph that the web process encodes questions with, once a host. Its vectors"
        " are compared with the model's over 500 texts; a graph that differs is thrown away."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--force", action="store_true", help="make it again")
        parser.add_argument(
            "keys",
            nargs="*",
            default=["sentence_transformers"],
            metavar="encoder",
            help="of these encoders, as folder:medical; default: the shipped model's",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        for key in options["keys"]:
            try:
                self._export(key, force=options["force"])
            except EncoderUnavailable as error:
                raise CommandError(str(error)) from error

    def _export(self, key: str, *, force: bool) -> None:
        target = onnx.path(describe(key).sha256)
        if target.is_file() and not force:
            self.stdout.write(f"{target} is there already.")
            return
        from embeddings.encoders import export  # imports torch

        try:
            encoder = export.in_full_precision(key)
            lowest = export.export(target, sample_texts(), encoder)
        except export.ExportFailed as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"Made {target}: lowest cosine to the model {lowest:.6f}.")


def sample_texts() -> list[str]:
    """500 texts of many lengths, from the starter glossary's definitions."""
    definitions = [
        sense.definition
        for path in sorted(starter.FOLDER.glob("*.md"))
        for entry in formats.read(path.read_text(), "markdown").entries
        for sense in entry.senses
    ]
    words = " ".join(definitions).split()
    return [" ".join(words[i * 7 % len(words) :][: 1 + i % 120]) for i in range(TEXTS)]
