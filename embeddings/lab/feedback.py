"""The encoder's own state, fed back to it with a question's words: one step, through a tuning."""

from typing import Any

from django.utils.translation import gettext as _

from embeddings.encoders import load_for_query
from embeddings.lab.given import Given
from embeddings.models import Space, Tuning
from embeddings.operations import Impossible
from embeddings.tuning.models import BASE
from embeddings.vectors import Vector

MAKING = "manage.py tune --kind feedback --side query --epochs 0"


def chosen(space: Space, number: int | None) -> Tuning:
    """The tuning of that number, else the newest that feeds the state back. Raises Impossible."""
    if space.encoder != BASE:
        raise Impossible(_("This space is of another model than the one that can be read twice."))
    known = Tuning.objects.feeding_back().light()
    found = known.filter(pk=number).first() if number else known.first()
    if found is None and number:
        message = _("Tuning %(number)d is none that feeds the state back.")
        raise Impossible(message % {"number": number})
    if found is None:
        message = _("Nothing here feeds the state back yet. An operator makes it: %(command)s")
        raise Impossible(message % {"command": MAKING})
    return found


def read_again(given: Given, tuning: Tuning) -> Vector:
    """(d,). Raises Impossible for what has no words, EncoderUnavailable without its graph."""
    if not given.words:
        raise Impossible(
            _("Only words can be read again: a term or a vector is a point already. Ask in words.")
        )
    vector: Vector = load_for_query(tuning.key).encode([given.words])[0]
    return vector


def verdict(tuning: Tuning) -> dict[str, Any]:
    """What it was worth on held-out terms, and a plain adapter of the same pairs beside it."""
    plain = Tuning.objects.for_questions().filter(
        kind=Tuning.Kind.LORA, pairs=tuning.pairs, seed=tuning.seed
    )
    return {"adapters": [told(each) for each in (tuning, plain.light().first()) if each]}


def told(tuning: Tuning) -> dict[str, Any]:
    """One tuning: its figures of the look-up and of general questions, {} where not measured."""
    figures = {name: tuning.figures.get(name, {}) for name in ("reverse", "general")}
    return {"tuning": tuning.pk, "kind": tuning.kind, "rounds": tuning.epochs, **figures}
