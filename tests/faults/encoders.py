"""An encoder that is slow, and that fails at marked texts in the ways that models fail."""

import os
import signal
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from django.conf import settings

from embeddings.encoders.hashing import HashingEncoder
from embeddings.vectors import Matrix, checked

RAISES, GIVES_NAN, HANGS, DIES = "⚡raises", "⚡gives nan", "⚡hangs", "⚡dies"


def encoding_pid() -> Path:
    """Holds the id of the process that encodes, while it does."""
    return Path(settings.VAR) / "encoding"


class FaultyEncoder(HashingEncoder):
    """The hashing encoder, FAULTS_SECONDS_A_TEXT slower, with its faults."""

    def encode(self, texts: Sequence[str]) -> Matrix:
        encoding_pid().write_text(str(os.getpid()))
        time.sleep(len(texts) * float(os.environ.get("FAULTS_SECONDS_A_TEXT", "0")))
        everything = " ".join(texts)
        self._fail_at(everything)
        vectors = super().encode(texts)
        if GIVES_NAN in everything:
            vectors[0, 0] = np.nan
        encoding_pid().unlink(missing_ok=True)
        return checked(vectors, *vectors.shape)

    def _fail_at(self, text: str) -> None:
        if RAISES in text:
            raise RuntimeError("the marked text cannot be encoded")
        if DIES in text:
            os.kill(os.getpid(), signal.SIGKILL)
        while HANGS in text:
            time.sleep(60)
