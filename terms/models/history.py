"""History: every insert, update and delete is recorded by a trigger, whoever writes."""

from collections.abc import Callable
from typing import Any, TypeVar

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


def events_of(model: type[models.Model]) -> models.QuerySet[Any]:
    """The recorded events of a tracked model."""
    recorded: models.QuerySet[Any] = model.pgh_event_model.objects.all()  # type: ignore[attr-defined]
    return recorded
