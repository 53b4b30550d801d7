"""From the vectors in the database to a map in the database, for worker and command alike."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from typing import Any

import numpy as np
from django.db import connection, transaction
from django.db.models import Q
from django.utils import timezone
from numpy.typing import NDArray

from embeddings import clusters, layout
from embeddings.clusters import NO_CLUSTER, Labels
from embeddings.layout import FEWEST, Plane
from embeddings.models import Layout, Point, Space
from embeddings.vectors import Matrix, unit
from terms import markup
from terms.models import Sense, Term

log = logging.getLogger(__name__)

GROWTH = 0.03  # laid out again when so large a share of the terms came, went or changed
KEPT = 3  # maps of a language
FAMILIAR = 0.5  # share of terms with a place, from which the map before is continued
CHARACTERS = 400  # of a definition, for the names of clusters
BATCH = 5_000
LOCK = 0x6C61796F7574  # "layout"

Say = Callable[[str], None]


@dataclass
class Ground:
    """What is to be laid out, a row for each term, and what the map before says of it.

    `places` is NaN and `groups` NO_CLUSTER for a term that was not there. `goes_on` says whether
    the map before is good enough to be continued.
    """

    terms: list[int]
    vectors: Matrix
    places: Plane
    groups: Labels
    goes_on: bool = False

    @property
    def known(self) -> NDArray[np.bool_]:
        return self.groups != NO_CLUSTER


def languages(space: Space) -> list[str]:
    """Those with public terms that the space knows."""
    found = Term.objects.published().values_list("language", flat=True).order_by("language")
    return [language for language in found.distinct() if space.knows(language)]


def is_due(space: Space, language: str) -> bool:
    """Whether all is embedded, and more than GROWTH of it is not as the map has it."""
    if space.pending.filter(parked=False).exists():
        return False
    entries = space.embeddings.entries_of(language)
    total = entries.values("sense__term").distinct().count()
    return total >= FEWEST and changes(space, language) > GROWTH * total


def changes(space: Space, language: str) -> int:
    """Terms that came, went or were embedded anew since the last map of the space."""
    entries = space.embeddings.entries_of(language).values("sense__term").distinct()
    latest = space.layouts.filter(language=language).first()
    if latest is None:
        return entries.count()
    placed = latest.points.values("term")
    fresh = entries.filter(Q(updated_at__gt=latest.created_at) | ~Q(sense__term__in=placed))
    return fresh.count() + latest.terms - latest.points.public(language).count()


@contextmanager
def one_at_a_time() -> Iterator[bool]:
    """Whether nobody else lays out just now; held to the end of the block."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [LOCK])
        [is_ours] = cursor.fetchone()
        try:
            yield is_ours
        finally:
            if is_ours:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [LOCK])


def lay_out(
    space: Space, language: str, *, afresh: bool = False, say: Say = log.info
) -> Layout | None:
    """A new map, going on from the one before unless `afresh`; None for fewer than FEWEST terms."""
    read_at = timezone.now()
    ground = survey(space, language)
    if len(ground.terms) < FEWEST:
        return None
    if afresh:
        ground.goes_on = False
    how = "going on from the map before" if ground.goes_on else "from the beginning"
    say(f"laying out {len(ground.terms):,} terms in “{language}”, {how}")
    plane = drawn(ground)
    say("finding the clusters and their words")
    labels = grouped(ground, plane)
    say("measuring, and storing the map")
    made = Layout(space=space, language=language, created_at=read_at, **figures(ground, plane))
    made.clusters = described(ground.terms, plane, labels, language)
    store(made, ground.terms, plane, labels)
    return made


def survey(space: Space, language: str) -> Ground:
    """A term's vector is the mean of the entries of its senses, as long as they are."""
    means = space.embeddings.entries_of(language).means_by_term()
    rows = [(term, np.asarray(mean)) for term, mean in means.iterator(chunk_size=BATCH)]
    terms = [term for term, _ in rows]
    vectors = unit(np.stack([mean for _, mean in rows])) if rows else np.empty((0, 0), np.float32)
    ground = Ground(
        terms,
        vectors,
        places=np.full((len(terms), 2), np.nan, dtype=np.float32),
        groups=np.full(len(terms), NO_CLUSTER, dtype=np.intp),
    )
    if latest := Layout.objects.filter(language=language).first():
        remember(ground, latest)
        is_familiar = ground.known.sum() >= FAMILIAR * len(terms)
        ground.goes_on = latest.space_id == space.pk and bool(is_familiar)
    return ground


