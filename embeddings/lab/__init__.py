"""The latent lab: what the seed's entries describe, done on this glossary's own vectors.

An operation is a class in a module of its own, named here by the last part of its address. It
turns what was given (`given`) into a result with the control that it is to be read beside, over a
space in a language (`workspace`). The mathematics is in `embeddings/operations.py`; what is
measured over a whole space, once and not for each question, is its `backdrop`.
"""

from functools import cache
from typing import TYPE_CHECKING

from django.utils.module_loading import import_string

if TYPE_CHECKING:
    from embeddings.lab.operation import Operation

OPERATIONS = {
    "neighbours": "embeddings.lab.neighbours.Neighbours",
    "compare": "embeddings.lab.compare.Compare",
    "interpolate": "embeddings.lab.interpolate.Interpolate",
    "arithmetic": "embeddings.lab.arithmetic.Arithmetic",
    "mask": "embeddings.lab.mask.Mask",
    "sample": "embeddings.lab.sample.Sample",
    "direction": "embeddings.lab.direction.DirectionOf",
    "surgery": "embeddings.lab.surgery.Surgery",
    "cluster": "embeddings.lab.cluster.Cluster",
    "reason": "embeddings.lab.reason.Reason",
    "trail": "embeddings.lab.trail.Trail",
}


@cache
def load(name: str) -> "Operation":
    """Raises KeyError for a name that is none of OPERATIONS."""
    made: Operation = import_string(OPERATIONS[name])(name)
    return made
