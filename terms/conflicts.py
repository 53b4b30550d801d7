"""What both sides changed, in words: the rows of a page that asks which text stays."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from terms.admin.examples import joined
from terms.entry import AliasText, SenseText
from terms.history import word_parts
from terms.merging import Conflict
from terms.models import Alias


@dataclass(frozen=True)
class Question:
    """A field as the page shows it: `mine` as (tag, text), the words that differ marked."""

    path: str
    title: str
    mine: list[tuple[str, str]]
    theirs: str


def questions(conflicts: Iterable[Conflict]) -> list[Question]:
    return [_question(conflict) for conflict in conflicts]


def _question(conflict: Conflict) -> Question:
    mine, theirs = said(conflict.mine), said(conflict.theirs)
    return Question(conflict.path, _title(conflict), list(word_parts(theirs, mine)), theirs)


def _title(conflict: Conflict) -> str:
    of_sense = f" of sense {conflict.sense}" if conflict.sense and conflict.field != "sense" else ""
    what = f"sense {conflict.sense or ''}" if conflict.field == "sense" else conflict.field
    return f"{what.replace('_', ' ')}{of_sense}".strip().capitalize()


def said(value: Any) -> str:
    """A field's value in words."""
    match value:
        case None:
            return "(taken away)"
        case SenseText():
            return value.definition
        case AliasText():
            return f"{value.name} ({Alias.Kind(value.kind).label})"
        case list():
            return joined(value)
        case bool():
            return "yes" if value else "no"
    return str(value) or "(nothing)"
