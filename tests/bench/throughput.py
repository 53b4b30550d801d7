"""What the pipeline costs: from outbox to stored vectors, over the bare model on the same texts."""

import random
import time
from collections.abc import Sequence
from statistics import median

import numpy as np
import torch
from django.conf import settings
from django.core.management import call_command

from embeddings import pipeline, text
from embeddings.encoders import Encoder
from embeddings.encoders.transformer import SentenceTransformersEncoder
from embeddings.models import Space
from embeddings.vectors import Matrix
from glossary.servers.postgres import Postgres
from terms.models import Sense, Term

SENSES = 128
ROUNDS = 3


def main() -> None:
    pipeline.ENCODE_SECONDS = 600  # on a busy machine the watch for hangs would end this process
    with Postgres(settings.VAR):
        call_command("prepare", verbosity=0)
        space = Space.objects.ensure_default()
        write_senses()
        encoder = SentenceTransformersEncoder()
        torch.set_num_threads(1)  # two wait for each other where cores are shared, on both sides
        encoder.encode(["warm"])
        compare(space, encoder)


def write_senses() -> None:
    """Senses like those of the starter glossary: its sentences, in another order."""
    said = " ".join(sense.definition_text for sense in Sense.objects.all()).split(". ")
    dice = random.Random(1)
    names = random.Random(2)
    words = sorted({word for sentence in said for word in sentence.lower().split()})
    terms = Term.objects.bulk_create(
        Term(name=f"{' '.join(names.sample(words, 2))} {n}", slug=f"bench-{n}")
        for n in range(SENSES)
    )
    Sense.objects.bulk_create(
        Sense(term=term, definition=". ".join(dice.sample(said, dice.randint(2, 5))) + ".")
        for term in terms
    )


def compare(space: Space, encoder: SentenceTransformersEncoder) -> None:
    """The two in turn, so that a busy machine troubles both."""
    texts = [
        content
        for sense in text.readable(Sense.objects.all())
        for content in text.views(sense).values()
    ]
    distinct = list(dict.fromkeys(texts))
    print(f"{Sense.objects.count()} senses, {len(distinct)} distinct texts in their views")
    print(
        f"  without encoding {len(distinct) / pipeline_seconds(space, NoEncoder())[0]:.0f} texts/s"
    )
    walls, processors = [], []
    for _ in range(ROUNDS):
        bare, ours = bare_seconds(encoder, distinct), pipeline_seconds(space, encoder)
        walls.append(bare[0] / ours[0])
        processors.append(bare[1] / ours[1])
        rates = [len(distinct) / wall for wall in (bare[0], ours[0])]
        print(
            f"  bare {rates[0]:.0f} texts/s, pipeline {rates[1]:.0f} texts/s: {walls[-1]:.2f} of it"
            f" by the clock, {processors[-1]:.2f} by processor seconds",
            flush=True,
        )
    print(
        f"pipeline over bare, the middle of {ROUNDS} rounds: {median(walls):.2f} by the clock,"
        f" {median(processors):.2f} by processor seconds (a busy machine spoils the first)"
    )


class NoEncoder:
    """Gives vectors that cost nothing, so that what is left is the pipeline's own work."""

    description = SentenceTransformersEncoder.description

    def encode(self, texts: Sequence[str]) -> Matrix:
        return np.full((len(texts), self.description.dimensions), 0.05, np.float32)


def bare_seconds(encoder: SentenceTransformersEncoder, texts: list[str]) -> tuple[float, float]:
    """`SentenceTransformer.encode` of everything at once, as its documentation shows it.

    Returns seconds by the clock and of this process's processor time.
    """
    begun = time.perf_counter(), time.process_time()
    encoder.model.encode(texts, normalize_embeddings=True, show_progress_bar=False)
    return time.perf_counter() - begun[0], time.process_time() - begun[1]


def pipeline_seconds(space: Space, encoder: Encoder) -> tuple[float, float]:
    """The same for the pipeline: claimed, read, encoded, written and removed from the outbox."""
    space.embeddings.all().delete()
    space.pending.all().delete()
    space.enqueue_all()
    begun = time.perf_counter(), time.process_time()
    while pipeline.embed_due(space, encoder):
        pass
    return time.perf_counter() - begun[0], time.process_time() - begun[1]
