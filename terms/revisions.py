"""A term's history as readers may see it: how each public state differs from the one before.

The recorded events are replayed, a transaction at a time. Only states in which the term was public
are compared, so what was written and undone while it was a draft is in none of them, not even when
the last draft and its publication were saved together. Nothing says who made a change, or why.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from operator import attrgetter
from typing import Any

from django.db.models import QuerySet
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from terms import markup
from terms.history import word_parts
from terms.models import Alias, Example, Relation, Sense, Source, Term, Topic
from terms.models.relation import LABELS, seen_from
from terms.models.sense import SenseSource, SenseTopic
from terms.querysets import PUBLIC
from terms.states import State, Thing, recorded, states

LENGTH = 100  # the newest revisions that are shown
FIELDS = {
    "name": gettext_lazy("name"),
    "address": gettext_lazy("address"),
    "status": gettext_lazy("status"),
    "number": gettext_lazy("number"),
    "part of speech": gettext_lazy("part of speech"),
    "register": gettext_lazy("register"),
    "definition": gettext_lazy("definition"),
    "text": gettext_lazy("text"),
    "source": gettext_lazy("source"),
    "entry": gettext_lazy("entry"),
    "topics": gettext_lazy("topics"),
    "sources": gettext_lazy("sources"),
}


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
class ShownSense:
    """A sense that is no row, as components/sense.html shows it, without its topics."""

    key: str
    position: int
    part_of_speech: str
    register: str
    definition: str
    examples: dict[str, list[Any]]  # {"all": …}, as a template asks a model
    sources: dict[str, list[Any]] = field(default_factory=dict)

    @property
    def definition_html(self) -> SafeString:
        return markup.html(self.definition)


@dataclass(frozen=True)
class Revision:
    """A change that readers saw, and what the senses meant before and after: (name, definition)."""

    version: int
    at: datetime
    edits: list[Edit]
    meanings: list[tuple[str, tuple[str, str], tuple[str, str]]]

    @property
    def day(self) -> date:
        return self.at.date()


@dataclass(frozen=True)
class Version:
    """The entry as readers saw it, and how it differs from the present one."""

    number: int
    at: datetime
    name: str
    is_deprecated: bool
    aliases: list[str]
    senses: list[ShownSense]
    since: list[Edit]


def revisions(term: Term) -> list[Revision]:
    """The last LENGTH changes that readers could see, newest first. A fixed number of queries."""
    seen: list[tuple[State, Page]] = []
    for state, page in _pages(term):
        if page and (not seen or page != seen[-1][1]):
            seen.append((state, page))
    before = [{}, *(page for _, page in seen)]
    newest = list(zip(before, seen, strict=False))[::-1][:LENGTH]
    return [
        Revision(state.version, state.at, list(edits(old, new)), list(_meanings(old, new)))
        for old, (state, new) in newest
    ]


def version(term: Term, number: int) -> Version | None:
    """The term as it was in that version; None where readers could not see it then.

    A version that changed nothing of what is recorded is as the one before.
    """
    pages = list(_pages(term))
    then = [(state, page) for state, page in pages if state.version <= number]
    if number > term.version or not (then and then[-1][1]):
        return None
    state, page = then[-1]
    entry = state.events[Term, term.id]
    return Version(
        number=number,
        at=state.at,
        name=entry.name,
        is_deprecated=entry.status == Term.Status.DEPRECATED,
        aliases=[alias.fields["name"] for _, alias in _aliases(term, state)],
        senses=[_shown_sense(sense, state) for sense in state.senses_of(term.id)],
        since=list(edits(page, pages[-1][1])),
    )


def _pages(term: Term) -> Iterator[tuple[State, Page]]:
    """Each state with what a reader saw in it."""
    happened = recorded(term)
    names = _public_names(term, happened)
    return ((state, _page(term, state, names)) for state in states(happened))


def _public_names(term: Term, happened: list[tuple[Thing, Any]]) -> dict[Thing, str]:
    """What related terms that are public now are called, and topics and sources."""
    others = {seen_from(term.id, event)[1] for (model, _), event in happened if model is Relation}
    topics = {event.topic_id for (model, _), event in happened if model is SenseTopic}
    sources = {event.source_id for (model, _), event in happened if model is SenseSource}
    found: tuple[tuple[type, QuerySet[Any]], ...] = (
        (Term, Term.objects.published().filter(id__in=others).values_list("id", "name")),
        (Topic, Topic.objects.filter(id__in=topics).values_list("id", "name")),
        (Source, Source.objects.filter(id__in=sources).values_list("id", "title")),
    )
    return {(model, id): name for model, names in found for id, name in names}


def _page(term: Term, state: State, names: dict[Thing, str]) -> Page:
    """What a reader of the term's page saw in this state; nothing when it was not public."""
    entry = state.events.get((Term, term.id))
    if entry is None or entry.status not in PUBLIC:
        return {}
    parts = [*_aliases(term, state), *_senses(term, state, names), *_relations(term, state, names)]
    status = str(Term.Status(entry.status).label)
    fields = {"name": entry.name, "address": entry.slug, "status": status}
    return {(Term, term.id): Shown(_("Entry"), fields), **dict(parts)}


