"""Spaces as an operator handles them: commands, the one that serves, weights, indexes, the bell."""

import io
import shutil
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction

from embeddings import doorbell, indexes, pipeline
from embeddings.encoders import EncoderUnavailable, describe, forget, load, shipped
from embeddings.encoders.hashing import HashingEncoder
from embeddings.models import Embedding, Pending, Space
from embeddings.text import fingerprint
from tests.factories import make_sense, make_term

pytestmark = pytest.mark.django_db


def command(*arguments: str, **options: Any) -> str:
    out = io.StringIO()
    call_command(*arguments, stdout=out, **options)
    return out.getvalue()


def test_it_serves_one_space_only(space: Space) -> None:
    with pytest.raises(IntegrityError, match="space_one_active"), transaction.atomic():
        Space.objects.begin("hashing", name="second", state="active")
    assert Space.objects.ensure_default() == space


def test_it_creates_fills_and_activates_by_command(space: Space) -> None:
    make_sense(make_term())
    command("embed")
    assert "building  second" in command("spaces", "create", "second", "--encoder", "hashing")
    with pytest.raises(CommandError, match="2 senses are not embedded in it yet"):
        command("spaces", "activate", "second")
    assert "2 embedded" in command("embed")
    assert "active    second" in command("spaces", "activate", "second")
    assert "retired   hashing" in command("spaces", "list")
    assert Embedding.objects.filter(space=space).count() == 6, "the way back is kept"
    command("spaces", "activate", "hashing")
    assert Space.objects.serving() == space


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("create", "hashing", "--encoder", "hashing"), "already"),
        (("create", "other", "--encoder", "magic"), "no encoder 'magic'; there are: folder, "),
        (("activate", "nothing"), "no space"),
    ],
)
def test_it_says_why_it_cannot(space: Space, arguments: tuple[str, ...], words: str) -> None:
    with pytest.raises(CommandError, match=words):
        command("spaces", *arguments)


def test_it_catches_up_after_standing_aside(space: Space) -> None:
    """What changed while a space was retired is in its outbox once it serves again."""
    term = make_term("token", "Old.")
    command("embed")
    other = Space.objects.begin("hashing", name="other")
    other.activate()
    term.senses.update(definition="New.")
    space.activate()
    command("embed")
    stored = Embedding.objects.get(space=space, view="definition")
    assert bytes(stored.text_hash) == fingerprint("New.")


def test_it_embeds_by_command_and_again_does_nothing(space: Space) -> None:
    make_term()
    assert "1 embedded, 0 parked" in command("embed")
    stamps = list(Embedding.objects.values_list("id", "updated_at"))
    assert "every sense is embedded" in command("embed")
    assert list(Embedding.objects.values_list("id", "updated_at")) == stamps


def test_it_removes_vectors_and_outbox_with_the_sense(space: Space) -> None:
    term = make_term()
    command("embed")
    make_sense(term)
    term.delete()
    assert not Embedding.objects.exists()
    assert not Pending.objects.exists()


def test_it_rings_once_for_a_transaction(space: Space) -> None:
    term = make_term()
    connection.run_on_commit.clear()
    for _ in range(3):
        make_sense(term)
    rings = [callback for _, callback, *_ in connection.run_on_commit if callback is doorbell.ring]
    assert len(rings) == 1
    connection.run_on_commit.clear()


@pytest.mark.parametrize("damage", ["missing", "damaged"])
def test_it_refuses_missing_or_damaged_weights(tmp_path: Path, settings: Any, damage: str) -> None:
    model = tmp_path / "model"
    original = shipped.folder()
    model.mkdir()
    if damage == "damaged":
        shutil.copy(original / "config.json", model)
        (model / "model.safetensors").write_bytes(b"not the weights")
    settings.MODEL_DIR = str(model)
    with pytest.raises(EncoderUnavailable, match=damage):
        load("sentence_transformers")
    assert describe("sentence_transformers").sha256 == shipped.SHA256


@pytest.mark.django_db(transaction=True)
def test_it_drops_an_index_that_is_invalid_or_of_no_space(
    space: Space, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(indexes, "EXACT_BELOW", 1)
    make_term()
    while pipeline.embed_due(space, load("hashing")):
        pass
    indexes.build(space)
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE pg_index SET indisvalid = false WHERE indexrelid = %s::regclass",
            [indexes.name_of(space)],
        )
    indexes.maintain()
    assert indexes._names(indexes.INVALID) == set()
    assert indexes._names(indexes.PRESENT) == {indexes.name_of(space)}
    space.delete()
    indexes.maintain()
    assert indexes._names(indexes.PRESENT) == set()


def test_it_loads_an_encoder_once_however_many_threads_ask(
    monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    made = []

    class Slow(HashingEncoder):
        def __init__(self) -> None:
            time.sleep(0.05)
            made.append(self)

    monkeypatch.setattr("tests.embeddings.test_spaces.SlowEncoder", Slow, raising=False)
    settings.ENCODERS = settings.ENCODERS | {"slow": "tests.embeddings.test_spaces.SlowEncoder"}
    with ThreadPoolExecutor(4) as pool:
        encoders = list(pool.map(load, ["slow"] * 4))
    forget()
    assert len(made) == len(set(map(id, encoders))) == 1
