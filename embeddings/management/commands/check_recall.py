from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from embeddings import recall
from embeddings.models import Space


class Command(BaseCommand):
    help = (
        "Ask definitions, chosen anew at each call, for their ten nearest entries, by the"
        " approximate index and exactly, and print the share of the true ones that the index finds."
        " Exit code 1 when it is below --least: then rebuild the index (REINDEX INDEX CONCURRENTLY"
        " embedding_hnsw_<id of the space>). Exact search reads every vector, so it takes a moment."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--questions", type=int, default=100, help="default: %(default)s")
        parser.add_argument("--least", type=float, default=0.95, help="default: %(default)s")

    def handle(self, *args: Any, **options: Any) -> None:
        space = Space.objects.serving()
        if space is None:
            raise CommandError("No space serves yet.")
        asked = recall.sample(space, max(options["questions"], 1))
        bar = tqdm(asked, desc=str(space), unit=" questions", disable=None)
        try:
            found = recall.measure(space, asked, bar)
        except ValueError as error:
            raise CommandError(str(error)) from error
        how = "" if found.is_indexed else " (there is no index: the planner searches exactly)"
        self.stdout.write(
            f"recall@{recall.DEPTH} {found.recall:.3f} over {found.questions} questions{how};"
            f" median {found.indexed_ms:.1f} ms, exact {found.exact_ms:.1f} ms"
        )
        if found.recall < options["least"]:
            raise CommandError(f"The recall is below {options['least']}.")
