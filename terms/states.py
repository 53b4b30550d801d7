"""What there was of a term after each transaction, replayed from the recorded events.

Writers of a term wait for each other at its row, so the versions that are recorded of it give the
order in which transactions were committed, however they overlapped; of one row the ids of the
events do.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from operator import attrgetter
from typing import Any

from terms.history import events
from terms.models import Example, Sense, Term
from terms.models.history import events_of

Thing = tuple[type, int]  # a model and the id of one of its rows


@dataclass(frozen=True)
class State:
    """What there was from a version of the term on, as it was recorded."""

    version: int
    at: datetime
    events: Mapping[Thing, Any]
    context: Mapping[str, Any]  # "user" and "reason", where they were said

    def of(self, model: type) -> list[Any]:
        return [event for (kind, _), event in self.events.items() if kind is model]

    def senses_of(self, term_id: int) -> list[Any]:
        """In their order."""
        own = (event for event in self.of(Sense) if event.term_id == term_id)
        return sorted(own, key=attrgetter("position"))

    def of_sense(self, model: type, sense: Any) -> list[Any]:
        """What belongs to a recorded sense, as its examples."""
        return [event for event in self.of(model) if event.sense_id == sense.pgh_obj_id]

    def examples_of(self, sense: Any) -> list[Any]:
        return sorted(self.of_sense(Example, sense), key=attrgetter("position"))


def recorded(term: Term) -> list[tuple[Thing, Any]]:
    """Every event of whatever once belonged to the term, by the start of its transaction."""
    found = []
    for model, own in events(term):
        ids = own.values("pgh_obj")
        all_of_them = events_of(model).filter(pgh_obj__in=ids).select_related("pgh_context")
        for event in all_of_them.order_by("pgh_id"):
            found.append(((model, event.pgh_obj_id), event))
    return sorted(found, key=lambda pair: pair[1].pgh_created_at)


def states(recorded: list[tuple[Thing, Any]]) -> Iterator[State]:
    """What there was after each transaction, in the order in which they were committed."""
    latest: dict[Thing, Any] = {}
    for number, at, together in sorted(_transactions(recorded), key=lambda each: each[0]):
        for thing, event in together:
            latest[thing] = max(latest.get(thing, event), event, key=attrgetter("pgh_id"))
        kept = {thing: event for thing, event in latest.items() if event.pgh_label != "delete"}
        yield State(number, at, kept, _context(together))


def _context(together: list[tuple[Thing, Any]]) -> Mapping[str, Any]:
    """What was said last, of the events of a transaction."""
    said = [event for _, event in together if event.pgh_context]
    last = max(said, key=attrgetter("pgh_context.updated_at"), default=None)
    return last.pgh_context.metadata if last else {}


def _transactions(
    recorded: list[tuple[Thing, Any]],
) -> Iterator[tuple[int, datetime, list[tuple[Thing, Any]]]]:
    """(the term's version at its end, start, events) of each. Its events bear its start.

    One that only wrote what belonged to another term then has no version of its own.
    """
    number = 0
    for at, group in groupby(recorded, key=lambda pair: pair[1].pgh_created_at):
        together = list(group)
        versions = [event.version for (model, _), event in together if model is Term]
        number = max(versions, default=number)
        yield number, at, together
