"""Several inputs in one field: a signed sum, `king - man + 0.5 woman`, and pairs, `a > b` a line.

Each input is written as it would be by itself (lab/given.py). In JSON a field is a text, or a list
of texts that stand for lines.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, TypeVar

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from embeddings.lab.given import Given, NotGiven, read
from embeddings.lab.workspace import Workspace
from embeddings.operations import Impossible
from terms.models import Relation
from terms.search import MAX_QUERY

MOST_INPUTS = 8
MOST_PAIRS = 200
MOST_WEIGHT = 10.0
CURATED = "relation:"
# A sign leads a line, or stands after a space and before a space or a number: “k-means” has none.
SIGN = re.compile(r"(?:^\s*|\s(?=[-+−–][\s\d.]))([-+−–])")
WEIGHT = re.compile(r"(\d+\.?\d*|\.\d+)(?:\s*[*×·]\s*|\s+)(?=\S)")

Line = TypeVar("Line")


@dataclass(frozen=True)
class Weighted:
    """An input of a sum; the weight of what is taken away is below 0."""

    weight: float
    given: Given

    @property
    def sign(self) -> str:
        """What stands before its name, `− 0.5 ×`; a weight of 1 is not told."""
        sign = "+" if self.weight > 0 else "−"
        return sign if abs(self.weight) == 1 else f"{sign} {abs(self.weight):g} ×"


@dataclass(frozen=True)
class Pair:
    """An example of the way that an analogy goes: from `one` to `other`."""

    one: Given
    other: Given


@dataclass(frozen=True)
class Curated:
    """Pairs that are not written out: those of a kind of relation."""

    kind: str


def signed(text: str) -> list[tuple[float, str]]:
    """The weights and inputs of a sum, whose lines go on where the one before ends.

    >>> signed("king - man + 0.5 woman")
    [(1.0, 'king'), (-1.0, 'man'), (0.5, 'woman')]
    >>> signed("k-means\\n-2 × noise")
    [(1.0, 'k-means'), (-2.0, 'noise')]
    """
    found = []
    for line in text.splitlines():
        first, *others = SIGN.split(line)
        parts = [("+", first), *zip(others[::2], others[1::2], strict=True)]
        found += [_weighted(sign, part.strip()) for sign, part in parts if part.strip()]
    return found


def _weighted(sign: str, part: str) -> tuple[float, str]:
    number = WEIGHT.match(part)
    weight = float(number[1]) if number else 1.0
    return weight if sign == "+" else -weight, part[number.end() :] if number else part


class LinesField(serializers.Field[Any, Any, Any, Any]):
    """A parameter of several inputs; its serializer knows the `workspace`."""

    default_error_messages = {
        "text": "A text, or a list of texts.",
        "long": "An input has up to {most} characters; one is longer.",
        "many": "Up to {most} of them; there are {count}.",
    }

    def to_internal_value(self, data: Any) -> Any:
        lines = data if isinstance(data, list) else [data]
        if not all(isinstance(line, str) for line in lines):
            self.fail("text")
        text = "\n".join(lines).replace("\x00", "").strip()
        try:
            return self.read(self.context["workspace"], text)
        except (NotGiven, Impossible) as error:
            raise serializers.ValidationError(str(error)) from error

    def read(self, workspace: Workspace, text: str) -> Any:
        """Raises NotGiven, Impossible, EncoderUnavailable, ValidationError."""
        raise NotImplementedError

    def bounded(self, inputs: list[Line], most: int) -> list[Line]:
        if len(inputs) > most:
            self.fail("many", most=most, count=len(inputs))
        return inputs

    def given(self, workspace: Workspace, inputs: Iterable[str]) -> list[Given]:
        inputs = list(inputs)
        if any(len(each) > MAX_QUERY and not each.startswith("vector:") for each in inputs):
            self.fail("long", most=MAX_QUERY)
        return [read(workspace, each) for each in inputs]


@extend_schema_field({"type": "string", "example": "embedding - word + sentence"})
class SumField(LinesField):
    """`a - b + 0.5 c`: a list of Weighted, one at least of which is added."""

    default_error_messages = {
        "blank": "Name a term, or describe something in your own words.",
        "heavy": "A weight is more than 0 and up to {most:g}.",
        "nothing": "Something has to be added, not only taken away.",
    }

    def read(self, workspace: Workspace, text: str) -> list[Weighted]:
        parts = self.bounded(signed(text), MOST_INPUTS)
        if not parts:
            self.fail("blank")
        weights = [weight for weight, _input in parts]
        if not all(0 < abs(weight) <= MOST_WEIGHT for weight in weights):
            self.fail("heavy", most=MOST_WEIGHT)
        if max(weights) < 0:
            self.fail("nothing")
        given = self.given(workspace, (each for _weight, each in parts))
        return [Weighted(*pair) for pair in zip(weights, given, strict=True)]


@extend_schema_field({"type": "string", "example": "encoder > decoder"})
class PairsField(LinesField):
    """`a > b`, one a line: a list of Pair; or `relation:<kind>`: Curated."""

    default_error_messages = {
        "pair": "A pair is written “a > b”, one a line; “{line}” is not.",
        "kind": "There is no kind of relation “{kind}”; there are: {kinds}.",
    }

    def read(self, workspace: Workspace, text: str) -> list[Pair] | Curated:
        if text.startswith(CURATED):
            return self.curated(text.removeprefix(CURATED).strip())
        lines = [line for line in text.splitlines() if line.strip()]
        sides = [self.sides(line) for line in self.bounded(lines, MOST_PAIRS)]
        ones, others = ([side[end] for side in sides] for end in (0, 1))
        both = self.given(workspace, ones), self.given(workspace, others)
        return [Pair(*pair) for pair in zip(*both, strict=True)]

    def curated(self, kind: str) -> Curated:
        if kind not in Relation.Kind.values:
            self.fail("kind", kind=kind[:20], kinds=", ".join(Relation.Kind.values))
        return Curated(kind)

    def sides(self, line: str) -> list[str]:
        sides = [side.strip() for side in re.split(r"\s*(?:>|→)\s*", line)]
        if len(sides) != 2 or not all(sides):
            self.fail("pair", line=line.strip()[:40])
        return sides
