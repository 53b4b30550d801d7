from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from embeddings.encoders import EncoderUnavailable, onnx
from terms import formats, starter

TEXTS = 500


class Command(BaseCommand):
    help = (
        "Make the ONNX graph that the web process encodes questions with, once a host. Its vectors"
        " are compared with the model's over 500 texts; a graph that differs is thrown away."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--force", action="store_true", help="make it again")

    def handle(self, *args: Any, **options: Any) -> None:
        if onnx.path().is_file() and not options["force"]:
            self.stdout.write(f"{onnx.path()} is there already.")
            return
        from embeddings.encoders import export  # imports torch

        try:
            lowest = export.export(onnx.path(), sample_texts())
        except (EncoderUnavailable, export.ExportFailed) as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"Made {onnx.path()}: lowest cosine to the model {lowest:.6f}.")


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
