from argparse import ArgumentParser
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import OperationalError

from embeddings.encoders import EncoderUnavailable, onnx, tuned
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
        parser.add_argument("--force", action="store_true", help="make them again")
        parser.add_argument(
            "--tuned", metavar="N[@STRENGTH]", help="only that of a tuning, such as 3 or 3@0.75"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            for argument in [options["tuned"]] if options["tuned"] else wanted():
                self._make(argument, force=options["force"])
        except EncoderUnavailable as error:
            raise CommandError(str(error)) from error

    def _make(self, argument: str, *, force: bool) -> None:
        target = onnx.path(tuned.described(argument).sha256) if argument else onnx.path()
        if target.is_file() and not force:
            self.stdout.write(f"{target} is there already.")
            return
        lowest = export(argument, target)
        self.stdout.write(f"Made {target}: lowest cosine to the model {lowest:.6f}.")


def export(argument: str, target: Path) -> float:
    from embeddings.encoders import export  # imports torch
    from embeddings.encoders.transformer import SentenceTransformersEncoder

    whole = {"bfloat16": False}
    encoder = (
        tuned.TunedEncoder(argument, **whole) if argument else SentenceTransformersEncoder(**whole)
    )
    try:
        return export.export(encoder, target, sample_texts())
    except export.ExportFailed as error:
        raise CommandError(str(error)) from error


def wanted() -> Iterator[str]:
    """What is given to `tuned`, nothing for the shipped model. An image is built without a
    database; then it is the shipped model's alone."""
    yield ""
    try:
        keys = Space.objects.filter(encoder__startswith="tuned:").values_list("encoder", flat=True)
        asked = [tuning.key for tuning in Tuning.objects.for_questions().light()]
        yield from sorted({key.partition(":")[2] for key in [*keys, *asked]})
    except OperationalError:
        return


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
