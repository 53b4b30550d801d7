"""Releases: the published glossary under a name, as it was at one moment. They never change."""

import json
from typing import TYPE_CHECKING

from django.conf import settings
from django.core.validators import RegexValidator
from django.db import models
from django.db.models.functions import Now
from django.urls import reverse
from pgtrigger import Before, Delete, Insert, Row, Trigger, Update

from terms.models.fields import LineField, ProseField
from terms.models.triggers import bumps_revision

if TYPE_CHECKING:
    from terms.entry import Entry

NAME = r"[a-z0-9]+(?:[.-][a-z0-9]+)*"
REFUSED = (
    "RAISE EXCEPTION 'A release never changes.' USING ERRCODE = 'integrity_constraint_violation'"
)
SEALED = f"IF OLD.sha256 <> '' THEN {REFUSED}; END IF;"
IS_SEALED = "EXISTS(SELECT FROM terms_release WHERE id = NEW.release_id AND sha256 <> '')"
CONTENT = "(OLD.name, OLD.sha256, OLD.count, OLD.created_at)"


class Release(models.Model):
    """`sha256` is that of its JSON Lines; while it is empty, the release is being made."""

    name = models.CharField(
        max_length=60,
        unique=True,
        validators=[RegexValidator(rf"^{NAME}\Z", "Lower-case letters, digits, dots, hyphens.")],
        help_text="Its address: lower-case letters and digits, with dots or hyphens between.",
    )
    title = LineField(max_length=200, blank=True, default="")
    notes = ProseField(blank=True, default="")
    created_at = models.DateTimeField("made", db_default=Now(), editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
        verbose_name="by",
    )
    sha256 = models.CharField(max_length=64, default="", editable=False)
    count = models.PositiveIntegerField("entries", default=0, editable=False)

    class Meta:
        ordering = ["-created_at", "-id"]
        triggers = [
            bumps_revision(),
            Trigger(
                name="stays",
                level=Row,
                when=Before,
                operation=Update,
                func=f"""
                IF OLD.sha256 <> '' AND {CONTENT} <> {CONTENT.replace("OLD", "NEW")}
                THEN {REFUSED}; END IF;
                RETURN NEW;
                """,
            ),
            Trigger(
                name="is_never_deleted",
                level=Row,
                when=Before,
                operation=Delete,
                func=f"{SEALED} RETURN OLD;",
            ),
        ]

    def __str__(self) -> str:
        return self.title or self.name

    def get_absolute_url(self) -> str:
        return reverse("release", args=["en", self.name])


class FrozenEntry(models.Model):
    """An entry of a release, at its place from A to Z. `line` is its canonical JSON.

    `identity` is the id of the term that it was, whatever its name and whether it is there still;
    None in a release that was made before those were kept. It is no part of the line.
    """

    release = models.ForeignKey(Release, models.CASCADE, related_name="entries")
    position = models.PositiveIntegerField()
    identity = models.BigIntegerField(null=True)
    language = models.CharField(max_length=35)
    slug = models.CharField(max_length=200)
    name = models.CharField(max_length=200)
    letter = models.CharField(max_length=8)
    gist = models.TextField()
    line = models.TextField()

    class Meta:
        ordering = ["release", "position"]
        verbose_name_plural = "frozen entries"
        constraints = [
            models.UniqueConstraint(fields=["release", "position"], name="frozen_position_once"),
            models.UniqueConstraint(
                fields=["release", "language", "slug"], name="frozen_address_once"
            ),
            models.UniqueConstraint(fields=["release", "identity"], name="frozen_identity_once"),
        ]
        indexes = [
            models.Index(
                fields=["release", "language", "letter", "position"], name="frozen_alphabetical"
            )
        ]
        triggers = [
            Trigger(
                name="stays",
                level=Row,
                when=Before,
                operation=Update | Delete,
                func=f"{REFUSED};",
            ),
            Trigger(
                name="comes_before_the_seal",
                level=Row,
                when=Before,
                operation=Insert,
                func=f"IF {IS_SEALED} THEN {REFUSED}; END IF; RETURN NEW;",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("release_entry", args=[self.language, self.release.name, self.slug])

    @property
    def address(self) -> str:
        return f"{self.language}/{self.slug}"

    @property
    def entry(self) -> "Entry":
        from terms.entry_json import from_json  # which speaks of models

        return from_json(json.loads(self.line))
