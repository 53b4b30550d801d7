"""Two entries side by side, as a list of edits with the words that come and go."""

from typing import Any

from django.utils.text import capfirst
from django.utils.translation import gettext as _

from terms.entry import Entry, SenseText
from terms.models import Alias, Term
from terms.models.relation import LABELS
from terms.revisions import Edit, Shown, edits


def compared(old: Entry, new: Entry) -> list[Edit]:
    """What the new entry changes of the old one, a sense or an alias at a time."""
    return list(edits(_page(old), _page(new)))


def _page(entry: Entry) -> dict[Any, Shown]:
    status = str(Term.Status(entry.status).label)
    page: dict[Any, Shown] = {
        "entry": Shown(_("Entry"), {"name": entry.name, "status": status}),
    }
    for alias in entry.aliases:
        kind = capfirst(str(Alias.Kind(alias.kind).label))
        page["alias", alias.address] = Shown(kind, {"name": alias.name})
    for number, sense in enumerate(entry.senses, 1):
        page |= _sense(sense, number)
    for link in entry.relations:
        label = capfirst(str(LABELS[link.kind]))
        page[link.kind, link.address(entry.language)] = Shown(label, {"entry": link.name})
    return page


def _sense(sense: SenseText, number: int) -> dict[Any, Shown]:
    key = sense.key or f"#{number}"
    fields = {
        "number": str(number),
        "part of speech": sense.part_of_speech,
        "register": sense.register,
        "definition": sense.definition,
        "topics": ", ".join(sense.topics),
        "sources": "; ".join(f"{source.title} {source.url}".strip() for source in sense.sources),
    }
    what = _("Example of sense %(number)d") % {"number": number}
    examples = {
        ("example", key, n): Shown(what, {"text": text, "source": source})
        for n, (text, source) in enumerate(sense.examples)
    }
    return {("sense", key): Shown(_("Sense %(number)d") % {"number": number}, fields)} | examples