def remember(ground: Ground, latest: Layout) -> None:
    rows = {term: row for row, term in enumerate(ground.terms)}
    for term, x, y, cluster in latest.points.values_list("term_id", "x", "y", "cluster"):
        if (row := rows.get(term)) is not None:
            ground.places[row] = x, y
            ground.groups[row] = cluster


def drawn(ground: Ground) -> Plane:
    """A map from the beginning is turned so that old terms lie about where readers know them."""
    if ground.goes_on:
        return layout.continued(ground.vectors, ground.places)
    plane = layout.afresh(ground.vectors)
    return layout.turned(plane, ground.places) if ground.known.sum() >= FEWEST else plane


def grouped(ground: Ground, plane: Plane) -> Labels:
    if ground.goes_on:
        return clusters.clustered(ground.vectors, ground.groups)
    none = np.full_like(ground.groups, NO_CLUSTER)
    return clusters.by_place(clusters.clustered(ground.vectors, none), plane)


def figures(ground: Ground, plane: Plane) -> dict[str, Any]:
    """What a layout says of itself in numbers."""
    known = ground.known
    low, sides = plane.min(axis=0), np.ptp(plane, axis=0)
    left, top = low - (sides.max() - sides) / 2
    before = ground.places[known]
    return {
        "terms": len(ground.terms),
        "trustworthiness": layout.trustworthiness(ground.vectors, plane),
        "procrustes": layout.moved(before, plane[known]) if len(before) >= FEWEST else None,
        "left": float(left),
        "top": float(top),
        "side": float(sides.max()) or 1.0,
    }


def described(
    terms: list[int], plane: Plane, labels: Labels, language: str
) -> list[dict[str, Any]]:
    """Of each cluster its words, its size, and where its name belongs on the map."""
    count = int(labels.max()) + 1
    chosen = layout.sample(len(terms), layout.SAMPLE)
    read = clusters.read_words(
        *texts_of([terms[row] for row in chosen]), english=language[:2] == "en"
    )
    words = clusters.named(read, labels[chosen], count)
    sizes = np.bincount(labels, minlength=count)
    places = [clusters.place_of(plane[labels == cluster]) for cluster in range(count)]
    return [
        {"words": words[cluster], "size": int(sizes[cluster]), "x": float(x), "y": float(y)}
        for cluster, (x, y) in enumerate(places)
    ]


def texts_of(terms: list[int]) -> tuple[list[str], list[str]]:
    """Each term's name, and name and beginnings of its definitions, as plain text."""
    names, texts = dict.fromkeys(terms, ""), dict.fromkeys(terms, "")
    senses = Sense.objects.filter(term__in=terms).order_by("term_id", "position")
    for term, name, definition in senses.values_list("term_id", "term__name", "definition"):
        names[term] = name
        texts[term] += f"{name}\n{markup.plain(definition)[:CHARACTERS]}\n"
    return list(names.values()), list(texts.values())


@transaction.atomic
def store(made: Layout, terms: list[int], plane: Plane, labels: Labels) -> None:
    """Writes the map with its points; of terms deleted meanwhile there is none."""
    there = set(Term.objects.filter(id__in=terms).values_list("id", flat=True))
    made.save()
    points = (
        Point(
            layout=made,
            term_id=terms[row],
            x=float(plane[row, 0]),
            y=float(plane[row, 1]),
            cluster=int(labels[row]),
            rank=rank,
        )
        for rank, row in enumerate(layout.spread(plane))
        if terms[row] in there
    )
    while batch := list(islice(points, BATCH)):
        Point.objects.bulk_create(batch)
    old = Layout.objects.filter(language=made.language).values_list("id", flat=True)[KEPT:]
    Layout.objects.filter(id__in=list(old)).delete()
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE embeddings_point")  # or the planner may sort what an index has
