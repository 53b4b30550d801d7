"""Texts that a model fails at (A10), and weights that are missing or damaged (A11)."""

from collections.abc import Callable
from pathlib import Path

import pytest
from django.test import Client

from embeddings.encoders.shipped import folder
from embeddings.querysets import KILLED, MAX_ATTEMPTS
from tests.faults import encoders, harness
from tests.faults.harness import STARTS, Ledger, Services

pytestmark = pytest.mark.processes

PARKED_WITHIN = 120  # seconds: three tries of ten seconds, each with its lease, and the waits
WEIGHTS = "model.safetensors"


@pytest.mark.parametrize(
    "poisons",
    [
        {
            encoders.RAISES: "RuntimeError: the marked text cannot be encoded",
            encoders.GIVES_NAN: "BadVectors: a vector holds NaN or infinity",
        },
        {encoders.DIES: KILLED},
        {encoders.HANGS: KILLED},
    ],
    ids=["raising", "killing", "hanging"],
)
def test_it_parks_only_the_text_that_is(
    poisons: dict[str, str], services: Services, ledger: Ledger
) -> None:
    ledger.write(40)
    reasons = {ledger.write_one(f"Poison {mark}."): why for mark, why in poisons.items()}
    with services.worker():
        harness.hold(
            services,
            ledger,
            f"neighbours of {', '.join(poisons)}",
            healed=lambda: not ledger.stale() - reasons.keys(),
            besides=reasons.keys(),
        )
        assert services.until(lambda: ledger.parked().keys() == reasons.keys(), PARKED_WITHIN)
        assert ledger.is_clean()
    parked = ledger.parked()
    assert {sense: row.last_error for sense, row in parked.items()} == reasons
    assert {row.attempts for row in parked.values()} == {MAX_ATTEMPTS}
    assert ledger.space.pending.count() == len(reasons)


@pytest.fixture
def model_folder(tmp_path: Path) -> Path:
    """A copy of the model's folder, of links, without the weights."""
    for entry in folder().iterdir():
        if entry.name != WEIGHTS:
            (tmp_path / entry.name).symlink_to(entry)
    return tmp_path


def leave_out(weights: Path) -> None:
    weights.unlink(missing_ok=True)


def cut_short(weights: Path) -> None:
    weights.write_bytes((folder() / WEIGHTS).read_bytes()[:1_000_000])


@pytest.mark.model
@pytest.mark.parametrize(
    ("spoil", "cause"),
    [(leave_out, "the weights are missing"), (cut_short, "damaged or of another model")],
    ids=["missing", "damaged"],
)
def test_it_waits_for_the_repair_of_weights_that_are(
    spoil: Callable[[Path], None],
    cause: str,
    services: Services,
    real: Ledger,
    model_folder: Path,
    client: Client,
) -> None:
    spoil(model_folder / WEIGHTS)
    real.write(50)
    with services.worker(LEXISPACE_MODEL_DIR=str(model_folder)) as worker:
        first = worker.process
        assert services.until(lambda: cause in " ".join(_problems(client)), STARTS)
        assert real.waiting() == 50
        _repair(model_folder / WEIGHTS)
        harness.hold(services, real, f"weights: {cause}", healed=real.is_clean)
        assert services.until(lambda: _problems(client) == [], STARTS)
        assert worker.process is first
    assert real.parked() == {}


def _problems(client: Client) -> list[str]:
    answer = client.get("/readyz")
    assert answer.status_code == 200
    problems: list[str] = answer.json()["problems"]
    return problems


def _repair(weights: Path) -> None:
    whole = weights.with_name("whole")
    whole.symlink_to(folder() / WEIGHTS)
    whole.replace(weights)
