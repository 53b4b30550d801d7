"""A term's history as readers may see it: how each public state differs from the one before.

The recorded events are replayed, a transaction at a time. Only states in which the term was public
are compared, so what was written and undone while it was a draft is in none of them, not even when
the last draft and its publication were saved together. Nothing says who made a change, or why.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from typing import Any

from django.utils.text import capfirst
from django.utils.translation import gettext as _

from terms.history import events, word_parts
from terms.models import Alias, Example, Relation, Sense, Term
from terms.models.history import events_of
from terms.models.relation import INVERSE, LABELS
from terms.querysets import PUBLIC

LENGTH = 100  # the newest revisions that are shown

Thing = tuple[type, int]  # a model and the id of one of its rows


@dataclass(frozen=True)
class Shown:
    """What a reader saw of a thing: what it is called, and its fields by name."""

    what: str
    fields: dict[str, str]


Page = dict[Thing, Shown]


@dataclass(frozen=True)
class Edit:
    """A thing that came, went or changed, and each changed field as (name, word_parts)."""

    what: str
    action: str
    fields: list[tuple[str, list[tuple[str, str]]]]

    @property
    def title(self) -> str:
        sentences = {
            "added": _("%(what)s added"),
            "changed": _("%(what)s changed"),
            "removed": _("%(what)s removed"),
        }
        return sentences[self.action] % {"what": self.what}


@dataclass(frozen=True)
class Revision:
    at: datetime
    edits: list[Edit]

    @property
    def day(self) -> date:
        return self.at.date()


def revisions(term: Term) -> list[Revision]:
    """The last LENGTH changes that readers could see, newest first. A fixed number of queries."""
    recorded = list(_recorded(term))
    names = _public_names(term, recorded)
    pages: list[tuple[datetime, Page]] = []
    for at, state in _states(recorded):
        page = _page(term, state, names)
        if page and (not pages or page != pages[-1][1]):
            pages.append((at, page))
    before = [{}, *(page for _, page in pages)]
    newest = list(zip(before, pages, strict=False))[::-1][:LENGTH]
    return [Revision(at, list(_edits(old, new))) for old, (at, new) in newest]


def _recorded(term: Term) -> Iterator[tuple[Thing, Any]]:
    """Every event of whatever once belonged to the term, in the order in which they happened."""
    found = []
    for model, own in events(term):
        ids = own.values("pgh_obj")
        for event in events_of(model).filter(pgh_obj__in=ids).order_by("pgh_id"):
            found.append(((model, event.pgh_obj_id), event))
    yield from sorted(found, key=lambda pair: pair[1].pgh_created_at)


def _states(recorded: list[tuple[Thing, Any]]) -> Iterator[tuple[datetime, Mapping[Thing, Any]]]:
    """What there was after each transaction: all of its events bear the time of its start."""
    state: dict[Thing, Any] = {}
    for at, together in groupby(recorded, key=lambda pair: pair[1].pgh_created_at):
        for thing, event in together:
            state[thing] = event
            if event.pgh_label == "delete":
                del state[thing]
        yield at, state


def _public_names(term: Term, recorded: list[tuple[Thing, Any]]) -> dict[int, str]:
    """The names of related terms that are public now."""
    others = {_seen(term, event)[1] for (model, _), event in recorded if model is Relation}
    return dict(Term.objects.published().filter(id__in=others).values_list("id", "name"))


def _seen(term: Term, relation: Any) -> tuple[str, int]:
    """A recorded relation as read at the term: its kind, and the id of the other end."""
    if relation.from_term_id == term.id:
        return relation.kind, relation.to_term_id
    return INVERSE.get(relation.kind, relation.kind), relation.from_term_id


def _page(term: Term, state: Mapping[Thing, Any], names: dict[int, str]) -> Page:
    """What a reader of the term's page saw in this state; nothing when it was not public."""
    entry = state.get((Term, term.id))
    if entry is None or entry.status not in PUBLIC:
        return {}
    parts = [*_aliases(term, state), *_senses(term, state), *_relations(term, state, names)]
    status = str(Term.Status(entry.status).label)
    fields = {_("name"): entry.name, _("address"): entry.slug, _("status"): status}
    return {(Term, term.id): Shown(_("Entry"), fields), **dict(parts)}


def _aliases(term: Term, state: Mapping[Thing, Any]) -> Iterator[tuple[Thing, Shown]]:
    for (model, pk), event in state.items():
        if model is Alias and event.term_id == term.id and event.kind != Alias.Kind.FORMER:
            kind = str(Alias.Kind(event.kind).label)
            yield (model, pk), Shown(capfirst(kind), {_("name"): event.name})


def _senses(term: Term, state: Mapping[Thing, Any]) -> Iterator[tuple[Thing, Shown]]:
    """The senses in order, each with its examples."""
    senses = [event for (model, _), event in state.items() if model is Sense]
    for sense in sorted(senses, key=lambda sense: sense.position):
        if sense.term_id == term.id:
            yield (Sense, sense.pgh_obj_id), _sense(sense)
            yield from _examples(sense, state)


def _sense(event: Any) -> Shown:
    fields = {
        _("number"): str(event.position),
        _("part of speech"): event.part_of_speech,
        _("register"): event.register,
        _("definition"): event.definition,
    }
    return Shown(_("Sense %(number)d") % {"number": event.position}, fields)


def _examples(sense: Any, state: Mapping[Thing, Any]) -> Iterator[tuple[Thing, Shown]]:
    for (model, pk), event in state.items():
        if model is Example and event.sense_id == sense.pgh_obj_id:
            fields = {_("text"): event.text, _("source"): event.source}
            what = _("Example of sense %(number)d") % {"number": sense.position}
            yield (model, pk), Shown(what, fields)


def _relations(
    term: Term, state: Mapping[Thing, Any], names: dict[int, str]
) -> Iterator[tuple[Thing, Shown]]:
    for (model, pk), event in state.items():
        if model is Relation:
            kind, other = _seen(term, event)
            if other in names:
                yield (model, pk), Shown(capfirst(str(LABELS[kind])), {_("entry"): names[other]})


def _edits(old: Page, new: Page) -> Iterator[Edit]:
    for thing in [*new, *(gone for gone in old if gone not in new)]:
        if old.get(thing) != new.get(thing):
            yield _edit(old.get(thing), new.get(thing))


def _edit(old: Shown | None, new: Shown | None) -> Edit:
    action = "changed" if old and new else "added" if new else "removed"
    before, after = (shown.fields if shown else {} for shown in (old, new))
    texts = {name: (before.get(name, ""), after.get(name, "")) for name in {**before, **after}}
    fields = [(name, list(word_parts(*both))) for name, both in texts.items() if both[0] != both[1]]
    shown = new or old
    return Edit(shown.what if shown else "", action, fields)
