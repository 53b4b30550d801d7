"""Encoders turn texts into unit vectors. `settings.ENCODERS` names their kinds.

A key is a kind, or a kind and what it is given, as in `folder:medical`: a class that takes one such
argument has `described(argument)` in the place of `description`. Each is loaded once a process. One
that needs files to be loaded may have `check(*argument)`, which raises what `__init__` would for
want of them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from threading import Lock
from typing import Protocol, cast

from django.conf import settings
from django.utils.module_loading import import_string

from embeddings.vectors import Matrix

KEPT = 4  # models that a process holds at once: some 100 MB each


class EncoderUnavailable(RuntimeError):
    """The encoder cannot be used now: files missing or damaged, or not made yet."""


@dataclass(frozen=True)
class Description:
    """What a space remembers of the model that made its vectors."""

    model: str
    revision: str
    sha256: str
    dimensions: int
    languages: list[str]


class Encoder(Protocol):
    description: Description

    def __init__(self, *argument: str) -> None:
        """Loads the model; raises EncoderUnavailable with the cause and the remedy."""

    def encode(self, texts: Sequence[str]) -> Matrix:
        """(n texts) → (n, dimensions) float32 unit rows, in the same order."""


class OfArgument(Protocol):
    """What a class has that takes an argument."""

    @classmethod
    def described(cls, argument: str) -> Description:
        """Of the model that is named. Raises EncoderUnavailable where there is none."""


def encoder_class(key: str) -> type[Encoder]:
    """Raises EncoderUnavailable for a kind that is not in settings.ENCODERS."""
    kind = key.partition(":")[0]
    try:
        return import_string(settings.ENCODERS[kind])
    except KeyError:
        known = ", ".join(sorted(settings.ENCODERS))
        raise EncoderUnavailable(f"no encoder {kind!r}; there are: {known}") from None


def describe(key: str) -> Description:
    """The encoder's description, without loading its model."""
    argument = key.partition(":")[2]
    if argument:
        named = cast(type[OfArgument], encoder_class(key))
        return named.described(argument)
    return encoder_class(key).description


def load(key: str) -> Encoder:
    """The encoder, loaded once a process. A failed load is tried again at the next call."""
    with _loading:  # `cache` alone lets threads that ask at once load a model each
        return _loaded(key)


_loading = Lock()


@lru_cache(maxsize=KEPT)
def _loaded(key: str) -> Encoder:
    argument = key.partition(":")[2]
    return encoder_class(key)(*filter(None, [argument]))


def forget() -> None:
    """Loads anew at the next call, as after a change of settings."""
    _loaded.cache_clear()


def pinned(key: str, about: Description) -> str:
    """The key that a space keeps: of a folder, which may change, with the hash of what is in it.

    >>> pinned("folder:medical", Description("medical", "", "5e0f", 384, []))
    'folder:medical@5e0f'
    """
    return f"{key}@{about.sha256}" if key.startswith("folder:") and "@" not in key else key


def query_key(key: str) -> str:
    """The key of the encoder by which the web process embeds questions for spaces of `key`."""
    kind, *given = key.split(":", 1)
    return ":".join([settings.QUERY_ENCODERS.get(kind, kind), *given])


def load_for_query(key: str) -> Encoder:
    """The encoder by which the web process embeds a question for spaces of encoder `key`."""
    return load(query_key(key))


def obstacle(key: str) -> str:
    """Why no question can be encoded here for spaces of encoder `key`, or "". Loads no model."""
    asked = query_key(key)
    argument = filter(None, [asked.partition(":")[2]])
    try:
        if check := getattr(encoder_class(asked), "check", None):
            check(*argument)
    except EncoderUnavailable as error:
        return str(error)
    return ""


def query_encoder_state(key: str) -> bool:
    """Whether questions for spaces of `key` can be encoded in this process: part of every ETag."""
    try:
        load_for_query(key)
    except EncoderUnavailable:
        return False
    return True
