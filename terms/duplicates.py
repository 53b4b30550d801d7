"""Two terms that are one: what belongs to the duplicate moves to the term that stays.

Senses keep their keys, and so their anchors, citations, history and vectors; the duplicate's
addresses lead to the term that stays.
"""

from typing import TYPE_CHECKING

import pghistory
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Max

from terms import rights
from terms.editing import locked
from terms.models import Alias, BundleEntry, Relation, Term
from terms.models.relation import seen_from

if TYPE_CHECKING:
    from django.contrib.auth.models import User


@transaction.atomic
def merge(duplicate: Term, into: Term, *, by: "User", reason: str = "") -> Term:
    """The term that stays, with all that the duplicate had; a sense that says the same goes.

    Raises rights.Denied, Stale when either is gone, ValidationError for two that cannot be one.
    """
    with pghistory.context(user=by.pk, reason=reason or f"merged with “{duplicate}”"):
        first, second = sorted((duplicate, into), key=lambda term: term.pk)
        rows = {term.pk: term for term in (locked(first), locked(second))}
        duplicate, into = rows[duplicate.pk], rows[into.pk]
        _check(duplicate, into, by)
        _move_senses(duplicate, into)
        _move_relations(duplicate, into)
        _move_places(duplicate, into)
        names = _names(duplicate)
        Term.objects.filter(replaced_by=duplicate).exclude(pk=into.pk).update(replaced_by=into)
        duplicate.delete()
        _add_names(into, names)
        into.refresh_from_db()
    return into


def _check(duplicate: Term, into: Term, by: "User") -> None:
    if duplicate.pk == into.pk:
        raise ValidationError("A term cannot be merged with itself.")
    if duplicate.language != into.language:
        raise ValidationError("Terms of two languages are related as translations, not merged.")
    for term in (duplicate, into):
        rights.check_start(by, term)
    if not rights.may_delete(by, duplicate):
        raise rights.Denied(f"You may not delete “{duplicate}”.")


def _move_senses(duplicate: Term, into: Term) -> None:
    """Behind those that are there, in their order."""
    said = set(into.senses.values_list("definition", flat=True))
    last = into.senses.aggregate(last=Max("position"))["last"] or 0
    for sense in duplicate.senses.exclude(definition__in=said).order_by("position"):
        last += 1
        sense.term, sense.position = into, last
        sense.save()


def _move_relations(duplicate: Term, into: Term) -> None:
    """Those between the two go, and those that would be there twice."""
    known = {seen_from(into.pk, relation) for relation in Relation.objects.of(into)}
    for relation in Relation.objects.of(duplicate):
        kind, other = seen_from(duplicate.pk, relation)
        if other == into.pk or (kind, other) in known:
            relation.delete()
        elif relation.from_term_id == duplicate.pk:
            relation.from_term = into
            relation.save()
        else:
            relation.to_term = into
            relation.save()


def _move_places(duplicate: Term, into: Term) -> None:
    """A bundle that has both keeps the place of the one that stays."""
    held = BundleEntry.objects.filter(term=into).values("bundle")
    BundleEntry.objects.filter(term=duplicate, bundle__in=held).delete()
    BundleEntry.objects.filter(term=duplicate).update(term=into)


def _names(term: Term) -> list[tuple[str, str, str]]:
    """(slug, kind, name) of all that the term was called; its own name becomes a synonym."""
    aliases = term.aliases.values_list("slug", "kind", "name")
    return [(term.slug, Alias.Kind.SYNONYM, term.name), *aliases]


def _add_names(term: Term, names: list[tuple[str, str, str]]) -> None:
    """As aliases; a name of the term itself is none, but the address that it had stays known."""
    taken = {term.slug, *term.aliases.values_list("slug", flat=True)}
    for slug, kind, name in names:
        if slug not in taken:
            same = name.casefold() == term.name.casefold()
            kind = Alias.Kind.FORMER if same else kind
            Alias.objects.create(term=term, slug=slug, name=name, kind=kind)
            taken.add(slug)
