"""What is measured over a whole space, for single results to be read against.

A sample of the senses, with half-precision vectors, stands for all: cosines between any two,
principal axes, controls. A worker takes it, and measures on it what FIGURES names; the web process
reads it once and keeps it.
"""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import cached_property, lru_cache
from typing import Any

import numpy as np
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import MD5, Cast, Now
from django.utils import timezone
from django.utils.module_loading import import_string
from numpy.typing import NDArray

from embeddings.encoders import load
from embeddings.operations import Scores, linear_map, principal_axes
from embeddings.questions import without_name
from embeddings.vectors import Matrix, Vector, unit
from terms import markup
from terms.models import Example, Relation
from terms.models.triggers import bumps_revision

SAMPLE = 5_000  # senses, at the most half of them of terms that have a relation
FEWEST = 10  # senses for a backdrop, and examples for a linear step
RIDGE = 10.0  # of the linear step: docs/lab.md
REST = timedelta(minutes=10)  # from one backdrop to the next, while vectors change
PAIRS = 100_000
ASKED = 1_000  # examples at the most, which a worker encodes to measure on them
# Each takes a Sample and gives figures: what an operation is worth on this glossary.
FIGURES = {
    "bridge": "embeddings.lab.interpolate.bridges",
    "mask": "embeddings.lab.kept.kept",
    "analogy": "embeddings.lab.analogy.worth",
    "company": "embeddings.lab.compare.company",
    "reason": "embeddings.lab.reason.verdict",
}


@dataclass(frozen=True)
class Sample:
    """`senses`, `terms`: (n,) ids. `vectors`: (n, d), unit. `relations`: (m, 2) row numbers.

    `examples`: (n, d), each without its headword, zero where a sense has none or is not asked; they
    are there to measure on, and are not stored.
    """

    senses: NDArray[np.int64]
    terms: NDArray[np.int64]
    vectors: Matrix
    relations: NDArray[np.int64]
    examples: Matrix = field(default_factory=lambda: np.empty((0, 0), dtype=np.float32))

    @cached_property
    def mean(self) -> Vector:
        return np.asarray(self.vectors.mean(axis=0), dtype=np.float32)

    @cached_property
    def axes(self) -> Matrix:
        """(d, d): the principal ones, as rows."""
        return principal_axes(self.vectors)

    @cached_property
    def cosines(self) -> Scores:
        """Of pairs of different senses drawn at random, in ascending order."""
        dice = np.random.default_rng(0)
        one = dice.integers(len(self.senses), size=PAIRS)
        other = (one + dice.integers(1, len(self.senses), size=PAIRS)) % len(self.senses)
        return np.sort(np.einsum("nd,nd->n", self.vectors[one], self.vectors[other]))

    def percentile(self, cosine: float) -> float:
        """The share, in per cent, of all pairs that are less near than this."""
        return float(np.searchsorted(self.cosines, cosine) / len(self.cosines) * 100)


class Backdrop(models.Model):
    """A sample of a space in a language, and what was measured on it."""

    space = models.ForeignKey("embeddings.Space", models.CASCADE, related_name="backdrops")
    language = models.CharField(max_length=35)
    created_at = models.DateTimeField(db_default=Now())
    total = models.PositiveIntegerField(help_text="Senses that the sample is of.")
    senses = models.BinaryField(help_text="(n, 2) int64: a sense and its term.")
    vectors = models.BinaryField(help_text="(n, d) float16, unit rows.")
    relations = models.BinaryField(help_text="(m, 2) int64: rows whose terms are related.")
    step = models.BinaryField(null=True, help_text="(d, d) float16: the learned linear step.")
    figures = models.JSONField(default=dict)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["space", "language"], name="backdrop_once")]
        triggers = [bumps_revision()]

    def __str__(self) -> str:
        return f"{self.space_id} in {self.language}, {self.created_at:%Y-%m-%d}"

    @property
    def sample(self) -> Sample:
        return _sample(self.pk, self.created_at)


@lru_cache(maxsize=2)
def _sample(pk: int, _created_at: datetime) -> Sample:
    """Unpacked once a process, until the row is another."""
    stored = Backdrop.objects.get(pk=pk)
    senses, terms = np.frombuffer(stored.senses, np.int64).reshape(-1, 2).T
    vectors = np.frombuffer(stored.vectors, np.float16).reshape(len(senses), -1)
    relations = np.frombuffer(stored.relations, np.int64).reshape(-1, 2)
    return Sample(senses, terms, unit(vectors.astype(np.float32)), relations)


