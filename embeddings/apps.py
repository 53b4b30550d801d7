from typing import Any

from django.apps import AppConfig
from django.db.backends.signals import connection_created


class EmbeddingsConfig(AppConfig):
    name = "embeddings"
    verbose_name = "Latent space"

    def ready(self) -> None:
        from embeddings import doorbell

        doorbell.connect()
        connection_created.connect(scan_until_enough, dispatch_uid="scan until enough")


def scan_until_enough(connection: Any, **_: Any) -> None:
    """Filters come after the index: it goes on until enough rows have passed them.

    Without this a small language or a few published terms would find almost nothing
    (docs/lookup.md). 100 is what `nearest.CANDIDATES` asks for.
    """
    with connection.cursor() as cursor:
        cursor.execute("SET hnsw.iterative_scan = relaxed_order; SET hnsw.ef_search = 100")
