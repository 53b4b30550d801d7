from argparse import ArgumentParser, RawDescriptionHelpFormatter
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from embeddings import cartography, layout
from embeddings.models import Space

EPILOG = """
examples:
  manage.py lay_out                    every language that the model knows, from the maps before
  manage.py lay_out --language en
  manage.py lay_out --afresh           as if there were no map yet: places change

The worker does this by itself when more than 3% of a glossary is new, gone or changed. Going on
from the map before, old terms hardly move; from the beginning the picture may be a little better,
and every reader has to learn it anew. Above 20,000 terms a sample is laid out and the others are
placed among it. Two figures are printed: the trustworthiness of the map (1 is best; below .8 do not
read much into it) and how far old terms have moved (0: not at all). The last three maps are kept.
"""


class Command(BaseCommand):
    help = "Draw the map of the serving space, here and now."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.formatter_class = RawDescriptionHelpFormatter
        parser.epilog = EPILOG
        parser.add_argument("--language", default="", help="only this one, such as en")
        parser.add_argument("--afresh", action="store_true", help="do not go on from the last map")

    def handle(self, *args: Any, **options: Any) -> None:
        space = Space.objects.serving()
        if space is None:
            raise CommandError("No space serves yet.")
        known = cartography.languages(space)
        asked = [options["language"]] if options["language"] else known
        if missing := [language for language in asked if language not in known]:
            raise CommandError(f"There are no entries in “{missing[0]}” that {space} knows.")
        with cartography.one_at_a_time() as is_ours:
            if not is_ours:
                raise CommandError("A worker is drawing the map just now; wait for it.")
            for language in asked:
                self._lay_out(space, language, afresh=options["afresh"])

    def _lay_out(self, space: Space, language: str, *, afresh: bool) -> None:
        made = cartography.lay_out(space, language, afresh=afresh, say=self.stdout.write)
        if made is None:
            self.stdout.write(f"Fewer than {layout.FEWEST} entries in “{language}”: no map.")
            return
        moved = "" if made.procrustes is None else f"; old terms moved by {made.procrustes:.5f}"
        self.stdout.write(
            self.style.SUCCESS(
                f"{made.terms:,} terms in {len(made.clusters)} clusters;"
                f" trustworthiness {made.trustworthiness:.3f}{moved}"
            )
        )
