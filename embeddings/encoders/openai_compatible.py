"""A model behind an address: any server that speaks OpenAI's POST /v1/embeddings.

Texts leave the machine only when an operator has named that server.
"""

import json
from collections.abc import Sequence
from http import HTTPStatus
from typing import cast
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import numpy as np
from django.conf import settings

from embeddings.encoders import Description, EncoderUnavailable
from embeddings.vectors import BadVectors, Matrix, checked

BATCH = 32  # texts a request
TIMEOUT = 4  # seconds a request; a batch of senses takes three, within its lease
OUR_FAULT = {HTTPStatus.BAD_REQUEST, HTTPStatus.REQUEST_ENTITY_TOO_LARGE, 422}
NOT_SET = "set LEXISPACE_REMOTE_URL, LEXISPACE_REMOTE_MODEL and LEXISPACE_REMOTE_DIMENSIONS"


class OpenAICompatibleEncoder:
    """Raises EncoderUnavailable while the server is away, ValueError for a text it refuses."""

    description = Description(
        model=settings.REMOTE_MODEL,
        revision="",
        sha256="",
        dimensions=settings.REMOTE_DIMENSIONS,
        languages=settings.REMOTE_LANGUAGES,
    )

    def __init__(self) -> None:
        if not (settings.REMOTE_URL and settings.REMOTE_MODEL and settings.REMOTE_DIMENSIONS):
            raise EncoderUnavailable(f"no server is named: {NOT_SET}")
        if not settings.REMOTE_URL.startswith(("http://", "https://")):
            raise EncoderUnavailable("LEXISPACE_REMOTE_URL must begin with http:// or https://")

    def encode(self, texts: Sequence[str]) -> Matrix:
        batches = [self._ask(texts[i : i + BATCH]) for i in range(0, len(texts), BATCH)]
        vectors = np.concatenate(batches) if batches else np.empty((0, settings.REMOTE_DIMENSIONS))
        return checked(vectors, len(texts), settings.REMOTE_DIMENSIONS)

    def _ask(self, texts: Sequence[str]) -> Matrix:
        body = {"model": settings.REMOTE_MODEL, "input": list(texts), "encoding_format": "float"}
        headers = {"Content-Type": "application/json"}
        if settings.REMOTE_KEY:
            headers["Authorization"] = f"Bearer {settings.REMOTE_KEY}"
        url = f"{settings.REMOTE_URL.rstrip('/')}/embeddings"
        request = Request(url, json.dumps(body).encode(), headers)  # noqa: S310 - checked above
        try:
            with urlopen(request, timeout=TIMEOUT) as answer:  # noqa: S310 - checked above
                return _vectors(answer.read())
        except HTTPError as error:
            said = error.read(200).decode(errors="replace")
            if error.code in OUR_FAULT:
                raise ValueError(f"{url} refuses the text ({error.code}): {said}") from error
            raise EncoderUnavailable(f"{url} answers {error.code}: {said}") from error
        except OSError as error:
            raise EncoderUnavailable(f"{url} does not answer: {error}") from error


def _vectors(answer: bytes) -> Matrix:
    """(n, dimensions), in the order of the question whatever that of the answer."""
    try:
        rows = sorted(json.loads(answer)["data"], key=lambda row: row["index"])
        return cast(Matrix, np.array([row["embedding"] for row in rows], dtype=np.float32))
    except (KeyError, TypeError, ValueError) as error:
        raise BadVectors(f"the server's answer is no list of embeddings: {error!r}") from error
