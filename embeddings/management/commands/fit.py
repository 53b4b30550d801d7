from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from embeddings import calibration, fit
from embeddings import questions as labelled
from embeddings.encoders import EncoderUnavailable
from embeddings.evaluate import LANGUAGE, own_questions
from embeddings.management.commands.evaluate import add_what_is_asked, space_to_ask
from embeddings.questions import QuestionError

HALF = "develop"
KIND = "descriptions"  # what is asked for its meaning; names are found otherwise


class Command(BaseCommand):
    help = (
        "Choose the weights by which the look-up reads the views of a space, entry, definition,"
        " example and name, on labelled descriptions: those of the half “develop”, never the sealed"
        " ones. Questions are written by people: a glossary's own texts would only find themselves."
        " Weights that hardly gain are left as they are; the thresholds of a good match are"
        " then measured anew."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        add_what_is_asked(parser)
        parser.add_argument("--dry-run", action="store_true", help="only print, change nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        space = space_to_ask(options["space"])
        try:
            source, asked = own_questions(labelled.read(options["questions"]))
            if source != "labelled":
                raise QuestionError(f"{options['questions']} holds no questions on this glossary")
            asked = [each for each in asked if (each.half, each.kind) == (HALF, KIND)]
            bar = tqdm(asked, desc=str(space), unit=" questions", disable=None)
            found = fit.candidates(space, bar, LANGUAGE)
        except (QuestionError, EncoderUnavailable) as error:
            raise CommandError(str(error)) from error
        if not found:
            raise CommandError(f"{HALF}/{KIND}.txt holds no question with an answer here.")
        before = fit.mean_reciprocal_rank(found, space.lookup)
        weights, after = fit.best(found, space.lookup)
        self.stdout.write(f"{len(found)} questions: MRR {before:.3f}, fitted {after:.3f}")
        self.stdout.write("  ".join(f"{view} {weight:g}" for view, weight in weights.items()))
        if weights == space.lookup:
            self.stdout.write("The weights stay as they are.")
        elif not options["dry_run"]:
            space.lookup = weights
            space.save(update_fields=["lookup"])
            calibration.measure(space)
            self.stdout.write(self.style.SUCCESS(f"{space} is read by these weights now."))
