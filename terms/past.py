"""The whole of a term as it was, made from the recorded events: what is restored and compared.

Other terms, topics and sources are called what they are called now, so that what is restored leads
to them. What is gone is left out, and told.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.db import models

from terms.entry import Address, Entry, Link, SenseText, citation_of, in_order, place_of
from terms.models import Alias, Relation, Source, Term, Topic
from terms.models.history import events_of
from terms.models.relation import seen_from
from terms.models.sense import SenseSource, SenseTopic
from terms.states import State, Thing, recorded, states


@dataclass(frozen=True)
class Past:
    """An entry from one version of its term on. `left_out`: what of it is gone since, in words."""

    state: State
    entry: Entry
    left_out: tuple[str, ...]


def entry_at(term: Term, version: int) -> Entry | None:
    """The term as it was in that version; None for a version that never was."""
    then = past_at(term, version)
    return then.entry if then else None


def past_at(term: Term, version: int) -> Past | None:
    """The same with what is gone since. A version within a transaction is as the one before."""
    found = [past for past in pasts(term) if past.state.version <= version]
    return found[-1] if found and version <= term.version else None


def pasts(term: Term) -> Iterator[Past]:
    """The term after each transaction in which it was there. A fixed number of queries.

    A term that was deleted is given by its id alone.
    """
    happened = recorded(term)
    known = _Known(term, happened)
    for state in states(happened):
        if (Term, term.pk) in state.events:
            yield _past(term, state, known)


class _Known:
    """What the events point to, by model and id: what is there, and what the rest was called."""

    def __init__(self, term: Term, happened: list[tuple[Thing, Any]]) -> None:
        wanted: dict[type[models.Model], set[int]] = {Term: set(), Topic: set(), Source: set()}
        for (model, _), event in happened:
            for target, pointed in _pointers(term, model, event):
                wanted[target].add(pointed)
        self.there = {model: model._default_manager.in_bulk(wanted[model]) for model in wanted}
        self.names = {
            model: _names(model, wanted[model] - self.there[model].keys()) for model in wanted
        }

    def split(self, model: type[models.Model], ids: Iterable[int]) -> tuple[list[Any], list[str]]:
        """(what is there, the names of what is gone)."""
        there, gone = self.there[model], self.names[model]
        ids = list(ids)
        return [there[id] for id in ids if id in there], [
            gone.get(id, "?") for id in ids if id not in there
        ]


def _pointers(term: Term, model: type, event: Any) -> Iterator[tuple[type[models.Model], int]]:
    if model is SenseTopic:
        yield Topic, event.topic_id
    elif model is SenseSource:
        yield Source, event.source_id
    elif model is Relation:
        yield Term, seen_from(term.pk, event)[1]
    elif model is Term and event.replaced_by_id:
        yield Term, event.replaced_by_id


def _names(model: type[models.Model], ids: set[int]) -> dict[int, str]:
    events = events_of(model).filter(pgh_obj__in=ids).order_by("pgh_id") if ids else ()
    return {event.pgh_obj_id: event.title if model is Source else event.name for event in events}


def _past(term: Term, state: State, known: _Known) -> Past:
    """As `entry.entry_of` reads it."""
    row = state.events[Term, term.pk]
    left_out: list[str] = []
    aliases = [alias for alias in state.of(Alias) if alias.term_id == term.pk]
    entry = Entry(
        name=row.name,
        slug=row.slug,
        language=row.language,
        senses=[_sense(sense, state, known, left_out) for sense in state.senses_of(term.pk)],
        aliases=in_order(aliases),
        relations=sorted(_links(term, state, known, left_out), key=place_of),
        status=row.status,
        replaced_by=_successor(row, known, left_out),
        is_linked=row.is_linked,
    )
    return Past(state, entry, tuple(left_out))


def _sense(sense: Any, state: State, known: _Known, left_out: list[str]) -> SenseText:
    about, cited = (state.of_sense(model, sense) for model in (SenseTopic, SenseSource))
    topics, no_topics = known.split(Topic, (event.topic_id for event in about))
    sources, no_sources = known.split(Source, (event.source_id for event in cited))
    left_out += [f"the topic “{name}”" for name in no_topics]
    left_out += [f"the source “{name}”" for name in no_sources]
    return SenseText(
        definition=sense.definition,
        examples=[(example.text, example.source) for example in state.examples_of(sense)],
        part_of_speech=sense.part_of_speech,
        register=sense.register,
        sources=sorted(map(citation_of, sources)),
        topics=sorted(topic.slug for topic in topics),
        key=sense.key,
    )


def _links(term: Term, state: State, known: _Known, left_out: list[str]) -> Iterator[Link]:
    for event in state.of(Relation):
        if term.pk not in (event.from_term_id, event.to_term_id):
            continue
        kind, other_id = seen_from(term.pk, event)
        there, gone = known.split(Term, [other_id])
        left_out += [f"the relation to “{name}”" for name in gone]
        for other in there:
            named = (other.name, other.language, other.slug)
            yield Link(kind, *named, event.provenance, event.score, event.model)


def _successor(row: Any, known: _Known, left_out: list[str]) -> Address | None:
    if row.replaced_by_id is None:
        return None
    there, gone = known.split(Term, [row.replaced_by_id])
    left_out += [f"that “{name}” replaces it" for name in gone]
    return Address(there[0].language, there[0].slug) if there else None
