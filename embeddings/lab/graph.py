"""Who neighbours whom: the graph on which trails go.

A worker finds the nearest neighbours of every public sense of a language, and measures trails
between some at random; the web process reads the graph once and keeps it.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cached_property, lru_cache
from itertools import pairwise
from typing import Any, Self

import numpy as np
from django.db import models
from django.db.models.functions import Now
from django.utils import timezone
from numpy.typing import NDArray

from embeddings.lab.backdrop import FEWEST, REST, is_outdated, relations_among
from embeddings.trails import NEIGHBOURS, neighbour_graph, trail
from embeddings.vectors import Matrix, nearest_each
from terms.models import Sense
from terms.models.triggers import bumps_revision

LARGE = 20_000  # senses, beyond which all are compared with all less often
LONG_REST = timedelta(hours=6)
BATCH = 5_000
STARTS, ENDS = 20, 10  # of the trails that are measured, so many from each start


@dataclass(frozen=True, eq=False)
class Links:
    """`senses`: (n,) ids in ascending order. `near`, `cosines`: (n, k) rows, and how near."""

    senses: NDArray[np.int64]
    near: NDArray[np.int32]
    cosines: NDArray[np.float32]

    def row(self, sense: int) -> int | None:
        """Of a sense; None for one that is not in the graph."""
        row = int(np.searchsorted(self.senses, sense))
        return row if row < len(self.senses) and self.senses[row] == sense else None

    def cosine(self, one: int, other: int) -> float:
        """Of two rows that are neighbours."""
        if other not in self.near[one]:
            one, other = other, one
        return float(self.cosines[one][self.near[one] == other][0])

    @cached_property
    def graph(self) -> Any:
        """What each step costs, as `trails.trail` wants it."""
        return neighbour_graph(self.near, self.cosines)

    def only(self, senses: set[int]) -> Self:
        """Those between these senses, to and from which alone a trail can go."""
        hidden = np.array([sense not in senses for sense in self.senses.tolist()])
        cosines = np.where(hidden[:, None] | hidden[self.near], -np.inf, self.cosines)
        return replace(self, cosines=cosines)


class Graph(models.Model):
    """The neighbours of the public senses of a language in a space."""

    space = models.ForeignKey("embeddings.Space", models.CASCADE, related_name="graphs")
    language = models.CharField(max_length=35)
    created_at = models.DateTimeField(db_default=Now())
    senses = models.BinaryField(help_text="(n,) int64, ascending.")
    near = models.BinaryField(help_text="(n, k) int32 rows, the nearest first.")
    cosines = models.BinaryField(help_text="(n, k) float16.")
    figures = models.JSONField(default=dict, help_text="Of trails between senses at random.")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["space", "language"], name="graph_once")]
        triggers = [bumps_revision()]

    def __str__(self) -> str:
        return f"{self.space_id} in {self.language}, {self.created_at:%Y-%m-%d}"

    @property
    def links(self) -> Links:
        return _links(self.pk, self.created_at)


@lru_cache(maxsize=2)
def _links(pk: int, _created_at: datetime) -> Links:
    """Unpacked once a process, until the row is another."""
    stored = Graph.objects.get(pk=pk)
    senses = np.frombuffer(stored.senses, np.int64)
    near = np.frombuffer(stored.near, np.int32).reshape(len(senses), -1)
    cosines = np.frombuffer(stored.cosines, np.float16).astype(np.float32)
    return Links(senses, near, cosines.reshape(near.shape))


def of(space: Any, language: str) -> Graph | None:
    """The graph without its arrays, which `links` reads; None until a worker has made it."""
    found = Graph.objects.defer("senses", "near", "cosines")
    return found.filter(space=space, language=language).first()


def public(links: Links, language: str) -> set[int]:
    """The senses of the graph that are public by now."""
    senses = Sense.objects.published().filter(term__language=language)
    return set(senses.values_list("id", flat=True).iterator(chunk_size=BATCH))


def is_due(space: Any, language: str) -> bool:
    is_large = space.embeddings.entries_of(language)[LARGE:].exists()
    return is_outdated(space, language, space.graphs, LONG_REST if is_large else REST)


def measure(space: Any, language: str) -> Graph | None:
    """Makes the graph anew; None for a glossary of fewer than FEWEST senses."""
    read_at = timezone.now()
    senses, terms, vectors = _read(space, language)
    if len(senses) < FEWEST:
        return None
    links = Links(senses, *nearest_each(vectors, NEIGHBOURS))
    fields = {
        "created_at": read_at,
        "senses": senses.tobytes(),
        "near": links.near.tobytes(),
        "cosines": links.cosines.astype(np.float16).tobytes(),
        "figures": figures(links, terms, vectors),
    }
    made, _ = Graph.objects.update_or_create(space=space, language=language, defaults=fields)
    return made


def _read(space: Any, language: str) -> tuple[NDArray[np.int64], NDArray[np.int64], Matrix]:
    """The ids of senses and of their terms, and the vectors, with no copy of these on the way."""
    entries = space.embeddings.entries_of(language).order_by("sense_id")
    vectors = np.empty((entries.count(), space.dimensions), dtype=np.float32)
    ids = np.empty((len(vectors), 2), dtype=np.int64)
    read = 0
    rows = entries.values_list("sense_id", "sense__term", "vector")[: len(vectors)]
    for read, (sense, term, vector) in enumerate(rows.iterator(chunk_size=BATCH), 1):
        ids[read - 1], vectors[read - 1] = (sense, term), vector
    return ids[:read, 0].copy(), ids[:read, 1].copy(), vectors[:read]


def figures(links: Links, terms: NDArray[np.int64], vectors: Matrix) -> dict[str, Any]:
    """What trails between senses at random are like, beside the ends as they are.

    `curated`: the share of steps between terms that editors have related, and `curated_edges` that
    of all neighbours, which is what chance would give.
    """
    dice, total = np.random.default_rng(0), len(links.senses)
    starts = dice.choice(total, min(STARTS, total), replace=False)
    pairs = [(int(start), dice.choice(total - 1, min(ENDS, total - 1), False)) for start in starts]
    pairs = [(start, ends + (ends >= start)) for start, ends in pairs]
    direct = [vectors[ends] @ vectors[start] for start, ends in pairs]
    ways = [trail(links.graph, start, end) for start, ends in pairs for end in ends.tolist()]
    found = [list(pairwise(way)) for way in ways if way]
    related = curated(terms)
    edges = [(row, int(other)) for row in range(total) for other in links.near[row]]
    return {
        "pairs": len(ways),
        "connected": round(len(found) / len(ways), 4),
        "steps": float(np.median([len(steps) for steps in found])),
        "weakest": _median(min(links.cosine(*step) for step in steps) for steps in found),
        "direct": _median(np.concatenate(direct)),
        "curated": _share([step for steps in found for step in steps], terms, related),
        "curated_edges": _share(edges, terms, related),
    }


def curated(terms: NDArray[np.int64]) -> set[tuple[int, int]]:
    """Pairs of ids of terms that are related, both ways."""
    rows = terms[relations_among(terms)]
    return {tuple(pair) for both in (rows, rows[:, ::-1]) for pair in both.tolist()}


def _share(steps: Any, terms: NDArray[np.int64], related: set[tuple[int, int]]) -> float:
    places = terms.tolist()
    hits = sum((places[one], places[other]) in related for one, other in steps)
    return round(hits / max(len(steps), 1), 4)


def _median(values: Any) -> float:
    return round(float(np.median(list(values))), 4)
