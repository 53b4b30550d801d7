"""Eight clients search while a space is built over FOLDOC and made to serve, and back.

Both spaces are of the hashing encoder unless SWITCHING_ENCODER names that of the second: the
figures are of the service and not of a model. The second one weighs its views otherwise, which
tells the answers of the two apart.
"""

import os
import time
from functools import partial
from pathlib import Path

import numpy as np
from django.conf import settings
from django.core.management import call_command

from embeddings import indexes
from embeddings.models import Space
from tests.bench import service
from tests.faults.searchers import CLIENTS, Searchers, Seen, ask_each, mixed

FOLDOC = Path("/usr/share/dictd/foldoc.dict.dz")  # Debian's dict-foldoc
SECOND = os.environ.get("SWITCHING_ENCODER", "hashing")
SETTLED = 200  # answers after each switch


def main() -> None:
    service.START_WITHIN = 3600.0
    os.environ["LEXISPACE_ENCODER"] = "hashing"
    running = service.start("with the hashing encoder")
    try:
        call_command("import_terms", str(FOLDOC), on_conflict="add-sense", verbosity=0)
        service.wait_for(service.is_complete, time.monotonic())
        indexes.maintain()
        service.wait_for_map()  # the worker's one child draws it, and embeds nothing meanwhile
        switch(Space.objects.get())
    finally:
        service.stop(running)


def switch(first: Space) -> None:
    quiet = {first.name: ask_each(settings.PORT)}
    begun = time.monotonic()
    with Searchers(settings.PORT) as searchers:
        second = Space.objects.begin(SECOND, name="second")
        Space.objects.filter(pk=second.pk).update(lookup={"name": 1.0})
        service.wait_for(lambda: not second.progress().waiting, begun)
        built, during = time.monotonic() - begun, len(searchers.seen)
        indexes.maintain()
        for space in (second, first, second):
            space.activate()
            enough = searchers.of(space.name) + SETTLED
            service.wait_for(partial(searchers.has_more_of, space.name, enough), begun)
        seconds = time.monotonic() - begun
    quiet["second"] = ask_each(settings.PORT)
    print(f"{second.progress().total} senses built in {built:.0f} s, {during} answers meanwhile")
    show(searchers, seconds, mixed(searchers.seen, quiet))


def show(searchers: Searchers, seconds: float, wrong: list[Seen]) -> None:
    taken = [seen.milliseconds for seen in searchers.seen]
    p50, p99 = np.percentile(taken, [50, 99])
    print(
        f"{CLIENTS} clients, {len(taken)} answers in {seconds:.0f} s: p50 {p50:.0f} ms,"
        f" p99 {p99:.0f} ms; {len(searchers.errors)} errors, {len(wrong)} of two spaces"
    )
