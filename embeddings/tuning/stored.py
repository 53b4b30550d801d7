"""Adapters as they are kept and exchanged: safetensors of a known make, checked without torch."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import load, save

FORMAT = "lexispace-adapter-1"
MAX_BYTES = 2**20
LAYERS, WIDTH = 6, 384  # of all-MiniLM-L6-v2
RANK, BOTTLENECK, PROMPT = 16, 32, 16
PARTS = ("query", "key", "value")

Shapes = dict[str, tuple[int, ...]]
Weights = dict[str, NDArray[np.float32]]


class BadAdapter(ValueError):
    """Bytes that are no adapter of the kind that they are said to be."""


def _low_rank() -> Shapes:
    places = [f"{layer}_{part}" for layer in range(LAYERS) for part in PARTS]
    down: Shapes = {f"{place}_down": (RANK, WIDTH) for place in places}
    return down | {f"{place}_up": (WIDTH, RANK) for place in places}


def _bottleneck() -> Shapes:
    shapes: Shapes = {}
    for layer in range(LAYERS):
        shapes |= {f"{layer}_down": (BOTTLENECK, WIDTH), f"{layer}_down_bias": (BOTTLENECK,)}
        shapes |= {f"{layer}_up": (WIDTH, BOTTLENECK), f"{layer}_up_bias": (WIDTH,)}
    return shapes


SHAPES: dict[str, Shapes] = {
    "lora": _low_rank(),
    "prompt": {"prompt": (PROMPT, WIDTH)},
    "bottleneck": _bottleneck(),
    "feedback": {"map": (WIDTH, WIDTH), "gate": (WIDTH,)},
}


def packed(weights: Weights) -> bytes:
    return save(dict(sorted(weights.items())))


def unpacked(content: bytes, kind: str) -> Weights:
    """The weights by name, float32. Raises BadAdapter for what is no whole adapter of the kind."""
    if len(content) > MAX_BYTES:
        raise BadAdapter(f"The file has {len(content):,} bytes, more than {MAX_BYTES:,}.")
    weights = _read(content)
    found = {name: weight.shape for name, weight in weights.items()}
    if found != SHAPES[kind]:
        wrong = sorted(found.items() ^ SHAPES[kind].items(), key=str)
        raise BadAdapter(f"This is no adapter of the kind “{kind}”: see {wrong[0][0]!r}.")
    for name, weight in weights.items():
        if weight.dtype != np.float32 or not np.isfinite(weight).all():
            raise BadAdapter(f"{name!r} holds other than finite numbers of 32 bits.")
    return weights


def _read(content: bytes) -> Weights:
    try:
        return dict(load(content))
    except Exception as error:  # whatever the library raises: it is not what was expected
        raise BadAdapter(f"This is no safetensors file: {error}") from error


def card_of(kind: str, **about: Any) -> dict[str, Any]:
    """What goes with an adapter, in a form that another glossary can read."""
    return {"format": FORMAT, "kind": kind, **about}
