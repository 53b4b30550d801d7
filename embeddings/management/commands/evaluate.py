from argparse import ArgumentParser
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from embeddings import questions as labelled
from embeddings.encoders import EncoderUnavailable, load_for_query
from embeddings.evaluate import WEAK_BELOW, Report, evaluate, own_questions
from embeddings.measures import Figures
from embeddings.models import PinnedQuestion, Space
from embeddings.questions import FOLDER, HALVES, QuestionError, sampled
from embeddings.simulated import ROUNDS, Gained, simulate

FLOORS = "floors.toml"
SYSTEMS = ("look-up", "vectors", "BM25")
HEAD = f"{'kind':<15}{'n':>4}  {'system':<8}" + "".join(
    f"{name:>9}" for name in ("hit@1", "hit@3", "hit@10", "MRR", "nDCG@10")
)


class Command(BaseCommand):
    help = (
        "Ask labelled questions of the real look-up and print hit@1/3/10, MRR and nDCG@10 by kind,"
        " with plain vectors and BM25 beside it; store the figures with the space. A glossary that"
        " the questions are not about is asked questions derived from its own entries. Exit code 1"
        " when a figure is below its floor in floors.toml, beside the questions, or when a pinned"
        " question is not answered as it demands. With --steps: how many answers that are missed"
        " simulated readers find by marking hits."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        add_what_is_asked(parser)
        parser.add_argument(
            "--pinned",
            action="store_true",
            help="ask the pinned questions only; exit code 1 when one is broken",
        )
        parser.add_argument(
            "--steps",
            action="store_true",
            help="guide simulated readers to answers beyond the first ten; nothing is stored",
        )
        parser.add_argument("--half", choices=HALVES, help="only this half; default: both")
        parser.add_argument("--sample", type=int, metavar="N", help="only N questions, by chance")

    def handle(self, *args: Any, **options: Any) -> None:
        space = space_to_ask(options["space"])
        if options["pinned"]:
            self._hold_pinned(space)
            return
        try:
            source, asked = own_questions(labelled.read(options["questions"]))
            load_for_query(space.encoder)
        except (QuestionError, EncoderUnavailable) as error:
            raise CommandError(str(error)) from error
        asked = [each for each in asked if options["half"] in {None, each.half}]
        is_whole = options["half"] is None and options["sample"] is None
        if options["sample"] is not None:
            asked = sampled(asked, options["sample"])
        bar: Iterable[Any] = tqdm(asked, desc=str(space), unit=" questions", disable=None)
        if options["steps"]:
            self._print_steps(source, simulate(space, bar))
            return
        report = evaluate(space, bar, source)
        self._print(report)
        if is_whole:  # else the figures are not those that spaces are compared by
            Space.objects.filter(pk=space.pk).update(evaluation=report.as_dict())
        self._hold(report, options["questions"] / FLOORS)
        self._hold_pinned(space)

    def _hold_pinned(self, space: Space) -> None:
        """CommandError when a pinned question is not answered as it demands."""
        asked = PinnedQuestion.objects.asked().count()
        if broken := PinnedQuestion.objects.broken_in(space):
            told = "\n".join(["Pinned questions that are not answered:", *map(str, broken)])
            raise CommandError(told)
        if asked:
            self.stdout.write(f"Every pinned question is answered, {asked} of {asked}.")

    def _print(self, report: Report) -> None:
        self.stdout.write(f"{report.source} questions, {report.senses} senses")
        if report.senses < WEAK_BELOW:
            self.stdout.write(f"Under {WEAK_BELOW} senses: these figures say little.")
        for half, kinds in sorted(report.figures.items()):
            self.stdout.write(f"\n{half} half\n{HEAD}")
            for kind, systems in sorted(kinds.items()):
                for name in SYSTEMS:
                    self.stdout.write(_row(kind if name == SYSTEMS[0] else "", name, systems[name]))
        for half, shares in sorted(report.sureness.items()):
            self.stdout.write(
                f"\n{half} half: of {shares['unanswerable']:.0f} questions without an answer here"
                f" {shares['strong']:.1%} called strong and {shares['answered']:.1%} answered at"
                f" all; of those with one {shares['declined']:.1%} told that there is none;"
                f" of {shares['strong_by_meaning']:.0f} called strong by meaning"
                f" {shares['misled']:.1%} wrong"
            )

    def _print_steps(self, source: str, gained: Gained) -> None:
        self.stdout.write(
            f"{source} questions: {gained.missed} of {gained.asked} answers are not in the first"
            f" ten; those that are, after so many rounds of one hit closer and one not meant\n"
        )
        rounds = range(1, ROUNDS + 1)
        self.stdout.write(f"{'reader':<8}" + "".join(f"{each:>8}" for each in rounds))
        for reader in gained.rounds:
            shares = "".join(f"{gained.share(reader, each):>8.1%}" for each in rounds)
            self.stdout.write(f"{reader:<8}{shares}")

    def _hold(self, report: Report, floors: Path) -> None:
        if report.source != "labelled" or not floors.is_file():
            return
        missed = report.falls_short(floors)
        if missed:
            raise CommandError("\n".join(["Below the floors:", *missed]))
        self.stdout.write(f"\nEvery floor of {floors.name} is held.")


def add_what_is_asked(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--questions", type=Path, default=FOLDER, metavar="FOLDER", help="default: %(default)s"
    )
    parser.add_argument("--space", help="its name; default: the one that serves")


def space_to_ask(name: str | None) -> Space:
    """The space of that name, else the one that serves. CommandError where nothing answers."""
    space = Space.objects.filter(name=name).first() if name else Space.objects.serving()
    if space is None:
        raise CommandError(f"There is no space “{name}”." if name else "No space serves yet.")
    if not space.embeddings.exists():
        raise CommandError(f"Nothing is embedded in “{space}” yet: run `manage.py embed`.")
    return space


def _row(kind: str, name: str, found: Figures) -> str:
    values = (found.hit_1, found.hit_3, found.hit_10, found.mrr, found.ndcg_10)
    count = str(found.questions) if kind else ""
    return f"{kind:<15}{count:>4}  {name:<8}" + "".join(f"{value:>9.3f}" for value in values)
