"""Carries a tuning out: reads pairs, trains, measures, keeps. Workers only: it needs torch.

The row says what is to be done and how far it is; it is also asked, between any two steps, whether
to go on. A run whose worker was killed is found again, and goes on from its checkpoint.
"""

import hashlib
import logging
import resource
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from typing import Any

import numpy as np
from django.db import connection
from django.utils import timezone

from embeddings.encoders import Encoder, EncoderUnavailable, load
from embeddings.encoders.transformer import SentenceTransformersEncoder
from embeddings.encoders.tuned import AdaptedEncoder
from embeddings.tuning import pairs as reading
from embeddings.tuning.measuring import Measured
from embeddings.tuning.models import BASE, Tuning
from embeddings.tuning.pairs import Entry, Kept, Pair
from embeddings.tuning.training import Recipe, Training
from embeddings.vectors import Matrix

log = logging.getLogger(__name__)

LOCK = 7_201_003  # held by whoever tunes: one at a time, on however many machines
LEAST = 20  # pairs, below which nothing is learned that could be measured
CHECKPOINT_EVERY = 20  # steps
CHUNK = 512  # texts that are encoded between two looks at the row


class Stopped(Exception):
    """Somebody stopped or removed the tuning."""


class TooLittle(ValueError):
    """The glossary has not enough to learn from."""


@contextmanager
def one_at_a_time() -> Iterator[bool]:
    """Whether nobody else tunes; the lock is gone with the connection of whoever holds it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [LOCK])
        is_ours = cursor.fetchone() == (True,)
        try:
            yield is_ours
        finally:
            if is_ours:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [LOCK])


def carry_out_waiting() -> None:
    with one_at_a_time() as is_ours:
        while is_ours and (tuning := Tuning.objects.at_work().first()):
            carry_out(tuning)


def carry_out(tuning: Tuning, watch: Callable[[Tuning], None] = lambda _: None) -> None:
    """To its end, whatever that is; the row says which. `watch` is called as it goes on."""
    try:
        Run(tuning, watch).to_end()
    except Stopped:
        log.info("%s is stopped", tuning)
    except (TooLittle, EncoderUnavailable) as error:
        tuning.fail(error)
    except Exception as error:
        log.exception("%s failed", tuning)
        tuning.fail(f"{type(error).__name__}: {error}")


class Run:
    """One tuning, from its row to its figures."""

    def __init__(self, tuning: Tuning, watch: Callable[[Tuning], None]) -> None:
        self.tuning, self.watch = tuning, watch
        self.row = Tuning.objects.filter(pk=tuning.pk)
        self.count = 0  # pairs
        self.recipe = Recipe(tuning.kind, tuning.side, tuning.rate, tuning.epochs, tuning.seed)

    def tell(self, **changed: Any) -> None:
        """Writes how far it is. Raises Stopped once it is to end."""
        for name, value in changed.items():
            setattr(self.tuning, name, value)
        if not self.row.tell(**changed):
            raise Stopped
        self.watch(self.tuning)

    def to_end(self) -> None:
        begun = time.process_time()
        self.tell(doing="reading the glossary", error="")
        corpus = reading.entries()
        held = reading.held_out(corpus, self.tuning.seed)
        among = reading.among(corpus, held, self.tuning.seed)
        imported = bytes(self.tuning.adapter or b"")
        # On the query side each step compares with all entries, so that of many only a part can be.
        learned_of = among if self.tuning.side == Tuning.Side.QUERY else corpus
        content = imported or self.learn(Kept(learned_of, held))
        figures, inspection = self.measure(among, held, content)
        figures |= {"pairs": self.count, "cost": _cost(begun)}
        if imported:
            figures["imported"] = self.tuning.figures.get("imported", {})
        self.tell(
            state=Tuning.State.DONE,
            doing="",
            figures=figures,
            inspection=inspection,
            adapter=content,
            sha256=hashlib.sha256(content).hexdigest(),
            checkpoint=None,
            ended_at=timezone.now(),
        )

    def learn(self, kept: Kept) -> bytes:
        """The adapter's bytes."""
        found = self.pairs(kept) if self.recipe.epochs else []
        by_rows = found and self.tuning.side == Tuning.Side.QUERY
        stored = self.stored(kept) if by_rows else None
        training = Training(SentenceTransformersEncoder(bfloat16=False), self.recipe, found, stored)
        about = _digest(self.recipe, found)
        checkpoint = self.tuning.checkpoint
        gone_on = bool(checkpoint) and training.go_on_from(bytes(checkpoint or b""), about)
        losses = self.tuning.losses[: training.step] if gone_on else []
        self.tell(doing="training", step=training.step, steps=training.steps, losses=losses)
        for loss in training.losses():
            losses.append(round(loss, 4))
            self.take_note(training, losses, about)
        return training.adapter.packed()

    def take_note(self, training: Training, losses: list[float], about: bytes) -> None:
        """Of a step; of all that is needed to go on, now and then and when it is stopped."""
        try:
            self.tell(step=training.step, losses=losses)
        except Stopped:
            done = {"step": training.step, "losses": losses}
            self.row.update(checkpoint=training.checkpoint(about), **done)
            raise
        if training.step % CHECKPOINT_EVERY == 0 or training.step == training.steps:
            self.row.update(checkpoint=training.checkpoint(about))

    def pairs(self, kept: Kept) -> list[Pair]:
        """Those to learn from. Raises TooLittle."""
        found = reading.pairs(kept, self.tuning.pairs, self.tuning.seed)
        if len(found) < LEAST:
            raise TooLittle(
                f"The public English entries give {len(found)} pairs of these kinds; {LEAST} are"
                " the least. Longer definitions, relations and examples give more."
            )
        self.count = len(found)
        return found

    def stored(self, kept: Kept) -> Matrix:
        """(n, d) the entries, each cut as it is everywhere in a tuning."""
        return self.encoded(load(BASE), [entry.text for entry in kept.entries])

    def measure(self, corpus: Sequence[Entry], held: set[int], content: bytes) -> Any:
        adapted = AdaptedEncoder(content, self.tuning.kind)
        measured = Measured(corpus, held, is_query_side=self.tuning.side == Tuning.Side.QUERY)
        return measured.of(
            lambda texts: self.encoded(load(BASE), texts, "measuring what it was"),
            lambda texts: self.encoded(adapted, texts, "measuring what it is now"),
        )

    def encoded(self, encoder: Encoder, texts: Sequence[str], doing: str = "encoding") -> Matrix:
        """(n, d) in chunks, between which it can be stopped."""
        parts = []
        for start in range(0, len(texts), CHUNK):
            self.tell(doing=f"{doing}: {start} of {len(texts)} texts")
            parts.append(encoder.encode(texts[start : start + CHUNK]))
        return np.concatenate(parts)


def _digest(recipe: Recipe, found: Sequence[Pair]) -> bytes:
    """Of all that a checkpoint goes with."""
    digest = hashlib.blake2b(repr(asdict(recipe)).encode(), digest_size=16)
    for pair in found:
        digest.update(f"{pair.asked}\0{pair.answer}\0{pair.row}\n".encode())
    return digest.digest()


def _cost(begun: float) -> dict[str, float]:
    """Of this process since then: seconds of all cores, and at its peak bytes of memory."""
    return {
        "cpu_seconds": round(time.process_time() - begun, 1),
        "peak_bytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
    }