def is_due(space: Any, language: str) -> bool:
    """Whether it is outdated, or has not measured what this release names."""
    last = space.backdrops.only("figures").filter(language=language).first()
    is_older = last is not None and last.figures.keys() != FIGURES.keys()
    return is_older or is_outdated(space, language, space.backdrops, REST)


def is_outdated(space: Any, language: str, made: Any, rest: timedelta) -> bool:
    """Whether all is embedded, and vectors have changed since the last one made, which rested."""
    if space.pending.filter(parked=False).exists():
        return False
    last = made.only("created_at").filter(language=language).first()
    if last is None:
        return True
    rested = timezone.now() - last.created_at >= rest
    entries = space.embeddings.entries_of(language)
    return rested and entries.filter(updated_at__gt=last.created_at).exists()


def measure(space: Any, language: str) -> Backdrop | None:
    """Takes the sample anew and measures on it; None for a glossary of fewer than FEWEST senses.

    Raises EncoderUnavailable: examples are encoded.
    """
    read_at = timezone.now()
    entries = space.embeddings.entries_of(language)
    total = entries.count()
    if total < FEWEST:
        return None
    taken = with_examples(space, drawn(entries))
    fields = {
        "created_at": read_at,
        "total": total,
        "senses": np.column_stack([taken.senses, taken.terms]).tobytes(),
        "vectors": taken.vectors.astype(np.float16).tobytes(),
        "relations": taken.relations.tobytes(),
        "step": learned_step(taken),
        "figures": {name: import_string(path)(taken) for name, path in FIGURES.items()},
    }
    made, _ = Backdrop.objects.update_or_create(space=space, language=language, defaults=fields)
    return made


def drawn(entries: Any) -> Sample:
    """Up to SAMPLE of the entries, always the same ones while there are no others."""
    related = Relation.objects.filter(
        Q(from_term=OuterRef("sense__term")) | Q(to_term=OuterRef("sense__term"))
    )
    order = entries.annotate(chance=MD5(Cast("sense_id", models.TextField()))).order_by("chance")
    first = order.filter(Exists(related))[: SAMPLE // 2].values_list("sense_id", flat=True)
    chosen = list(first)
    rest = order.exclude(sense__in=chosen)[: SAMPLE - len(chosen)]
    chosen += rest.values_list("sense_id", flat=True)
    rows = entries.filter(sense__in=chosen).order_by("sense_id")
    found = list(rows.values_list("sense_id", "sense__term", "vector"))
    terms = np.array([term for _, term, _ in found], dtype=np.int64)
    return Sample(
        np.array([sense for sense, *_ in found], dtype=np.int64),
        terms,
        np.array([vector for *_, vector in found], dtype=np.float32),
        relations_among(terms),
    )


def with_examples(space: Any, taken: Sample) -> Sample:
    """The sample with the vectors of some of its senses' first examples, as questions.

    Raises EncoderUnavailable.
    """
    rows = {sense: row for row, sense in enumerate(taken.senses.tolist())}
    first = Example.objects.filter(sense__in=rows, position=1).order_by(MD5("text"))[:ASKED]
    told = list(first.values_list("sense", "text", "sense__term__name"))
    vectors = np.zeros_like(taken.vectors)
    if told:
        texts = [without_name(markup.plain(text), name, "it") for _, text, name in told]
        vectors[[rows[sense] for sense, *_ in told]] = load(space.encoder).encode(texts)
    return replace(taken, examples=vectors)


def learned_step(taken: Sample) -> bytes | None:
    """(d, d) float16: the linear map from examples to the entries that they are of."""
    rows = np.flatnonzero(taken.examples.any(axis=1))
    if len(rows) < FEWEST:
        return None
    learned = linear_map(taken.examples[rows], taken.vectors[rows], RIDGE)
    return learned.astype(np.float16).tobytes()


def first_rows(terms: NDArray[np.int64]) -> dict[int, int]:
    """Of each term the first of its rows."""
    return {int(term): row for row, term in reversed(list(enumerate(terms)))}


def relations_among(terms: NDArray[np.int64]) -> NDArray[np.int64]:
    """(m, 2): of each curated relation the first rows of its two terms, the lower one first."""
    first = first_rows(terms)
    curated = Relation.objects.filter(from_term__in=first, to_term__in=first)
    pairs = {
        tuple(sorted((first[one], first[other])))
        for one, other in curated.values_list("from_term", "to_term")
    }
    return np.array(sorted(pairs), dtype=np.int64).reshape(-1, 2)
