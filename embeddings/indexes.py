"""Partial HNSW indexes, one for each space: made here because spaces appear at run time."""

import logging

from django.db import connection

from embeddings.models import Space

log = logging.getLogger(__name__)

# Below this many senses exact search is as fast as the index (tests/bench/indexes.py).
EXACT_BELOW = 5_000
M, EF_CONSTRUCTION = 16, 64

INVALID = """
SELECT c.relname FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
WHERE c.relname LIKE 'embedding\\_hnsw\\_%' AND NOT i.indisvalid
"""
PRESENT = "SELECT indexname FROM pg_indexes WHERE indexname LIKE 'embedding\\_hnsw\\_%'"


def maintain() -> None:
    """Makes the index that a space has outgrown exact search for; drops what no space needs.

    Runs outside any transaction: an index is built concurrently, so writers go on.
    """
    wanted = {name_of(space): space for space in Space.objects.kept_up() if is_large(space)}
    present = _names(PRESENT)
    for name in _names(INVALID) | (present - wanted.keys()):
        drop(name)
        present.discard(name)
    for name in wanted.keys() - present:
        build(wanted[name])


def is_large(space: Space) -> bool:
    return space.embeddings.filter(view="entry").count() >= EXACT_BELOW


def name_of(space: Space) -> str:
    return f"embedding_hnsw_{space.pk}"


def build(space: Space) -> None:
    log.info("building the index of space %s", space)
    with connection.cursor() as cursor:
        cursor.execute(
            f"CREATE INDEX CONCURRENTLY IF NOT EXISTS {name_of(space)} ON embeddings_embedding"
            f" USING hnsw ((vector::halfvec({space.dimensions:d})) halfvec_cosine_ops)"
            f" WITH (m = {M}, ef_construction = {EF_CONSTRUCTION})"
            f" WHERE space_id = {space.pk:d} AND view = 'entry'"
        )
        cursor.execute("ANALYZE embeddings_embedding")  # or the planner may not find it worth while


def drop(name: str) -> None:
    log.info("dropping the index %s", name)
    with connection.cursor() as cursor:
        cursor.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {connection.ops.quote_name(name)}")


def _names(query: str) -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute(query)
        return {row[0] for row in cursor.fetchall()}
