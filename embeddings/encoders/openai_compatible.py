"""A model behind an address: any server that speaks OpenAI's POST /v1/embeddings.

Texts leave the machine only when an operator has named that server.
"""

import json
import random
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import numpy as np
from django.conf import settings

from embeddings import remote_use
from embeddings.encoders import Description, EncoderUnavailable
from embeddings.vectors import BadVectors, Matrix, checked

TIMEOUT = 4.0  # seconds a request
# Seconds of one call of `encode`: with the last request within the lease of a claim, and with the
# last retry within the time that a single sense may take (pipeline.ENCODE_SECONDS).
LAST_REQUEST, LAST_RETRY = 9.0, 5.5
FIRST_WAIT = 0.25  # seconds before the first retry; then twice as long each time
OUR_FAULT = {HTTPStatus.BAD_REQUEST, HTTPStatus.REQUEST_ENTITY_TOO_LARGE, 422}
MAY_PASS = {HTTPStatus.TOO_MANY_REQUESTS, 500, 502, 503, 504, 529}
QUESTION_TIMEOUT = 1.5  # seconds that a reader may wait for the server
REST = 3.0  # seconds in which no question is sent to a server that did not answer the last one
NOT_SET = "set LEXISPACE_REMOTE_URL, LEXISPACE_REMOTE_MODEL and LEXISPACE_REMOTE_DIMENSIONS"


class Busy(EncoderUnavailable):
    """The server may answer later: after `wait` seconds, or None where it does not say."""

    def __init__(self, message: str, wait: float | None) -> None:
        super().__init__(message)
        self.wait = wait


@dataclass(frozen=True)
class Answered:
    vectors: Matrix
    tokens: int


class OpenAICompatibleEncoder:
    """Raises EncoderUnavailable while the server is away, ValueError for a text it refuses."""

    description = Description(
        model=settings.REMOTE_MODEL,
        revision="",
        sha256="",
        dimensions=settings.REMOTE_DIMENSIONS,
        languages=settings.REMOTE_LANGUAGES,
    )
    timeout, last_retry = TIMEOUT, LAST_RETRY

    def __init__(self) -> None:
        self.check()

    @classmethod
    def check(cls) -> None:
        """Raises EncoderUnavailable when no server is named. Asks none."""
        if not (settings.REMOTE_URL and settings.REMOTE_MODEL and settings.REMOTE_DIMENSIONS):
            raise EncoderUnavailable(f"no server is named: {NOT_SET}")
        if not settings.REMOTE_URL.startswith(("http://", "https://")):
            raise EncoderUnavailable("LEXISPACE_REMOTE_URL must begin with http:// or https://")

    def encode(self, texts: Sequence[str]) -> Matrix:
        begun, dimensions = time.monotonic(), settings.REMOTE_DIMENSIONS
        found = [np.empty((0, dimensions), np.float32)]
        for batch in batches(texts, settings.REMOTE_BATCH, settings.REMOTE_CHARACTERS):
            if time.monotonic() - begun > LAST_REQUEST:
                raise EncoderUnavailable(f"{endpoint()} is too slow for {len(texts)} texts at once")
            answered = self._ask_again(batch, begun + self.last_retry)
            remote_use.count(settings.REMOTE_MODEL, answered.tokens)
            found.append(checked(answered.vectors, len(batch), dimensions))
        return np.concatenate(found)

    def _ask_again(self, texts: Sequence[str], until: float) -> Answered:
        """Asks, and while the server is busy again, with growing waits until `until`."""
        wait, timeout = FIRST_WAIT, self.timeout
        while True:
            try:
                return ask(texts, timeout)
            except Busy as busy:
                pause = wait * random.uniform(0.8, 1.2) if busy.wait is None else busy.wait  # noqa: S311 - jitter
                timeout = min(self.timeout, until - time.monotonic() - pause)
                if timeout <= 0:
                    raise
                time.sleep(pause)
                wait *= 2


class QuestionEncoder(OpenAICompatibleEncoder):
    """For the web process: one try, a short one, and none for a while after one that failed."""

    timeout, last_retry = QUESTION_TIMEOUT, 0.0
    rests_until, why = 0.0, ""

    def encode(self, texts: Sequence[str]) -> Matrix:
        if time.monotonic() < self.rests_until:
            raise EncoderUnavailable(self.why)
        try:
            return super().encode(texts)
        except EncoderUnavailable as error:
            self.rests_until, self.why = time.monotonic() + REST, str(error)
            raise


def batches(texts: Sequence[str], most: int, characters: int) -> Iterator[list[str]]:
    """The texts in order, up to `most` and so many characters together; a longer one goes alone.

    >>> list(batches(["aa", "b", "cccc", "d"], 2, 3))
    [['aa', 'b'], ['cccc'], ['d']]
    """
    batch: list[str] = []
    for text in texts:
        if batch and (len(batch) == most or sum(map(len, batch)) + len(text) > characters):
            yield batch
            batch = []
        batch.append(text)
    if batch:
        yield batch


def endpoint() -> str:
    return f"{settings.REMOTE_URL.rstrip('/')}/embeddings"


def ask(texts: Sequence[str], timeout: float) -> Answered:
    """One request. Raises Busy for an answer that may be another one later."""
    body = {"model": settings.REMOTE_MODEL, "input": list(texts), "encoding_format": "float"}
    headers = {"Content-Type": "application/json"}
    if settings.REMOTE_KEY:
        headers["Authorization"] = f"Bearer {settings.REMOTE_KEY}"
    url = endpoint()
    request = Request(url, json.dumps(body).encode(), headers)  # noqa: S310 - checked above
    try:
        with urlopen(request, timeout=timeout) as answer:  # noqa: S310 - checked above
            return read(answer.read())
    except HTTPError as error:
        said = error.read(200).decode(errors="replace")
        if error.code in OUR_FAULT:
            raise ValueError(f"{url} refuses the text ({error.code}): {said}") from error
        message = f"{url} answers {error.code}: {said}"
        if error.code in MAY_PASS:
            raise Busy(message, seconds_of(error.headers.get("Retry-After", ""))) from error
        raise EncoderUnavailable(message) from error
    except OSError as error:
        raise EncoderUnavailable(f"{url} does not answer: {error}") from error


def seconds_of(retry_after: str) -> float | None:
    """What a Retry-After asks for, as seconds or as a date; None where it says nothing.

    >>> seconds_of("2"), seconds_of(""), seconds_of("soon")
    (2.0, None, None)
    >>> seconds_of("Thu, 01 Jan 1970 00:00:00 GMT")
    0.0
    """
    if retry_after.isdecimal():
        return float(retry_after)
    try:
        return max(0.0, parsedate_to_datetime(retry_after).timestamp() - time.time())
    except ValueError:
        return None


def read(answer: bytes) -> Answered:
    """Vectors (n, dimensions), in the order of the question whatever that of the answer.

    The tokens are those that the server says it has counted, 0 where it says nothing.
    """
    try:
        body = json.loads(answer)
        rows = sorted(body["data"], key=lambda row: row["index"])
        vectors = np.array([row["embedding"] for row in rows], dtype=np.float32)
        tokens = int((body.get("usage") or {}).get("total_tokens") or 0)
        return Answered(vectors, max(tokens, 0))
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise BadVectors(f"the server's answer is no list of embeddings: {error!r}") from error
