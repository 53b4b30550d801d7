"""Several of what an operation may be given: terms, texts and vectors, or the senses of a topic.

One a line, or with commas between them where there is one line; in JSON a list. `topic:<slug>`
stands for the public senses of a topic and of those below it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from django.db.models import TextField
from django.db.models.functions import MD5, Cast
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from embeddings.lab.given import SHOWN, Given, NotGiven, of_vector, read
from embeddings.lab.workspace import Workspace
from embeddings.operations import Impossible
from embeddings.vectors import Matrix
from terms.models import Sense, Term, Topic
from terms.search import MAX_QUERY
from terms.text import slugify

WRITTEN = 50  # members, at the most
OF_TOPIC = 500
LONGEST = WRITTEN * MAX_QUERY
TOPIC = "topic:"


@dataclass(frozen=True)
class Group:
    """`asked`: as it stands in the address. `members`: each once."""

    asked: str
    members: list[Given]

    @property
    def vectors(self) -> Matrix:
        """(n, d)"""
        return np.stack([member.vector for member in self.members])

    @property
    def senses(self) -> set[int]:
        return {member.sense.pk for member in self.members if member.sense}

    @property
    def terms(self) -> set[int]:
        return {member.term.pk for member in self.members if member.term}

    @property
    def name(self) -> str:
        return in_short(self.asked)

    def shared_with(self, other: "Group") -> list[str]:
        """The names of those that are members of both."""
        theirs = {_identity(member) for member in other.members}
        return [member.name for member in self.members if _identity(member) in theirs]


def _identity(given: Given) -> Any:
    return given.sense.pk if given.sense else given.asked


def parts(text: str) -> list[str]:
    """What stands on the lines of a text or, where it has but one, between its commas.

    >>> parts("recall, precision"), parts("recall, as a share\\nprecision\\n")
    (['recall', 'precision'], ['recall, as a share', 'precision'])
    """
    lines = text.split("\n")
    if len(lines) == 1 and not text.startswith("vector:"):
        lines = text.split(",")
    return [line.strip() for line in lines if line.strip()]


def in_short(text: str) -> str:
    """A group in few words.

    >>> in_short("topic:language-models"), in_short("a, b, c, d")
    ('language models', 'a, b, c …')
    """
    names = [
        part.removeprefix(TOPIC).replace("-", " ") if part.startswith(TOPIC) else part
        for part in parts(text)
    ]
    return ", ".join(names[:3])[:SHOWN] + (" …" if len(names) > 3 else "")


def gather(workspace: Workspace, asked: list[Any]) -> Group:
    """Raises NotGiven, Impossible, EncoderUnavailable, with what is wrong of which member."""
    if len(asked) > WRITTEN:
        message = _("A group has up to %(most)d lines; this one has %(count)d.")
        raise NotGiven(message % {"most": WRITTEN, "count": len(asked)})
    texts = [part for part in asked if isinstance(part, str)]
    known = _by_slug(workspace, [text for text in texts if ":" not in text])
    found: dict[Any, Given] = {}
    for part in asked:
        for member in _members(workspace, part, known):
            found.setdefault(_identity(member), member)
    lines = [part if isinstance(part, str) else _vector(workspace, part).asked for part in asked]
    return Group("\n".join(lines), list(found.values())[:OF_TOPIC])


def _members(workspace: Workspace, part: Any, known: dict[str, Given]) -> list[Given]:
    if not isinstance(part, str):
        return [_vector(workspace, part)]
    if part.startswith(TOPIC):
        return _of_topic(workspace, part.removeprefix(TOPIC).strip())
    if len(part) > MAX_QUERY and not part.startswith("vector:"):
        message = _("A text has up to %(most)d characters; this one is longer: %(text)s…")
        raise NotGiven(message % {"most": MAX_QUERY, "text": part[:SHOWN]})
    member = known.get(slugify(part)) if ":" not in part else None
    return [member or read(workspace, part)]


def _vector(workspace: Workspace, numbers: Any) -> Given:
    if not isinstance(numbers, list):
        raise NotGiven(_("A member is a name, words of your own, or a list of numbers."))
    return of_vector(workspace, numbers)


def _by_slug(workspace: Workspace, names: Iterable[str]) -> dict[str, Given]:
    """The terms among the names, by their slugs, in two queries; the rest is read one by one."""
    terms = Term.objects.published().filter(
        language=workspace.language, slug__in={slugify(name) for name in names}
    )
    firsts = Sense.objects.filter(term__in=terms).select_related("term")
    ordered = firsts.order_by("term_id", "position").distinct("term_id")
    return {str(member.asked): member for member in _placed(workspace, ordered)}


def _of_topic(workspace: Workspace, slug: str) -> list[Given]:
    """At random, but always the same ones, where it has more than OF_TOPIC."""
    topics = Topic.objects.with_descendants(slug).values_list("id", flat=True)
    senses = Sense.objects.published().filter(
        term__language=workspace.language, topics__in=list(topics)
    )
    chosen = senses.order_by(MD5(Cast("pk", TextField())), "pk").distinct()
    found = _placed(workspace, chosen.select_related("term")[:OF_TOPIC])
    if not found:
        raise NotGiven(_("There is no topic “%(slug)s” with terms here.") % {"slug": slug[:SHOWN]})
    return found


def _placed(workspace: Workspace, senses: Iterable[Sense]) -> list[Given]:
    """Those of the senses that have a vector."""
    found = list(senses)
    vectors = workspace.entries(sense.pk for sense in found)
    return [
        Given("term", sense.term.slug, vector, sense.term, sense)
        for sense, vector in zip(found, vectors, strict=True)
        if vector.any()
    ]


@extend_schema_field(
    {
        "oneOf": [
            {
                "type": "string",
                "maxLength": LONGEST,
                "example": "recall, precision, topic:training",
            },
            {
                "type": "array",
                "maxItems": WRITTEN,
                "items": {
                    "oneOf": [
                        {"type": "string"},
                        {"type": "array", "items": {"type": "number"}},
                    ]
                },
            },
        ]
    }
)
class GroupField(serializers.Field[Group | None, Any, dict[str, Any], Any]):
    """A parameter that is a `Group`; None for a blank one that is not required."""

    default_error_messages = {
        "blank": "Name the members of the group, or a topic.",
        "long": "A group has up to {most} characters; this one is longer.",
        "kind": "Lines of text, or a list.",
    }

    def to_internal_value(self, data: Any) -> Group | None:
        asked = self._parts(data)
        if not asked:
            return self.fail("blank") if self.required else None
        try:
            return gather(self.context["workspace"], asked)
        except (NotGiven, Impossible) as error:
            raise serializers.ValidationError(str(error)) from error

    def _parts(self, data: Any) -> list[Any]:
        if isinstance(data, list):
            return [part for part in data if part not in ("", [])]
        if not isinstance(data, str):
            self.fail("kind")
        if len(data) > LONGEST and not data.startswith("vector:"):
            self.fail("long", most=LONGEST)
        return parts(data.replace("\x00", ""))

    def to_representation(self, value: Group | None) -> dict[str, Any]:
        return {} if value is None else {"asked": value.asked, "members": len(value.members)}
