"""Rows that PostgreSQL gathered as JSON, made into instances of the models."""

from collections.abc import Mapping
from typing import Any, TypeVar

from django.db import DEFAULT_DB_ALIAS, models

M = TypeVar("M", bound=models.Model)


def made(model: type[M], row: Mapping[str, Any]) -> M:
    """The instance of a row; columns that it lacks are deferred.

    A row under the name of a foreign key is its target. Under the name of a relation to many,
    the rows (None when there are none) are what `prefetch_related` would have found: `all()` gives
    them, as a list, and whatever would ask the database anew is an error.
    """
    columns = {
        field.attname: field.to_python(row[field.attname])
        for field in model._meta.concrete_fields
        if field.attname in row
    }
    instance = model.from_db(DEFAULT_DB_ALIAS, columns.keys(), columns.values())
    for name in row.keys() - columns.keys():
        _hold(instance, name, row[name])
    return instance


def _hold(instance: models.Model, name: str, related: Any) -> None:
    field: Any = instance._meta.get_field(name)
    if field.many_to_one:
        setattr(instance, name, made(field.related_model, related) if related else None)
    else:
        found = [made(field.related_model, each) for each in related or ()]
        prefetched = vars(instance).setdefault("_prefetched_objects_cache", {})
        prefetched[name] = found
