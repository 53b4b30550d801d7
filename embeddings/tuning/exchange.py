"""Adapters in and out: a .safetensors file and, beside it, a card in JSON that says what it is."""

import hashlib
import json
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.utils import timezone

from embeddings.encoders.shipped import SHA256
from embeddings.tuning.models import Tuning
from embeddings.tuning.pairs import KINDS
from embeddings.tuning.stored import FORMAT, MAX_BYTES, SHAPES, BadAdapter, unpacked

MAX_CARD_BYTES = 100_000


def export(tuning: Tuning, file: Path) -> Path:
    """Writes both; returns the card's path."""
    file.write_bytes(bytes(tuning.adapter or b""))
    card = file.with_suffix(".json")
    card.write_text(json.dumps(tuning.card, indent=2, ensure_ascii=False) + "\n", "utf-8")
    return card


def import_file(file: Path) -> Tuning:
    """A done tuning of the file and of the card beside it. Raises BadAdapter, OSError."""
    return imported(_read(file, MAX_BYTES), _read(file.with_suffix(".json"), MAX_CARD_BYTES))


def imported(content: bytes, card: bytes, made_by: Any = None) -> Tuning:
    """A done tuning of an adapter and its card. Raises BadAdapter.

    Its figures are kept as they are told, but for the gate: `imported` says where they are from.
    """
    said = _card(card)
    unpacked(content, said["kind"])
    sha256 = hashlib.sha256(content).hexdigest()
    if said.get("sha256") != sha256:
        raise BadAdapter("The card is of another file: its sha256 differs.")
    try:
        return Tuning.objects.ask_for(
            **{name: said[name] for name in ("kind", "side", "pairs", "rate", "epochs", "seed")},
            state=Tuning.State.DONE,
            adapter=content,
            sha256=sha256,
            figures={"imported": said.get("figures", {})},
            ended_at=timezone.now(),
            made_by=made_by,
        )
    except ValidationError as error:
        raise BadAdapter(f"The card is of none that can be: {' '.join(error.messages)}") from error


def _read(file: Path, most: int) -> bytes:
    check_size(file.name, file.stat().st_size, most)
    return file.read_bytes()


def check_size(name: str, size: int, most: int) -> None:
    """Raises BadAdapter for a file that is too large to be what it should be."""
    if size > most:
        raise BadAdapter(f"{name} has {size:,} bytes, more than {most:,}.")


def _card(content: bytes) -> dict[str, Any]:
    """The card, its fields of the right kind. Raises BadAdapter."""
    try:
        said = json.loads(content)
    except ValueError as error:
        raise BadAdapter(f"The card is no JSON: {error}") from error
    if not isinstance(said, dict) or said.get("format") != FORMAT:
        raise BadAdapter(f"The card is of another format than {FORMAT}.")
    if said.get("base_sha256") != SHA256:
        raise BadAdapter("The adapter is of another model than the one that is shipped.")
    for name, is_right in FIELDS.items():
        if not is_right(said.get(name)):
            raise BadAdapter(f"The card's {name!r} is none that can be: {said.get(name)!r:.80}")
    return said


FIELDS = {
    "kind": lambda value: value in list(SHAPES),
    "side": lambda value: value in Tuning.Side.values,
    "pairs": lambda value: isinstance(value, list) and set(map(str, value)) <= KINDS.keys(),
    "rate": lambda value: isinstance(value, float) and 0 < value < 1,
    "epochs": lambda value: isinstance(value, int) and 0 <= value < 1_000,
    "seed": lambda value: isinstance(value, int) and 0 <= value < 2**31,
}
