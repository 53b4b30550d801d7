from argparse import ArgumentParser
from contextlib import suppress
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import OperationalError

from embeddings.encoders import EncoderUnavailable, describe, onnx
from embeddings.models import Space, Tuning
from terms import formats, starter

TEXTS = 500


class Command(BaseCommand):
    help = (
        "Make the ONNX graphs that the web process encodes questions with, once a host: that of the"
        " shipped model, and of every adapter that a space or questions use. Vectors of each are"
        " compared with the model's over 500 texts; a graph that differs is thrown away."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--force", action="store_true", help="make it again")
        parser.add_argument(
            "keys",
            nargs="*",
            metavar="encoder",
            help="of these encoders, as folder:medical or tuned:3; default: the shipped model's,"
            " those of all spaces, and those of tunings for questions",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        for key in options["keys"] or wanted():
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
            lowest = export.export(encoder, target, sample_texts())
        except export.ExportFailed as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"Made {target}: lowest cosine to the model {lowest:.6f}.")


def wanted() -> list[str]:
    """An image is built without a database; then it is the shipped model's alone."""
    keys = ["sentence_transformers"]
    with suppress(OperationalError):
        keys += Space.objects.values_list("encoder", flat=True)
        keys += [tuning.key for tuning in Tuning.objects.for_questions().light()]
    return [key for key in dict.fromkeys(keys) if onnx.is_needed(key)]


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
