"""A tuning in words and rows: for the terminal and the admin alike."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import dist
from typing import Any

from embeddings.tuning.maps import SIDE
from embeddings.tuning.models import STRENGTHS, Tuning

NAMED, LINE, LABEL = 10, 28, 340  # names on a map, and the room of each
LABELS = {
    "reverse": "look-up by description, held-out terms (MRR@10)",
    "related": "related terms of held-out terms, two views (nDCG@10)",
    "general": "general questions (MRR@10)",
}
NAMES = {"reverse": "look-up", "related": "related terms", "general": "general questions"}


@dataclass(frozen=True)
class Row:
    """One figure before and after; `low` and `high` bound the change with 95%."""

    name: str
    label: str
    questions: int
    base: float
    tuned: float
    low: float
    high: float

    @property
    def change(self) -> float:
        return self.tuned - self.base

    @property
    def share(self) -> float:
        """The change in parts of what was before."""
        return self.change / self.base if self.base else 0.0

    @property
    def percent(self) -> str:
        return f"{self.share:+.1%}"

    def __str__(self) -> str:
        return (
            f"{self.label}: {self.base:.3f} → {self.tuned:.3f} ({self.percent}; change"
            f" {self.low:+.3f} … {self.high:+.3f}; {self.questions} questions)"
        )


def rows(figures: dict[str, Any]) -> list[Row]:
    """Those that were measured."""
    return [
        Row(
            NAMES[name],
            LABELS[name],
            *(figures[name][each] for each in ("questions", "base", "tuned", "low", "high")),
        )
        for name in LABELS
        if figures.get(name, {}).get("questions")
    ]


@dataclass(frozen=True)
class Strength:
    """What an adapter measured at a strength. `may_serve`: whether nothing speaks against it."""

    strength: float
    rows: list[Row]
    may_serve: bool

    @property
    def key(self) -> str:
        return f"{self.strength:g}"

    def __str__(self) -> str:
        told = [f"{row.name} {row.percent} ({row.low:+.3f} … {row.high:+.3f})" for row in self.rows]
        told += [] if self.may_serve else ["it may not serve"]
        return f"at a strength of {self.key}: {'; '.join(told)}"


def strengths(tuning: Tuning) -> list[Strength]:
    """All that were measured, the whole adapter last; nothing where there is but that one."""
    if not tuning.figures.get("strengths"):
        return []
    return [
        Strength(each, rows(tuning.figures_at(each)), not tuning.reasons_against(each))
        for each in (*STRENGTHS, 1.0)
    ]


def curve(losses: Sequence[float], width: int = 600, height: int = 160) -> str:
    """The points of an SVG polyline: losses from left to right, 0 at the bottom.

    >>> curve([2.0, 1.0, 0.5], 100, 40)
    '0,0 50,20 100,30'
    """
    top, last = max(losses, default=0) or 1, max(len(losses) - 1, 1)
    places = ((width * step / last, height * (1 - loss / top)) for step, loss in enumerate(losses))
    return " ".join(f"{x:.4g},{y:.4g}" for x, y in places)


@dataclass(frozen=True)
class Move:
    """A term on the map of inspection: from one place to the other. Few are named."""

    name: str
    one: tuple[int, int]
    other: tuple[int, int]
    is_named: bool = False

    @property
    def length(self) -> float:
        return dist(self.one, self.other)

    @property
    def is_right(self) -> bool:
        return self.other[0] > SIDE / 2

    def is_clear_of(self, move: "Move") -> bool:
        """Whether both names can be read."""
        across, down = (abs(a - b) for a, b in zip(self.other, move.other, strict=True))
        return down > LINE or across > LABEL


def moves(inspection: dict[str, Any]) -> list[Move]:
    """All that are drawn. Those that went farthest are named, as far as there is room."""
    drawn = inspection.get("map") or {"names": [], "places": []}
    found = [
        Move(name, (place[0], place[1]), (place[2], place[3]))
        for name, place in zip(drawn["names"], drawn["places"], strict=True)
    ]
    named: list[Move] = []
    for move in sorted(found, key=lambda move: -move.length):
        if len(named) < NAMED and all(move.is_clear_of(other) for other in named):
            named.append(move)
    return [replace(move, is_named=move in named) for move in found]


def height(drawn: Sequence[Move]) -> int:
    """Of what is drawn, from the top of the map."""
    return max((y for move in drawn for _, y in (move.one, move.other)), default=0)


def summary(tuning: Tuning) -> str:
    """Kind, side, state and how far, on a line."""
    said = [f"{tuning.kind}, {tuning.side}, seed {tuning.seed}, {tuning.get_state_display()}"]
    if tuning.is_at_work and tuning.steps:
        said.append(f"step {tuning.step} of {tuning.steps}")
    if tuning.doing:
        said.append(tuning.doing)
    if tuning.figures.get("imported") is not None:
        said.append("imported")
    reverse = tuning.figures.get("reverse", {})
    if reverse.get("questions"):
        said.append(f"MRR@10 {reverse['base']:.3f} → {reverse['tuned']:.3f}")
    return ", ".join(said)


def lines(tuning: Tuning) -> list[str]:
    """The figures, what was asked in general, the cost, and what speaks against it."""
    figures = tuning.figures
    said = [f"pairs: {', '.join(tuning.pairs)}; {figures.get('pairs', 'not counted yet')}"]
    said += map(str, rows(figures))
    said += map(str, strengths(tuning))
    if entries_only := figures.get("related", {}).get("entries_only"):
        said.append(f"related terms by the entries alone, before: {entries_only:.3f}")
    if general := figures.get("general"):
        said.append(f"general questions: {general['set']}")
    if cost := figures.get("cost"):
        gigabytes = cost["peak_bytes"] / 2**30
        said.append(f"cost: {cost['cpu_seconds']:.0f} CPU seconds, {gigabytes:.1f} GiB at the peak")
    if tuning.state == Tuning.State.DONE:
        said += [f"against it: {reason}" for reason in tuning.reasons_against()]
    return said
