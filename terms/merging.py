"""Three-way merge of entries: what only one side changed is taken, what both changed is asked.

Names, definitions and the like are asked field by field, of senses known by their keys; aliases,
known by their addresses, each whole. Topics, sources and relations are sets, in which what either
side added or took away counts. Senses and aliases stand as the side wants them that moved some;
where both did, as they stand now.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from terms.entry import AliasText, Entry, SenseText

MINE, THEIRS = "mine", "theirs"
FIELDS = ("name", "slug", "status", "replaced_by", "is_linked")
SENSE_FIELDS = ("definition", "part_of_speech", "register", "examples")
SENSE_SETS = ("topics", "sources")


@dataclass(frozen=True)
class Conflict:
    """What both sides changed. A side that took a whole sense away has None for it."""

    path: str
    field: str
    sense: int  # its number as it stands now, 0 where it is none of a sense
    mine: Any
    theirs: Any


@dataclass
class Merged:
    entry: Entry
    conflicts: list[Conflict] = field(default_factory=list)


def merge(
    base: Entry,
    mine: Entry,
    theirs: Entry,
    choices: Mapping[str, str] | None = None,
    otherwise: str = THEIRS,
) -> Merged:
    """Both sides' changes of the base. `choices`: MINE or THEIRS by the path of a conflict.

    Where no choice is made the conflict is told of, and the entry has what `otherwise` says.

    >>> base, mine, theirs = Entry("a"), Entry("b"), Entry("a", status="draft")
    >>> (both := merge(base, mine, theirs)).entry.name, both.entry.status, both.conflicts
    ('b', 'draft', [])
    >>> [each.path for each in merge(base, mine, Entry("c")).conflicts]
    ['name']
    """
    merging = _Merging(choices or {}, otherwise)
    values: dict[str, Any] = {
        name: merging.pick(name, name, *(getattr(side, name) for side in (base, mine, theirs)))
        for name in FIELDS
    }
    parts: dict[str, Any] = {
        "senses": merging.senses(base.senses, known(mine.senses, base.senses), theirs.senses),
        "aliases": merging.aliases(base.aliases, mine.aliases, theirs.aliases),
        "relations": united(base.relations, mine.relations, theirs.relations),
    }
    return Merged(replace(theirs, **values, **parts), merging.conflicts)


class _Merging:
    def __init__(self, choices: Mapping[str, str], otherwise: str) -> None:
        self.choices = choices
        self.otherwise = otherwise
        self.conflicts: list[Conflict] = []

    def pick(
        self, path: str, name: str, base: Any, mine: Any, theirs: Any, *, sense: int = 0
    ) -> Any:
        if theirs in (base, mine):
            return mine
        if mine == base:
            return theirs
        choice = self.choices.get(path)
        if choice not in {MINE, THEIRS}:
            self.conflicts.append(Conflict(path, name, sense, mine, theirs))
            choice = self.otherwise
        return mine if choice == MINE else theirs

    def senses(
        self, base: Sequence[SenseText], mine: Sequence[SenseText], theirs: Sequence[SenseText]
    ) -> list[SenseText]:
        before, ours, now = ({sense.key: sense for sense in side} for side in (base, mine, theirs))
        numbers = {sense.key: n for n, sense in enumerate(theirs, 1)}
        merged = [
            self.sense(before.get(key), ours.get(key), now.get(key), numbers.get(key, 0))
            for key in ordered(list(before), list(ours), list(now))
        ]
        return [
            replace(sense, key="") if sense.key.startswith("#") else sense
            for sense in merged
            if sense
        ]

    def aliases(
        self, base: Sequence[AliasText], mine: Sequence[AliasText], theirs: Sequence[AliasText]
    ) -> list[AliasText]:
        before, ours, now = ({each.address: each for each in side} for side in (base, mine, theirs))
        merged: list[AliasText | None] = [
            self.pick(f"aliases[{at}]", "alias", before.get(at), ours.get(at), now.get(at))
            for at in ordered(list(before), list(ours), list(now))
        ]
        return [alias for alias in merged if alias]

    def sense(
        self, base: SenseText | None, mine: SenseText | None, theirs: SenseText | None, number: int
    ) -> SenseText | None:
        if mine is None or theirs is None:
            if base is None:
                return mine or theirs
            whole: SenseText | None = self.pick(
                f"senses[{base.key}]", "sense", base, mine, theirs, sense=number
            )
            return whole
        sides = (base or SenseText(""), mine, theirs)
        values: dict[str, Any] = {
            name: self.pick(
                f"senses[{theirs.key}].{name}",
                name,
                *(getattr(side, name) for side in sides),
                sense=number,
            )
            for name in SENSE_FIELDS
        }
        sets: dict[str, Any] = {
            name: united(*(getattr(side, name) for side in sides)) for name in SENSE_SETS
        }
        return replace(theirs, **values, **sets)


def known(senses: Sequence[SenseText], base: Sequence[SenseText]) -> list[SenseText]:
    """The senses with the keys of those that say the same in the base; new ones get `#` and a
    number for the time of merging.

    >>> [sense.key for sense in known([SenseText("a"), SenseText("b")], [SenseText("b", key="k")])]
    ['#0', 'k']
    """
    keys = {sense.definition: sense.key for sense in base}
    for sense in senses:
        keys = {said: key for said, key in keys.items() if key != sense.key}
    return [
        replace(sense, key=sense.key or keys.pop(sense.definition, f"#{n}"))
        for n, sense in enumerate(senses)
    ]


def ordered(base: list[str], mine: list[str], theirs: list[str]) -> list[str]:
    """All keys, as the side has them that moved some, or added some where the other did nothing.

    >>> ordered(["a", "b"], ["b", "a"], ["a", "b", "c"])
    ['b', 'a', 'c']
    """
    shared = [key for key in base if key in theirs]
    moved = shared != [key for key in theirs if key in base]
    first, second = (theirs, mine) if moved or mine == base else (mine, theirs)
    return [*first, *(key for key in second if key not in first)]


def united(base: Sequence[Any], mine: Sequence[Any], theirs: Sequence[Any]) -> list[Any]:
    """What is there now, without what I took away, with what I added.

    >>> united([1, 2], [2, 3], [1, 2, 4])
    [2, 4, 3]
    """
    if base == mine:
        return list(theirs)
    return list(mine) if base == theirs else list(_united(base, mine, theirs))


def _united(base: Sequence[Any], mine: Sequence[Any], theirs: Sequence[Any]) -> Iterator[Any]:
    yield from (each for each in theirs if each in mine or each not in base)
    yield from (each for each in mine if each not in theirs and each not in base)
