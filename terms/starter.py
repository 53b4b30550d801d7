"""The starter glossary: put into an empty glossary once, and taken out again on request."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pghistory
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from terms import formats
from terms.dictionaries import count_rows
from terms.entry_import import import_entries
from terms.formats import Document
from terms.models import Alias, Example, Glossary, Relation, Sense, Source, Term, Topic
from terms.models.history import events_of

FOLDER = Path(settings.BASE_DIR) / "data" / "starter"
REASON = "starter"


def load(folder: Path = FOLDER) -> int:
    """Fills an empty glossary that was never filled before. Returns the number of terms added."""
    with transaction.atomic(), pghistory.context(reason=REASON):
        glossary = Glossary.objects.select_for_update().get(id=1)
        if glossary.starter_loaded_at or Term.objects.exists():
            return 0
        Glossary.objects.filter(id=1).update(starter_loaded_at=timezone.now())
        documents = [
            formats.read(formats.decode(path.read_bytes()), "markdown")
            for path in sorted(folder.glob("*.md"))
        ]
        import_entries(
            lambda: (entry for document in documents for entry in document.entries),
            reason=REASON,
            documents=documents,
            lacks=Document.lacks,
        )
    count_rows()
    return Term.objects.count()


@transaction.atomic
def remove() -> tuple[int, int]:
    """Takes the starter's senses out, and terms left without any. Returns (terms removed, kept).

    Whatever was edited stays: a term that was changed, or was given a name or a relation, stays
    whole; a sense that was changed, or was given an example, stays with its term.
    """
    with pghistory.context(reason="remove starter"):
        ours = Term.objects.filter(id__in=pristine(Term))
        edited = ours.filter(id__in=_terms_with_additions())
        untouched = ours.exclude(id__in=edited)
        senses = Sense.objects.filter(id__in=pristine(Sense), term__in=untouched)
        senses.exclude(examples__in=Example.objects.exclude(id__in=pristine(Example))).delete()
        emptied = Term.objects.filter(id__in=list(untouched.values_list("id", flat=True)))
        removed = emptied.filter(senses=None)
        count = removed.count()
        removed.delete()
        Topic.objects.filter(id__in=pristine(Topic), senses=None, children=None).delete()
        Source.objects.filter(id__in=pristine(Source), senses=None).delete()
    return count, Term.objects.filter(id__in=_inserted(Term)).count()


def pristine(model: Any) -> set[int]:
    """Ids of rows that the starter made and nobody has changed since, by their history."""
    events = events_of(model).values_list("pgh_obj_id", "pgh_context__metadata__reason")
    touched = {row for row, reason in events.distinct() if reason != REASON}
    return _inserted(model) - touched


def _inserted(model: Any) -> set[int]:
    events = events_of(model).filter(pgh_label="insert", pgh_context__metadata__reason=REASON)
    return set(events.values_list("pgh_obj_id", flat=True))


def _terms_with_additions() -> Iterable[int]:
    aliases = Alias.objects.exclude(id__in=pristine(Alias)).values_list("term_id", flat=True)
    relations = Relation.objects.exclude(id__in=pristine(Relation))
    ends = relations.values_list("from_term_id", "to_term_id")
    return {*aliases, *(end for pair in ends for end in pair)}
