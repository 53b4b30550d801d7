"""What a program shows to be let in. Of the secret itself nothing is kept but its hash."""

import hashlib
import re
import secrets
import string
from datetime import datetime
from typing import Self

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now
from django.utils import timezone

from terms.models.fields import LineField
from terms.querysets import ApiTokenQuerySet

_SIGNS = string.ascii_letters + string.digits
_SECRET = re.compile("lex_[A-Za-z0-9]{43}")
PREFIX_LENGTH = len("lex_") + 8


def new_secret() -> str:
    """`lex_` and 43 letters and digits: 256 bits of chance, 208 beyond the public prefix."""
    return "lex_" + "".join(secrets.choice(_SIGNS) for _ in range(43))


def is_secret(text: str) -> bool:
    """Whether it has the form of a secret, which scanners of repositories can look for too.

    >>> is_secret(new_secret()), is_secret("lex_short"), is_secret("")
    (True, False, False)
    """
    return _SECRET.fullmatch(text) is not None


def digest_of(secret: str) -> str:
    """What is stored, and looked up.

    SHA-256 without salt or stretching is right here: those protect words that people choose, and
    nobody can guess 256 random bits. Nor is a comparison in constant time needed: the database
    looks for the digest, and who measures how far that comes learns of a digest, not of a secret.
    """
    return hashlib.sha256(secret.encode()).hexdigest()


class Scope(models.TextChoices):
    """What a token is for. None includes another, and no token may do more than its owner."""

    READ = "read", "read"
    PROPOSE = "propose", "propose"
    EDIT = "edit", "edit"
    ADMIN = "admin", "admin"


class ApiToken(models.Model):
    """A key to REST: it acts for its owner, within its scopes, until it expires or is revoked."""

    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, editable=False, related_name="api_tokens"
    )
    prefix = models.CharField(
        max_length=PREFIX_LENGTH,
        unique=True,
        editable=False,
        help_text="How the secret begins: enough to recognise it, of no use without the rest.",
    )
    digest = models.CharField(max_length=64, unique=True, editable=False)
    scopes = ArrayField(models.CharField(max_length=10, choices=Scope.choices))
    note = LineField(max_length=200, blank=True, default="", help_text="What it is for.")
    created_at = models.DateTimeField("made", db_default=Now(), editable=False)
    expires_at = models.DateTimeField("expires", null=True, blank=True)
    last_used_at = models.DateTimeField("last used", null=True, editable=False)
    revoked_at = models.DateTimeField("revoked", null=True, editable=False)

    objects = ApiTokenQuerySet.as_manager()

    class Meta:
        verbose_name = "API token"
        ordering = ["-created_at", "-id"]
        # Everybody in the admin has tokens of their own; only this is a right to be given.
        default_permissions = ()
        permissions = [("manage_apitoken", "Can see and revoke the API tokens of others")]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(digest__regex="^[0-9a-f]{64}$"), name="token_is_hashed"
            ),
            models.CheckConstraint(
                condition=models.Q(
                    scopes__contained_by=["read", "propose", "edit", "admin"], scopes__len__gt=0
                ),
                name="token_scopes_known",
                violation_error_message="A token has one scope or more.",
            ),
        ]

    def __str__(self) -> str:
        return self.prefix

    @classmethod
    def make(cls, **fields: object) -> tuple[Self, str]:
        """A new token, and its secret, which nobody can ever ask for again."""
        token = cls(**fields)
        secret = token.seal()
        token.full_clean(exclude=["owner", "prefix", "digest"])
        token.save()
        return token, secret

    def seal(self) -> str:
        """Gives it a secret, keeps the prefix and the hash, and returns the secret."""
        secret = new_secret()
        self.prefix, self.digest = secret[:PREFIX_LENGTH], digest_of(secret)
        return secret

    @property
    def state(self) -> str:
        """`active`, or the reason why it opens nothing any more."""
        if self.revoked_at:
            return "revoked"
        if not self.owner.is_active:
            return "of an account that is switched off"
        return "expired" if self.has_expired(timezone.now()) else "active"

    @property
    def is_active(self) -> bool:
        return self.state == "active"

    def has_expired(self, now: datetime) -> bool:
        return self.expires_at is not None and self.expires_at <= now

    def allows(self, scope: str) -> bool:
        return scope in self.scopes

    def note_use(self) -> None:
        """Remembers the time, to the minute: a read is not to become a write each time."""
        now = timezone.now()
        if self.last_used_at is None or (now - self.last_used_at).total_seconds() >= 60:
            self.last_used_at = now
            ApiToken.objects.filter(pk=self.pk).used(now)
