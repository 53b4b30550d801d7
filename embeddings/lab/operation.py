"""What every operation of the lab is made of."""

import math
from dataclasses import dataclass, field
from typing import Any, ClassVar

import numpy as np
from drf_spectacular.utils import extend_schema_serializer
from numpy.typing import NDArray
from rest_framework import serializers

from embeddings.lab.workspace import Workspace
from terms.api.serializers import TermReferenceSerializer


@dataclass(frozen=True)
class Result:
    """What an operation answers; each has fields of its own.

    `vectors`, by name: (d,) or (n, d), for those who ask for them.
    """

    vectors: dict[str, NDArray[np.float32]] = field(default_factory=dict, kw_only=True)


class Asked(serializers.Serializer[Any]):
    """The parameters of an operation, the same on its page and by REST."""

    vectors = serializers.BooleanField(
        default=False, help_text="Whether the vectors come with the answer."
    )


class NumberField(serializers.FloatField):
    """A number; “nan” and “inf”, which Python reads as such too, are none."""

    def to_internal_value(self, data: Any) -> float:
        value = super().to_internal_value(data)
        if not math.isfinite(value):
            self.fail("invalid")
        return value


class Found(serializers.Serializer[Any]):
    """What REST answers."""

    vectors = serializers.DictField(
        required=False, help_text="By name: lists of numbers, where they were asked for."
    )


@extend_schema_serializer(component_name="NearTerm")  # “Hit” is the look-up's
class HitSerializer(serializers.Serializer[Any]):
    """A term near a vector."""

    term = TermReferenceSerializer()
    sense = serializers.CharField(source="sense.key", help_text="The key of the nearest sense.")
    cosine = serializers.FloatField(help_text="To the entry of that sense.")


class PlacedHitSerializer(serializers.Serializer[Any]):
    """What has a `hit` and says more about it."""

    term = TermReferenceSerializer(source="hit.term")
    sense = serializers.CharField(source="hit.sense.key", help_text="The key of the nearest sense.")
    cosine = serializers.FloatField(source="hit.cosine", help_text="To the entry of that sense.")


class Operation:
    """One operation: `Asked` says what it is given, `Found` how its result is told by REST.

    Its page is `lab/<name>.html`. `defined_by` is the slug of the entry that describes it;
    `examples` are parameters that show something on the starter glossary. One that
    `asks_nothing` answers at once, with its defaults.
    """

    title: ClassVar[Any]
    lead: ClassVar[Any]
    defined_by: ClassVar[str] = "latent-operations"
    examples: ClassVar[list[dict[str, str]]] = []
    asks_nothing: ClassVar[bool] = False
    Asked: ClassVar[type[Asked]]
    Found: ClassVar[type[Found]]

    def __init__(self, name: str) -> None:
        self.name = name

    @property
    def template(self) -> str:
        return f"lab/{self.name}.html"

    def answer(self, workspace: Workspace, **asked: Any) -> Result:
        """Raises Impossible where what was given has no answer."""
        raise NotImplementedError
