"""Many editors at once while the worker is killed: no accepted edit is lost, or there twice."""

import os
import random
from collections import Counter
from concurrent.futures import Future, ThreadPoolExecutor

import pytest
from django.contrib.auth.models import User
from django.db import connection

from terms import editing
from terms.editing import Stale
from terms.entry import entry_of
from terms.models import Sense, Term
from terms.models.history import events_of
from tests.factories import make_editor, make_term
from tests.faults import harness
from tests.faults.harness import SEED, STARTS, Ledger, Services

pytestmark = pytest.mark.processes

EDITORS, TERMS = 20, 30
EDITS = int(os.environ.get("FAULTS_EDITS", "10"))  # of each editor
KILLS = 4


def edit(user: User, number: int) -> tuple[list[str], int]:
    """Edits terms at random; returns the definitions that were accepted, and how many were not."""
    chance = random.Random(SEED + number)
    accepted: list[str] = []
    stale = 0
    try:
        while len(accepted) < EDITS:
            term = Term.objects.all()[chance.randrange(TERMS)]
            entry, version = entry_of(term), term.version
            said = f"What editor {number} says, edit {len(accepted)}."
            entry.senses[0].definition = said
            try:
                editing.save(entry, term, by=user, version=version, reason=said)
                accepted.append(said)
            except Stale:
                stale += 1
    finally:
        connection.close()
    return accepted, stale


def test_every_accepted_edit_is_kept_and_embedded(services: Services, ledger: Ledger) -> None:
    chance = random.Random(SEED)
    users = [make_editor(whole=True) for _ in range(EDITORS)]
    for _ in range(TERMS):
        make_term()
    slow = {"FAULTS_SECONDS_A_TEXT": "0.01"}
    with services.worker(**slow) as worker, ThreadPoolExecutor(EDITORS) as editors:
        futures = [editors.submit(edit, user, number) for number, user in enumerate(users)]
        for _ in range(KILLS):
            services.until(worker.is_running, STARTS)
            services.until(lambda: _are_done(futures), chance.uniform(2, 6))
            harness.kill(worker)
        assert services.until(lambda: _are_done(futures), 1800)
        accepted = [said for future in futures for said in future.result()[0]]
        refused = sum(future.result()[1] for future in futures)
        ledger.note(Sense.objects.all())
        case = f"{len(accepted)} edits by {EDITORS}, {refused} refused as stale, {KILLS} kills"
        harness.hold(services, ledger, case, healed=ledger.is_clean)
    assert ledger.parked() == {}
    events = events_of(Sense).filter(pgh_label="update")
    assert Counter(events.values_list("definition", flat=True)) == Counter(accepted)
    told = events.values_list("pgh_context__metadata__reason", "definition")
    assert all(reason == definition for reason, definition in told)


def _are_done(futures: list[Future[tuple[list[str], int]]]) -> bool:
    return all(future.done() for future in futures)
