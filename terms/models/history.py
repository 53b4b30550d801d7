"""History: every insert, update and delete is recorded by a trigger, whoever writes."""

from collections.abc import Callable, Iterable
from typing import Any, TypeVar
from uuid import UUID

import pghistory
from django.db import models

M = TypeVar("M", bound=type[models.Model])


def tracked(*, exclude: tuple[str, ...] = ()) -> Callable[[M], M]:
    """pghistory.track with deletes, which it leaves out unless told."""
    return pghistory.track(
        pghistory.InsertEvent(),
        pghistory.UpdateEvent(),
        pghistory.DeleteEvent(),
        exclude=list(exclude),
    )


def made_in(context: UUID | None, model: type[models.Model]) -> dict[int, Any]:
    """The events of that context by which rows came to be, by the ids of the rows."""
    events = events_of(model).filter(pgh_label="insert", pgh_context_id=context)
    return {event.pgh_obj_id: event for event in events} if context else {}


def untouched(model: type[models.Model], ids: Iterable[int]) -> set[int]:
    """Those of the rows that are there, and that nobody has changed since they were made."""
    there = set(model._default_manager.filter(pk__in=ids).values_list("pk", flat=True))
    changes = events_of(model).filter(pgh_obj_id__in=there).exclude(pgh_label="insert")
    return there - set(changes.values_list("pgh_obj_id", flat=True))


def events_of(model: type[models.Model]) -> models.QuerySet[Any]:
    """The recorded events of a tracked model."""
    recorded: models.QuerySet[Any] = model.pgh_event_model.objects.all()  # type: ignore[attr-defined]
    return recorded
