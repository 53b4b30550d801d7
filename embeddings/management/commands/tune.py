from argparse import ArgumentParser, RawDescriptionHelpFormatter
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from embeddings import doorbell
from embeddings.models import Tuning
from embeddings.tuning import exchange
from embeddings.tuning.pairs import KINDS, USUAL
from embeddings.tuning.stored import BadAdapter
from embeddings.tuning.telling import lines, summary

EPILOG = """\
An adapter is a file of under 1 MB that bends the shipped model towards this glossary. It is learned
from pairs of texts that mean one thing, which the glossary has already:

  later      a later sentence of a definition, without the name → the entry
  relation   an entry → the entry of a related term; at most three in ten pairs
  example    an example, without the name → its entry
  pinned     a pinned question → its entry
  name       a definition, without the name → the name alone

A fifth of the terms, up to 600, is held out and only asked afterwards; the figures are theirs.

  manage.py tune                           LoRA, in the background, by the worker that tunes
  manage.py tune --here                    the same in this process, with a bar
  manage.py tune --side query              for questions only: no vector is made anew
  manage.py tune --kind feedback --side query --epochs 0
                                           the model's own state read again with the words of a
                                           question: an experiment of the lab, here untrained
  manage.py tune show 3                    its figures, and how far it is
  manage.py tune stop 3                    it keeps what it learned; resume 3 goes on
  manage.py spaces create tuned --encoder tuned:3
                                           a space of it; tuned:3@0.75 is three quarters of the way
                                           (`show` tells what each strength measured)
  manage.py spaces activate tuned          it serves, if it measured better
  manage.py tune export 3 medical.safetensors
  manage.py tune import medical.safetensors
  manage.py tune measure 3                 what an imported one is worth here
  manage.py tune remove 3
"""
ACTIONS = ("start", "list", "show", "stop", "resume", "measure", "export", "import", "remove")


class Command(BaseCommand):
    help = "Bend the shipped model towards this glossary, and see whether that made it better."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.formatter_class, parser.epilog = RawDescriptionHelpFormatter, EPILOG
        parser.add_argument(
            "action", nargs="?", default="start", choices=ACTIONS, help="start if left out"
        )
        parser.add_argument("what", nargs="*", help="the number of a tuning; a file")
        parser.add_argument("--kind", choices=Tuning.Kind.values, default="lora")
        parser.add_argument(
            "--side", choices=Tuning.Side.values, default="both", help="what it adapts"
        )
        parser.add_argument("--epochs", type=int, help="rounds over the pairs, if not usual")
        parser.add_argument("--seed", type=int, default=1, help="another one holds out others (1)")
        parser.add_argument(
            "--pairs", default=",".join(USUAL), help="kinds, with commas between (%(default)s)"
        )
        parser.add_argument("--rate", type=float, help="the highest learning rate, if not usual")
        parser.add_argument("--here", action="store_true", help="in this process, with a bar")

    def handle(self, *args: Any, **options: Any) -> None:
        getattr(self, f"_{options['action']}")(options)

    def _start(self, options: dict[str, Any]) -> None:
        kinds = [kind.strip() for kind in options["pairs"].split(",")]
        if unknown := set(kinds) - KINDS.keys():
            raise CommandError(f"No pairs are called {unknown}; there are {', '.join(KINDS)}.")
        names = ("epochs", "seed", "rate")
        asked = {name: options[name] for name in names if options[name] is not None}
        try:
            tuning = Tuning.objects.ask_for(options["kind"], options["side"], kinds, **asked)
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from error
        self._go(tuning, options)

    def _resume(self, options: dict[str, Any]) -> None:
        tuning = _tuning(options)
        if not Tuning.objects.filter(pk=tuning.pk).resume():
            raise CommandError(f"{tuning} is {tuning.state}: there is nothing to go on with.")
        self._go(tuning, options)

    def _measure(self, options: dict[str, Any]) -> None:
        tuning = _tuning(options)
        if not Tuning.objects.filter(pk=tuning.pk).measure():
            raise CommandError(
                f"{tuning} is not measured: it has to be done, not measured here yet, and no space"
                " may be of it."
            )
        self._go(_found(tuning.pk), options)

    def _go(self, tuning: Tuning, options: dict[str, Any]) -> None:
        if options["here"]:
            self._carry_out(tuning)
            self._print(_found(tuning.pk))
        else:
            doorbell.ring_tuner()
            self.stdout.write(f"{tuning} waits: `manage.py tune show {tuning.pk}` says how far.")

    def _carry_out(self, tuning: Tuning) -> None:
        from embeddings.tuning import work  # imports torch

        with work.one_at_a_time() as is_ours, tqdm(unit=" steps", disable=None) as bar:
            if not is_ours:
                raise CommandError(f"Another tuning is at work; {tuning} waits for it.")

            def watch(now: Tuning) -> None:
                bar.total, bar.n = now.steps, now.step
                bar.set_description(now.doing)

            work.carry_out(tuning, watch)

    def _list(self, options: dict[str, Any]) -> None:
        for tuning in Tuning.objects.light():
            self.stdout.write(f"{tuning.pk:>4}  {summary(tuning)}")

    def _show(self, options: dict[str, Any]) -> None:
        self._print(_tuning(options))

    def _print(self, tuning: Tuning) -> None:
        self.stdout.write(f"{tuning}: {summary(tuning)}")
        for line in lines(tuning):
            self.stdout.write(f"  {line}")
        if tuning.state == Tuning.State.FAILED:
            raise CommandError(tuning.error)

    def _stop(self, options: dict[str, Any]) -> None:
        tuning = _tuning(options)
        if not Tuning.objects.filter(pk=tuning.pk).stop():
            raise CommandError(f"{tuning} is {tuning.state}: there is nothing to stop.")
        self.stdout.write(f"{tuning} is stopped.")

    def _export(self, options: dict[str, Any]) -> None:
        tuning = _tuning(options)
        if tuning.state != Tuning.State.DONE:
            raise CommandError(f"{tuning} is {tuning.state}: there is no adapter yet.")
        file = _file(options["what"][1:])
        try:
            card = exchange.export(tuning, file)
        except OSError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"Wrote {file}, and its card {card}.")

    def _import(self, options: dict[str, Any]) -> None:
        try:
            tuning = exchange.import_file(_file(options["what"]))
        except (BadAdapter, OSError) as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"Imported as {tuning}.")

    def _remove(self, options: dict[str, Any]) -> None:
        tuning = _tuning(options)
        if used := list(tuning.spaces()):
            raise CommandError(f"The space “{used[0]}” is of it; remove that first.")
        tuning.delete()
        self.stdout.write("Removed.")


def _tuning(options: dict[str, Any]) -> Tuning:
    asked = options["what"][:1]
    if not (asked and asked[0].isdecimal()):
        raise CommandError(f"Write the number of a tuning: `manage.py tune {options['action']} 3`.")
    return _found(int(asked[0]))


def _found(pk: int) -> Tuning:
    tuning = Tuning.objects.filter(pk=pk).first()
    if tuning is None:
        raise CommandError(f"There is no tuning {pk}.")
    return tuning


def _file(what: list[str]) -> Path:
    if not what or not what[0].endswith(".safetensors"):
        raise CommandError("Name a file that ends in .safetensors.")
    return Path(what[0])
