"""Workers that are killed, and workers that crash at each step of their work (A1, A2, A4)."""

import os
import random
import subprocess
import sys

import psutil
import pytest
from django.conf import settings

from embeddings import claims
from embeddings.models import Pending
from embeddings.watchdog import EXIT_CODE
from tests.faults import failpoints, harness
from tests.faults.harness import SEED, STARTS, Ledger, Services

pytestmark = pytest.mark.processes

SLOW = {"FAULTS_SECONDS_A_TEXT": "0.01"}
SAVE = """
import django; django.setup()
from terms.models import Sense
sense = Sense.objects.get(pk={pk}); sense.definition = {definition!r}; sense.save()
"""


def test_it_embeds_everything_after_its_child_is_killed_in_mid_batch(
    services: Services, ledger: Ledger
) -> None:
    chance = random.Random(SEED)
    ledger.write(300)
    with services.worker(**SLOW) as worker:
        for number in range(5):
            harness.kill_encoding_child(services, worker, chance)
            ledger.edit(5, f"Edit {number}:")
        harness.hold(services, ledger, "child killed 5 times", healed=ledger.is_clean)
    assert ledger.parked() == {}


@pytest.mark.model
def test_it_embeds_everything_after_the_real_model_is_killed(
    services: Services, real: Ledger
) -> None:
    real.write(100)
    with services.worker() as worker:
        for _ in range(2):
            assert services.until(lambda: _kill_claimant(real), STARTS)
        harness.hold(services, real, "real model killed twice", healed=real.is_clean)
        assert worker.is_running()
    assert real.parked() == {}


def test_it_embeds_everything_after_the_worker_is_killed(
    services: Services, ledger: Ledger
) -> None:
    chance = random.Random(SEED)
    ledger.write(300)
    with services.worker(**SLOW) as worker:
        for number in range(3):
            services.until(worker.is_running, STARTS)
            harness.await_encoding(services, worker, chance)
            harness.kill(worker)
            ledger.edit(5, f"Edit {number}:")
        harness.hold(services, ledger, "worker killed 3 times", healed=ledger.is_clean)
    assert ledger.parked() == {}


@pytest.mark.parametrize("step", failpoints.WORKER_STEPS)
def test_it_embeds_everything_after_a_crash_at(
    step: str, services: Services, ledger: Ledger
) -> None:
    ledger.write(80)
    with services.worker(FAULTS_CRASH=f"{step}:2"):
        assert services.until(lambda: _crashes() >= 1, STARTS)
        harness.hold(services, ledger, f"crash when {step}", healed=ledger.is_clean)
        # The steps after the write crash a second time only when there is something to write.
        assert _crashes() >= 1
    assert ledger.parked() == {}


def test_it_embeds_an_edit_whose_writer_dies_before_it_rings(
    services: Services, ledger: Ledger
) -> None:
    sense = ledger.write_one("Before.")
    with services.worker():
        assert services.until(ledger.is_clean, STARTS)
        _save_and_die(sense, "Saved, but nobody was told.")
        ledger.saved[sense] = "Saved, but nobody was told."
        harness.hold(services, ledger, "crash before the doorbell", healed=ledger.is_clean)


def test_a_worker_that_consumes_nothing_ends_itself(services: Services, ledger: Ledger) -> None:
    ledger.write(20)
    with services.worker("--queues", "nowhere") as worker:
        assert worker.process is not None
        assert worker.process.wait(STARTS) == EXIT_CODE
        assert Pending.objects.filter(attempts=0).count() == 20
    with services.worker():
        harness.hold(services, ledger, "deaf worker replaced", healed=ledger.is_clean)


def _kill_claimant(ledger: Ledger) -> bool:
    """Kills the process that holds claims at present; whether there was one."""
    claimed = ledger.space.pending.exclude(claimed_by="").values_list("claimed_by", flat=True)
    living = [name for name in claimed.distinct() if not claims.is_gone(name)]
    for name in living:
        psutil.Process(claims.pid_of(name)).kill()
    return bool(living)


def _save_and_die(sense: int, definition: str) -> None:
    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": "tests.faults.settings",
        "FAULTS_CRASH": "saved:1",
    }
    saved = subprocess.run(
        [sys.executable, "-c", SAVE.format(pk=sense, definition=definition)],
        cwd=settings.BASE_DIR,
        env=environment,
        check=False,
    )
    assert saved.returncode == 1
    assert _crashes() == 1


def _crashes() -> int:
    record = failpoints.crashes()
    return record.stat().st_size if record.exists() else 0
