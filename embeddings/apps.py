from typing import Any

from django.apps import AppConfig
from django.db.backends.signals import connection_created


class EmbeddingsConfig(AppConfig):
    name = "embeddings"
    verbose_name = "Latent space"

    def ready(self) -> None:
        from embeddings import doorbell
        from embeddings.snapshot import add_space
        from terms.snapshot import written

        doorbell.connect()
        written.connect(add_space, dispatch_uid="vectors of a snapshot")
        connection_created.connect(plan_for_short_queries, dispatch_uid="plan for short queries")


# Filters come after the index: it goes on until enough rows have passed them. Without this a small
# language or a few published terms would find almost nothing (docs/lookup.md). 100 is what
# `nearest.CANDIDATES` asks for. Parallel workers, and tables made to remember rows, take longer to
# set up than our queries take.
SETTINGS = {
    "hnsw.iterative_scan": "relaxed_order",
    "hnsw.ef_search": "100",
    "max_parallel_workers_per_gather": "0",
    "enable_memoize": "off",
}


def plan_for_short_queries(connection: Any, **_: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute("; ".join(f"SET {name} = {value}" for name, value in SETTINGS.items()))
