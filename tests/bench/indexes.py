"""Exact search and the HNSW index, to say from how many senses the index pays (EXACT_BELOW)."""

import time

import numpy as np
from django.conf import settings
from django.core.management import call_command
from django.db import connection

from embeddings import indexes, nearest, recall
from embeddings.models import Space
from embeddings.vectors import Matrix, unit
from glossary.servers.postgres import Postgres

SIZES = (1_000, 5_000, 20_000)
CLUSTERS = 400
QUERIES = 100
DIMENSIONS = 384

TERMS = """
INSERT INTO terms_term (language, slug, name, status, version)
SELECT 'en', 'bench-' || n, 'bench ' || n, 'published', 1 FROM generate_series(%s::int, %s::int) n
"""
SENSES = """
INSERT INTO terms_sense (key, term_id, position, definition, part_of_speech, register)
SELECT slug, id, 1, name, '', '' FROM terms_term WHERE slug LIKE 'bench-%%'
    AND NOT EXISTS (SELECT FROM terms_sense WHERE term_id = terms_term.id)
"""
VECTORS = """
INSERT INTO embeddings_embedding (space_id, sense_id, view, vector, text_hash)
SELECT %s, sense.id, view, staged.vector::vector, ''
FROM staged JOIN terms_sense sense ON sense.key = 'bench-' || staged.n,
    unnest(ARRAY['entry', 'definition']) view
"""


def main() -> None:
    with Postgres(settings.VAR):
        call_command("prepare", verbosity=0)
        about = {"model": "random", "dimensions": DIMENSIONS, "languages": ["en"]}
        space, _ = Space.objects.get_or_create(name="bench", encoder="hashing", defaults=about)
        dice = np.random.default_rng(1)
        centres = unit(dice.standard_normal((CLUSTERS, DIMENSIONS)))
        have = 0
        for size in SIZES:
            fill(space, have, vectors(dice, centres, size - have))
            have = size
            measure(space, size, vectors(dice, centres, QUERIES))
        connection.close()


def vectors(dice: np.random.Generator, centres: Matrix, count: int) -> Matrix:
    """Unit vectors in loose clusters, as those of texts are; uniform ones have no neighbours."""
    spread = dice.standard_normal((count, DIMENSIONS))
    return unit(centres[dice.integers(len(centres), size=count)] + spread)


def fill(space: Space, have: int, matrix: Matrix) -> None:
    """Published terms with these vectors, written past the triggers: their work is not measured."""
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        cursor.execute("CREATE TEMP TABLE staged (n int, vector text)")
        with cursor.copy("COPY staged FROM STDIN") as copy:
            for n, row in enumerate(matrix.round(4).tolist(), have + 1):
                copy.write_row((n, str(row)))
        cursor.execute(TERMS, [have + 1, have + len(matrix)])
        cursor.execute(SENSES)
        cursor.execute(VECTORS, [space.pk])
        cursor.execute("DROP TABLE staged")
        cursor.execute("SET session_replication_role = origin")
        cursor.execute("ANALYZE")


def measure(space: Space, size: int, asked: Matrix) -> None:
    indexes.drop(indexes.name_of(space))
    exact, truth = ask(space, asked)
    begun = time.perf_counter()
    indexes.build(space)
    built = time.perf_counter() - begun
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE embeddings_embedding")
    approximate, found = ask(space, asked)
    recall = np.mean([len(a & b) / len(a) for a, b in zip(truth, found, strict=True)])
    print(
        f"{size:>6} senses: exact p50 {exact:5.1f} ms; index p50 {approximate:5.1f} ms"
        f" ({approximate / exact:.2f} of it), recall@10 {recall:.3f},"
        f" {'used' if uses_index(space, asked[0]) else 'NOT used by the planner'},"
        f" built in {built:.1f} s",
        flush=True,
    )


def ask(space: Space, asked: Matrix) -> tuple[float, list[set[int]]]:
    """Median milliseconds of a search, and the ten senses found for each question."""
    taken, found = [], []
    for vector in asked:
        begun = time.perf_counter()
        near = nearest.to_vector(space, vector, "en", 10)
        taken.append(1000 * (time.perf_counter() - begun))
        found.append({row.sense_id for row in near})
    return float(np.median(taken)), found


def uses_index(space: Space, vector: Matrix) -> bool:
    return indexes.name_of(space) in recall.plan(space, vector)
