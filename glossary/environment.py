"""What the environment says. The one place that reads it; `settings.py` names the results."""

import os
import re
import secrets
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit

LOOPBACK = {"127.0.0.1", "localhost", "::1"}


def text(name: str, default: str = "") -> str:
    return os.environ.get(name, "").strip() or default


def flag(name: str, *, default: bool) -> bool:
    """`on` or `off`; anything else is an error that names the variable.

    >>> flag("LEXISPACE_NEVER_SET", default=True)
    True
    """
    value = text(name).lower()
    if value in {"on", "true", "yes", "1"}:
        return True
    if value in {"off", "false", "no", "0"}:
        return False
    if value:
        raise ValueError(f"{name}={value!r} is neither on nor off")
    return default


def number(name: str, *, default: int) -> int:
    """A whole number; anything else is an error that names the variable."""
    value = text(name)
    if value and not value.isdecimal():
        raise ValueError(f"{name}={value!r} is not a whole number")
    return int(value or default)


def amount(name: str) -> float:
    """A number of zero or more, 0 unless set; anything else is an error that names the variable.

    >>> amount("LEXISPACE_NEVER_SET")
    0.0
    """
    value = text(name, "0")
    if not re.fullmatch(r"\d+(\.\d+)?", value):
        raise ValueError(f"{name}={value!r} is no number such as 0.02")
    return float(value)


def choice(name: str, *values: str) -> str:
    """One of the values, the first unless set; anything else is an error that names the variable.

    >>> choice("LEXISPACE_NEVER_SET", "accounts", "open")
    'accounts'
    """
    value = text(name, values[0]).lower()
    if value not in values:
        raise ValueError(f"{name}={value!r} is none of {', '.join(values)}")
    return value


def words(name: str) -> list[str]:
    return [word.strip() for word in text(name).split(",") if word.strip()]


def host_of(url: str) -> str:
    return urlsplit(url).hostname or ""


def secret_key(var: Path) -> str:
    """`SECRET_KEY`, or one made at the first start and kept in `var`, readable by its owner."""
    configured = text("SECRET_KEY")
    if configured:
        return configured
    kept = var / "secret-key"
    try:
        if not kept.exists():
            _make_secret_key(kept)
        return kept.read_text()
    except OSError as error:
        raise SystemExit(
            f"{error.filename or var}: {error.strerror}. The secret key is kept in that folder:"
            " mend it, or set LEXISPACE_VAR to another one."
        ) from None


def _make_secret_key(kept: Path) -> None:
    """Written aside and linked, so that two processes starting at once agree on one key."""
    kept.parent.mkdir(parents=True, exist_ok=True)
    draft = kept.with_name(f".secret-key-{secrets.token_hex(8)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_urlsafe(64))
        with suppress(FileExistsError):
            os.link(draft, kept)
    finally:
        draft.unlink()
