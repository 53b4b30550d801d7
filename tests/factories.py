"""Terms and what belongs to them, with sensible defaults: a test says only what it is about."""

from itertools import count
from typing import Any

from terms.models import Alias, Bundle, BundleEntry, Example, Relation, Sense, Term, Topic

_numbers = count(1)


def make_term(name: str = "", definition: str = "", **fields: Any) -> Term:
    """A published term with one sense."""
    number = next(_numbers)
    fields.setdefault("status", Term.Status.PUBLISHED)
    term = Term.objects.create(name=name or f"term {number}", **fields)
    make_sense(term, definition or f"The meaning of {term.name}, number {number}.")
    return term


def make_sense(term: Term, definition: str = "", **fields: Any) -> Sense:
    fields.setdefault("position", term.senses.count() + 1)
    return Sense.objects.create(
        term=term, definition=definition or f"Another meaning {next(_numbers)}.", **fields
    )


def make_example(sense: Sense, text: str = "An example.", **fields: Any) -> Example:
    fields.setdefault("position", sense.examples.count() + 1)
    return Example.objects.create(sense=sense, text=text, **fields)


def make_alias(term: Term, name: str, **fields: Any) -> Alias:
    return Alias.objects.create(term=term, name=name, **fields)


def relate(one: Term, other: Term, kind: str = "related", **fields: Any) -> Relation:
    return Relation.objects.create(from_term=one, to_term=other, kind=kind, **fields)


def make_topic(name: str = "", **fields: Any) -> Topic:
    return Topic.objects.create(name=name or f"topic {next(_numbers)}", **fields)


def make_bundle(*terms: Term, **fields: Any) -> Bundle:
    fields.setdefault("title", f"Bundle {next(_numbers)}")
    bundle = Bundle.objects.create(**fields)
    for position, term in enumerate(terms, 1):
        BundleEntry.objects.create(bundle=bundle, term=term, position=position)
    return bundle