def _aliases(term: Term, state: State) -> Iterator[tuple[Thing, Shown]]:
    for event in sorted(state.of(Alias), key=attrgetter("position", "kind", "name")):
        if event.term_id == term.id and event.kind != Alias.Kind.FORMER:
            kind = str(Alias.Kind(event.kind).label)
            yield (Alias, event.pgh_obj_id), Shown(capfirst(kind), {"name": event.name})


def _senses(term: Term, state: State, names: dict[Thing, str]) -> Iterator[tuple[Thing, Shown]]:
    """The senses in order, each with its examples."""
    for sense in state.senses_of(term.id):
        yield (Sense, sense.pgh_obj_id), _sense(sense, _about(sense, state, names))
        for example in state.examples_of(sense):
            fields = {"text": example.text, "source": example.source}
            what = _("Example of sense %(number)d") % {"number": sense.position}
            yield (Example, example.pgh_obj_id), Shown(what, fields)


def _about(sense: Any, state: State, names: dict[Thing, str]) -> dict[str, str]:
    """The topics and sources of a sense that are there still."""

    def told(model: type, through: type, pointer: str) -> str:
        of_sense = state.of_sense(through, sense)
        found = (names.get((model, getattr(event, pointer))) for event in of_sense)
        return ", ".join(sorted(filter(None, found)))

    return {
        "topics": told(Topic, SenseTopic, "topic_id"),
        "sources": told(Source, SenseSource, "source_id"),
    }


def _sense(event: Any, about: dict[str, str]) -> Shown:
    fields = {
        "number": str(event.position),
        "part of speech": event.part_of_speech,
        "register": event.register,
        "definition": event.definition,
        **about,
    }
    return Shown(_("Sense %(number)d") % {"number": event.position}, fields)


def _shown_sense(event: Any, state: State) -> ShownSense:
    return ShownSense(
        key=event.key,
        position=event.position,
        part_of_speech=event.part_of_speech,
        register=event.register,
        definition=event.definition,
        examples={"all": state.examples_of(event)},
    )


def _relations(term: Term, state: State, names: dict[Thing, str]) -> Iterator[tuple[Thing, Shown]]:
    for event in state.of(Relation):
        kind, other = seen_from(term.id, event)
        if name := names.get((Term, other)):
            shown = Shown(capfirst(str(LABELS[kind])), {"entry": name})
            yield (Relation, event.pgh_obj_id), shown


def _meanings(old: Page, new: Page) -> Iterator[tuple[str, tuple[str, str], tuple[str, str]]]:
    """(sense, before, after) where the name or the definition of a sense that stayed changed."""
    for thing in new:
        if thing[0] is Sense and thing in old:
            before, after = _meaning(old, thing), _meaning(new, thing)
            if before != after:
                yield new[thing].what, before, after


def _meaning(page: Page, sense: Thing) -> tuple[str, str]:
    name = next(shown for (model, _), shown in page.items() if model is Term).fields["name"]
    return name, markup.plain(page[sense].fields["definition"])


def edits(old: Mapping[Any, Shown], new: Mapping[Any, Shown]) -> Iterator[Edit]:
    """What the new page shows otherwise than the old one; the things are known by their keys."""
    for thing in [*new, *(gone for gone in old if gone not in new)]:
        if old.get(thing) != new.get(thing):
            yield _edit(old.get(thing), new.get(thing))


def _edit(old: Shown | None, new: Shown | None) -> Edit:
    action = "changed" if old and new else "added" if new else "removed"
    before, after = (shown.fields if shown else {} for shown in (old, new))
    texts = {name: (before.get(name, ""), after.get(name, "")) for name in {**before, **after}}
    fields = [
        (str(FIELDS[name]), list(word_parts(*both)))
        for name, both in texts.items()
        if both[0] != both[1]
    ]
    shown = new or old
    return Edit(shown.what if shown else "", action, fields)
