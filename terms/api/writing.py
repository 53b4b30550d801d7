"""Writes of REST, one term at a time: a body becomes an entry, which terms/editing.py saves."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction
from django.http import Http404
from rest_framework import status
from rest_framework.exceptions import APIException

from terms import editing
from terms.addresses import name_of_removed
from terms.api.problems import Problem
from terms.entry import Entry, entry_of
from terms.entry_json import ENTRY_FIELDS, from_json, to_json
from terms.models import Term
from terms.writing import Refused

READ_ONLY = {"url", "version", "updated_at"}  # what an answer has beside the entry


class Removed(APIException):
    status_code = status.HTTP_410_GONE


@dataclass(frozen=True)
class Writer:
    """Who writes, and why. `read`: terms that were read `with_parts`, each for one write."""

    by: User
    reason: str = ""
    read: dict[int, Term] = field(default_factory=dict)

    def create(self, data: Any) -> Term:
        return self._save(read(data))

    def replace(self, term: Term, data: Any, version: int) -> Term:
        """What is left out is empty; address and status stay unless others are said."""
        stays = {"language": term.language, "status": term.status}
        whole = stays | data if isinstance(data, dict) else data
        return self._save(read(whole), term, version)

    @transaction.atomic
    def merge(self, term: Term, patch: Any, version: int) -> Term:
        current = editing.locked(term, version)
        return self._save(read(merged(to_json(entry_of(current)), patch)), current, version)

    def delete(self, term: Term, version: int) -> None:
        editing.delete(term, by=self.by, reason=self.reason, version=version)

    def _save(self, entry: Entry, term: Term | None = None, version: int | None = None) -> Term:
        others = Term.objects.exclude(pk=term.pk) if term else Term.objects.all()
        if entry.slug and others.at(entry.language, entry.slug).exists():
            raise Problem(409, f"There is a term at {entry.address} already.")
        read = self.read.pop(term.pk, None) if term else None
        return editing.save(entry, term, by=self.by, reason=self.reason, version=version, read=read)


def read(data: Any) -> Entry:
    """Raises Refused, for a member that an entry does not have too."""
    if isinstance(data, dict) and (unknown := data.keys() - ENTRY_FIELDS - READ_ONLY):
        raise Refused({name: ["An entry has no such member."] for name in sorted(unknown)})
    return from_json(data)


@contextmanager
def within(name: str) -> Iterator[None]:
    """Refuses with paths that begin at a body of which the entry is one member."""
    try:
        yield
    except Refused as error:
        paths = {f"{name}.{path}".rstrip("."): told for path, told in error.errors.items()}
        raise Refused(paths) from error


def merged(target: Any, patch: Any) -> Any:
    """RFC 7396, section 2.

    >>> merged({"a": {"b": 1, "c": 2}, "d": [1]}, {"a": {"b": None}, "d": [3]})
    {'a': {'c': 2}, 'd': [3]}
    """
    if not isinstance(patch, dict):
        return patch
    whole = dict(target) if isinstance(target, dict) else {}
    for name, value in patch.items():
        if value is None:
            whole.pop(name, None)
        else:
            whole[name] = merged(whole.get(name), value)
    return whole


def stored(language: str, slug: str) -> Term:
    """The term at its own address, public or not. Raises Http404 or Removed."""
    if term := Term.objects.at(language, slug).first():
        return term
    if name := name_of_removed(language, slug):
        raise Removed(f"“{name}” was removed.")
    raise Http404(f"There is no term at {language}/{slug}.")
