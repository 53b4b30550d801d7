"""The WordNet glossary, built once by the commands an operator would use, and kept."""

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from django.core.management import call_command

from embeddings import text
from embeddings.models import Space
from embeddings.vectors import Matrix
from terms.models import Sense, Term
from tests.bench.lookup import FOLDER

WORDNET = Path("/usr/share/wordnet")
DESCRIPTIONS = Path(__file__).resolve().parents[1] / "wordnet"
SENSES, VECTORS = FOLDER / "senses.json", FOLDER / "entries.npy"
BATCH = 5_000


@dataclass(frozen=True)
class Corpus:
    """Every sense: its headword, its text “name: definition”, and (n, d) vectors of these texts."""

    names: list[str]
    texts: list[str]
    vectors: Matrix

    @property
    def definitions(self) -> list[str]:
        return [
            text.removeprefix(f"{name}: ")
            for name, text in zip(self.names, self.texts, strict=True)
        ]


def build() -> None:
    """Imports and embeds what is missing; takes half an hour the first time, on two cores."""
    call_command("prepare", verbosity=0)
    if not Term.objects.exists():
        call_command("import_terms", str(WORDNET))
    call_command("embed")
    call_command("export_onnx")
    call_command("fit", questions=DESCRIPTIONS)
    if not VECTORS.is_file():
        _export(Space.objects.ensure_default())


def corpus() -> Corpus:
    names, texts = json.loads(SENSES.read_text())
    return Corpus(names, texts, np.load(VECTORS, mmap_mode="r"))


def _export(space: Space) -> None:
    """What the other systems are given."""
    names: list[str] = []
    texts: list[str] = []
    entries = dict(space.embeddings.filter(view="entry").values_list("sense_id", "id"))
    vectors = np.empty((len(entries), space.dimensions), dtype=np.float32)
    senses = sorted(entries)
    for start in range(0, len(senses), BATCH):
        part = senses[start : start + BATCH]
        stored = space.embeddings.filter(view="entry", sense__in=part)
        of = dict(stored.values_list("sense_id", "vector"))
        for sense in text.readable(Sense.objects.filter(id__in=part)).order_by("id"):
            vectors[len(names)] = of[sense.id]
            names.append(sense.term.name)
            texts.append(text.views(sense)["entry"])
    np.save(VECTORS, vectors)
    SENSES.write_text(json.dumps([names, texts]))
