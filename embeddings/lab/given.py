"""What an operation is given: a term, one of its senses, words of the reader's own, or a vector.

As text, `latent space` is the term of that name where there is one, and else the words themselves;
`term:`, `sense:` and `text:` before it leave no doubt, and `vector:` is followed by numbers with
commas between them. In JSON a list of numbers is a vector.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from django.http import Http404
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from embeddings import operations
from embeddings.lab.workspace import Workspace
from embeddings.operations import Impossible
from embeddings.vectors import Vector
from terms.addresses import Gone, Many, Moved, resolve
from terms.models import Sense, Term
from terms.search import MAX_QUERY

KINDS = ("term", "sense", "text", "vector")
NUMBERS = 24  # characters of a vector's number, at the most
SHOWN = 60  # characters of a text that stand for it


class NotGiven(ValueError):
    """Nothing in this glossary is meant by what was given, in words for readers."""


@dataclass(frozen=True)
class Given:
    """`asked`: as it stands in the address. `vector`: (d,), a unit vector.

    A term is given by one of its senses, the first one unless another was asked for.
    """

    kind: str
    asked: str
    vector: Vector
    term: Term | None = None
    sense: Sense | None = None

    @property
    def name(self) -> str:
        if self.term:
            return self.term.name
        if self.kind == "vector":
            return _("a vector")
        return self.asked if len(self.asked) <= SHOWN else f"{self.asked[: SHOWN - 1]}…"

    @property
    def words(self) -> str:
        """What the reader wrote; "" for what is no text."""
        return self.asked.removeprefix("text:").strip() if self.kind == "text" else ""

    @property
    def url(self) -> str:
        """Of the sense; "" for what is no term."""
        if self.term is None or self.sense is None:
            return ""
        return f"{self.term.get_absolute_url()}#{self.sense.key}"


def terms_of(*given: Given) -> list[int]:
    """The ids of those that are terms."""
    return [each.term.pk for each in given if each.term]


def read(workspace: Workspace, asked: str) -> Given:
    """What a text means. Raises NotGiven, Impossible, EncoderUnavailable."""
    kind, colon, rest = asked.partition(":")
    rest = rest.strip()
    if not colon or kind not in KINDS:
        return _meant(workspace, asked)
    if not rest:
        raise NotGiven(_("Nothing follows “%(kind)s:”.") % {"kind": kind})
    if kind == "term":
        return _sense_of(workspace, asked, _term(workspace.language, rest))
    if kind == "sense":
        return _sense(workspace, asked, rest)
    if kind == "vector":
        return of_vector(workspace, _numbers(rest))
    return Given("text", asked, workspace.encode(rest))


def of_vector(workspace: Workspace, numbers: list[Any]) -> Given:
    """Raises NotGiven for another length, Impossible for one that has no direction."""
    dimensions = workspace.space.dimensions
    if len(numbers) != dimensions:
        raise NotGiven(
            _("The vector has %(count)d numbers; this space has %(dimensions)d dimensions.")
            % {"count": len(numbers), "dimensions": dimensions}
        )
    try:
        vector = np.asarray(numbers, dtype=np.float64)
    except (TypeError, ValueError, OverflowError):
        raise NotGiven(_("A vector is made of numbers alone.")) from None
    if vector.ndim > 1:
        raise NotGiven(_("A vector is made of numbers alone."))
    unit = operations.directed(vector, _("The vector is zero: it points nowhere."))
    return Given("vector", "vector:" + ",".join(f"{x:.6g}" for x in unit), unit)


def _numbers(text: str) -> list[float]:
    parts = text.split(",")
    try:
        return [float(part[:NUMBERS]) for part in parts]
    except ValueError:
        raise NotGiven(_("A vector is made of numbers alone.")) from None


def _meant(workspace: Workspace, asked: str) -> Given:
    try:
        term = _term(workspace.language, asked)
    except NotGiven:
        return Given("text", asked, workspace.encode(asked))
    return _sense_of(workspace, asked, term)


def _term(language: str, name: str) -> Term:
    try:
        found = resolve(language, name)
    except Http404:
        found = None
    match found:
        case Term() as term:
            return term
        case Moved(term):
            return term
        case Many(_name, terms):
            those = ", ".join(f"term:{term.slug}" for term in terms)
            message = _("“%(name)s” names several terms; choose one: %(terms)s.")
            raise NotGiven(message % {"name": name, "terms": those})
        case Gone(removed):
            raise NotGiven(_("“%(name)s” is no longer in the glossary.") % {"name": removed})
    raise NotGiven(_("There is no term “%(name)s” here.") % {"name": name[:SHOWN]})


def _sense_of(workspace: Workspace, asked: str, term: Term) -> Given:
    senses = sorted(term.senses.all(), key=lambda sense: sense.position)
    if not senses:
        raise NotGiven(_("“%(name)s” has no definition.") % {"name": term.name})
    return _placed(workspace, "term", asked, term, senses[0])


def _sense(workspace: Workspace, asked: str, key: str) -> Given:
    senses = Sense.objects.published().filter(term__language=workspace.language)
    sense = senses.select_related("term").filter(key=key).first()
    if sense is None:
        raise NotGiven(_("There is no sense “%(key)s” here.") % {"key": key[:SHOWN]})
    return _placed(workspace, "sense", asked, sense.term, sense)


def _placed(workspace: Workspace, kind: str, asked: str, term: Term, sense: Sense) -> Given:
    vector = workspace.entries([sense.pk])[0]
    if not vector.any():
        message = _("“%(name)s” has no vector yet; try again in a moment.")
        raise NotGiven(message % {"name": term.name})
    return Given(kind, asked, vector, term, sense)


@extend_schema_field(
    {
        "oneOf": [
            {"type": "string", "maxLength": MAX_QUERY, "example": "latent space"},
            {"type": "array", "items": {"type": "number"}},
        ]
    }
)
class GivenField(serializers.Field[Given, Any, dict[str, Any], Any]):
    """A parameter that is a `Given`; its serializer knows the `workspace`."""

    default_error_messages = {
        "blank": "Name a term, or describe something in your own words.",
        "long": "A text has up to {most} characters; this one is longer.",
        "kind": "A name, words of your own, or a list of numbers.",
    }

    def to_internal_value(self, data: Any) -> Given:
        workspace: Workspace = self.context["workspace"]
        try:
            if isinstance(data, list):
                return of_vector(workspace, data)
            return read(workspace, self._text(data))
        except (NotGiven, Impossible) as error:
            raise serializers.ValidationError(str(error)) from error

    def _text(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("kind")
        text = data.strip()
        if not text:
            self.fail("blank")
        if len(text) > MAX_QUERY and not text.startswith("vector:"):
            self.fail("long", most=MAX_QUERY)
        return text

    def to_representation(self, value: Given) -> dict[str, Any]:
        shown: dict[str, Any] = GivenSerializer(value, context=self.context).data
        return shown


class GivenSerializer(serializers.Serializer[Given]):
    """What was meant by a parameter."""

    kind = serializers.ChoiceField(KINDS)
    name = serializers.CharField()
    slug = serializers.CharField(source="term.slug", default=None, allow_null=True)
    sense = serializers.CharField(source="sense.key", default=None, allow_null=True)
