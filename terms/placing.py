"""What a document makes beside terms: the topic it is about, and the bundle that they form."""

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from django.db.models import Max

from terms.completing import places
from terms.entry import Entry, as_entry, by_address, whole
from terms.formats import Document, FormatError
from terms.models import Bundle, BundleEntry, Sense, Term, Topic
from terms.text import slugify

if TYPE_CHECKING:
    from django.contrib.auth.models import User


def make_topic(document: Document) -> None:
    """The topic with its description, unless it is there."""
    if document.topic:
        name, description = document.topic
        words = {"name": name, "description": description}
        Topic.objects.get_or_create(slug=slugify(name), defaults=words)


def check(document: Document, by: "User | None") -> Iterator[FormatError]:
    """What keeps the user from having the bundle."""
    if document.bundle and by and not by.has_perm("terms.add_bundle"):
        reason = f"You may not make the bundle “{document.bundle.title}”"
        yield FormatError(0, reason, "Ask an administrator to import it.")


def place(document: Document) -> Counter[str]:
    """The document's terms, which are there by now, at the end of its bundle, unless it has them.

    Returns what became of the bundle.
    """
    if document.bundle is None:
        return Counter()
    text = vars(document.bundle)
    bundle, is_made = Bundle.objects.get_or_create(slug=slugify(text["title"]), defaults=text)
    there = bundle.entries.aggregate(last=Max("position"))["last"] or 0
    held = set(bundle.entries.values_list("term_id", flat=True))
    new = [(term, sense) for term, sense in _meant(document.entries) if term.pk not in held]
    BundleEntry.objects.bulk_create(
        BundleEntry(bundle=bundle, term=term, sense=sense, position=position)
        for position, (term, sense) in enumerate(new, there + 1)
    )
    if is_made:
        return Counter({"bundle added": 1})
    return Counter({"bundle extended": 1} if new else {})


def _meant(entries: list[Entry]) -> Iterable[tuple[Term, Sense | None]]:
    """The term of each entry, and which of its senses the entry begins with."""
    terms = by_address(whole(Term.objects.at_any([entry.address for entry in entries])))
    for entry in entries:
        term = terms[entry.address]
        senses = list(term.senses.all())
        number = places(as_entry(term).senses, entry.senses)[0]
        yield term, senses[number or 0] if senses else None
