"""Fields that keep text in its stored form, whoever assigns it through Django."""

import re
import secrets
from collections.abc import Callable
from typing import Any

from django.core.exceptions import ValidationError
from django.db import DEFAULT_DB_ALIAS, models
from django.db.models import BooleanField, F, Func

from terms.text import TextError, clean, clean_line, slugify

KEY_LENGTH = 8
_KEY_LETTERS = "abcdefghijkmnpqrstuvwxyz"
_KEY_SIGNS = _KEY_LETTERS + "23456789"
KEY_FORM = f"[{_KEY_LETTERS}][{_KEY_SIGNS}]{{{KEY_LENGTH - 1},{KEY_LENGTH + 7}}}"


class CleanTextMixin:
    """Stores `clean(value)`; what cannot be cleaned is a ValidationError naming the field."""

    name: str

    @staticmethod
    def cleaned(value: str) -> str:
        return clean_line(value)

    def _cleaned(self, value: Any) -> Any:
        if not isinstance(value, str):
            return value
        try:
            return self.cleaned(value)
        except TextError as error:
            raise ValidationError({self.name: f"{self.name}: {error}"}) from error

    def to_python(self, value: Any) -> Any:
        value = super().to_python(value)  # type: ignore[misc]  # the mixin stands before a Field
        try:
            return self.cleaned(value) if isinstance(value, str) else value
        except TextError as error:
            raise ValidationError(str(error), code="unstorable") from error

    def pre_save(self, instance: models.Model, add: bool) -> Any:
        value = self._cleaned(super().pre_save(instance, add))  # type: ignore[misc]
        setattr(instance, self.name, value)
        return value


class LineField(CleanTextMixin, models.CharField[str, str]):
    """One line of clean text."""


class ProseField(CleanTextMixin, models.TextField[str, str]):
    """Clean text of several lines."""

    cleaned = staticmethod(clean)


def new_key() -> str:
    """A sense's key: short, stable, usable as an HTML id and in an address; 40 bits of chance."""
    return secrets.choice(_KEY_LETTERS) + "".join(
        secrets.choice(_KEY_SIGNS) for _ in range(KEY_LENGTH - 1)
    )


class IsSlug(Func):
    """SQL `is_slug(text)`: the normal form that `terms.text.slugify` makes."""

    function = "is_slug"
    output_field = BooleanField()


class Check(models.CheckConstraint):
    """A condition that the database is not asked about where it `surely` holds of a row.

    Django asks for every row that is validated, in a savepoint: three statements each time.
    """

    def __init__(self, *, surely: Callable[[Any], bool], **options: Any) -> None:
        self.surely = surely
        super().__init__(**options)

    def validate(
        self,
        model: type[models.Model],
        instance: models.Model,
        exclude: set[str] | None = None,
        using: str = DEFAULT_DB_ALIAS,
    ) -> None:
        if not self.surely(instance):
            super().validate(model, instance, exclude, using)

    def deconstruct(self) -> Any:
        """As migrations know it, which do not validate."""
        _, arguments, options = super().deconstruct()
        return "django.db.models.CheckConstraint", arguments, options

    def clone(self) -> "Check":
        return Check(surely=self.surely, **self.deconstruct()[2])


def slug_constraint(name: str) -> Check:
    return Check(
        surely=lambda row: slugify(row.slug) == row.slug,
        condition=IsSlug(F("slug")),
        name=name,
        violation_error_message="Addresses have lower-case letters, digits and single hyphens.",
    )


def not_blank(field: str, name: str) -> Check:
    return Check(
        surely=lambda row: re.search(r"\w", getattr(row, field)) is not None,
        condition=models.Q(**{f"{field}__regex": r"\S"}),
        name=name,
        violation_error_message=f"The {field.replace('_', ' ')} may not be blank.",
    )
