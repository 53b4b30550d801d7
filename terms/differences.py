"""How two entries differ, field by field and word by word; and one field put back alone.

A field is called by its path: `name`, or `senses.<key>.definition`. Senses are known by their keys.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from terms.entry import Citation, Entry, Link, SenseText
from terms.history import word_parts
from terms.models import Alias, Term
from terms.models.relation import LABELS
from terms.revisions import FIELDS, Edit

ENTRY_FIELDS = {
    "name": FIELDS["name"],
    "slug": FIELDS["address"],
    "language": gettext_lazy("language"),
    "status": FIELDS["status"],
    "replaced_by": gettext_lazy("replaced by"),
    "is_linked": gettext_lazy("linked where it is mentioned"),
    "aliases": gettext_lazy("other names"),
    "relations": gettext_lazy("relations"),
}
SENSE_FIELDS = {
    "number": FIELDS["number"],
    "part_of_speech": FIELDS["part of speech"],
    "register": FIELDS["register"],
    "definition": FIELDS["definition"],
    "examples": gettext_lazy("examples"),
    "topics": FIELDS["topics"],
    "sources": FIELDS["sources"],
}
Texts = dict[str, str]  # what a thing says, by field


@dataclass(frozen=True)
class Difference:
    """A field that is not the same in both; `thing` is a sense's key, or "" for the entry."""

    thing: str
    field: str
    what: str
    old: str
    new: str

    @property
    def path(self) -> str:
        return f"senses.{self.thing}.{self.field}" if self.thing else self.field

    @property
    def label(self) -> str:
        return str((SENSE_FIELDS if self.thing else ENTRY_FIELDS)[self.field])

    @property
    def parts(self) -> list[tuple[str, str]]:
        return list(word_parts(self.old, self.new))


def differences(old: Entry | None, new: Entry | None) -> list[Difference]:
    """In the order in which the new entry is read, what is gone at the end.

    >>> one = Entry("cup", senses=[SenseText("A small vessel.", key="k")])
    >>> two = Entry("cup", senses=[SenseText("A vessel.", key="k")])
    >>> [(each.path, each.old, each.new) for each in differences(one, two)]
    [('senses.k.definition', 'A small vessel.', 'A vessel.')]
    """
    before, after = _things(old), _things(new)
    things = [*after, *(gone for gone in before if gone not in after)]
    return [each for thing in things for each in _of_thing(thing, before, after)]


def edits(old: Entry | None, new: Entry | None) -> list[Edit]:
    """The same as components/edits.html shows it: a thing at a time."""
    before, after = _things(old), _things(new)
    found: dict[str, list[Difference]] = {}
    for each in differences(old, new):
        found.setdefault(each.thing, []).append(each)
    return [
        Edit(
            each[0].what,
            "changed"
            if thing in before and thing in after
            else "added"
            if thing in after
            else "removed",
            [(difference.label, difference.parts) for difference in each],
        )
        for thing, each in found.items()
    ]


def with_field(entry: Entry, path: str, then: Entry) -> Entry:
    """The entry with one field as it was then. Raises KeyError for a path that neither has.

    A field of a sense that is gone brings the sense back; of one that was not yet, removes it.
    """
    if path in ENTRY_FIELDS:
        return replace(entry, **{path: getattr(then, path)})
    _, key, field = path.split(".") if path.count(".") == 2 else ("", "", "")
    now, was = (_index(each, key) for each in (entry, then))
    if field not in SENSE_FIELDS or (now is None and was is None):
        raise KeyError(path)
    senses = list(entry.senses)
    old = None if now is None else senses.pop(now)
    if was is not None:
        sense = (
            then.senses[was]
            if old is None or now is None
            else _sense_with(old, field, then.senses[was])
        )
        senses.insert(was if now is None or field == "number" else now, sense)
    return replace(entry, senses=senses)


def _sense_with(sense: SenseText, field: str, then: SenseText) -> SenseText:
    return sense if field == "number" else replace(sense, **{field: getattr(then, field)})


def _index(entry: Entry, key: str) -> int | None:
    return next((n for n, sense in enumerate(entry.senses) if sense.key == key), None)


def _things(entry: Entry | None) -> dict[str, tuple[str, Texts]]:
    """What an entry is made of, by the key of the sense or "": (what it is called, its texts)."""
    if entry is None:
        return {}
    senses = {
        sense.key: (_("Sense %(number)d") % {"number": n}, _sense_texts(sense, n))
        for n, sense in enumerate(entry.senses, 1)
    }
    return {"": (_("Entry"), _entry_texts(entry)), **senses}


def _of_thing(
    thing: str, before: dict[str, tuple[str, Texts]], after: dict[str, tuple[str, Texts]]
) -> Iterator[Difference]:
    what = (after.get(thing) or before[thing])[0]
    old, new = (each.get(thing, ("", {}))[1] for each in (before, after))
    for field in {**old, **new}:
        texts = old.get(field, ""), new.get(field, "")
        is_said = field == "number" and "" in texts  # by what it is called
        if texts[0] != texts[1] and not is_said:
            yield Difference(thing, field, what, *texts)


def _entry_texts(entry: Entry) -> Texts:
    return {
        "name": entry.name,
        "slug": entry.slug,
        "language": entry.language,
        "status": str(Term.Status(entry.status).label),
        "replaced_by": str(entry.replaced_by or ""),
        "is_linked": _("yes") if entry.is_linked else _("no"),
        "aliases": "\n".join(
            f"{alias.name} ({Alias.Kind(alias.kind).label})" for alias in entry.aliases
        ),
        "relations": "\n".join(map(_link_text, entry.relations)),
    }


def _link_text(link: Link) -> str:
    return f"{capfirst(str(LABELS[link.kind]))}: {link.name}"


def _sense_texts(sense: SenseText, number: int) -> Texts:
    return {
        "number": str(number),
        "part_of_speech": sense.part_of_speech,
        "register": sense.register,
        "definition": sense.definition,
        "examples": "\n\n".join(
            f"{text} ({source})" if source else text for text, source in sense.examples
        ),
        "topics": ", ".join(sense.topics),
        "sources": "\n".join(map(_source_text, sense.sources)),
    }


def _source_text(source: Citation) -> str:
    """Without the address of one that is called by it."""
    return " ".join(dict.fromkeys(filter(None, source)))
