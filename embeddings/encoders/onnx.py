"""ONNX Runtime: the same weights without torch, for questions asked of the web process.

The graph (pooling and normalising included) is made once a host by `manage.py export_onnx`, a
process of its own, and kept in settings.VAR under the hash of the weights.
"""

import ctypes
import os
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import numpy as np
from django.conf import settings

from embeddings.encoders import EncoderUnavailable, encoder_class, query_key, shipped
from embeddings.encoders.model import Model
from embeddings.vectors import Matrix, checked

THREADS = 1  # measured: one thread a request serves more questions than two
CHUNK = 32


def path(sha256: str = shipped.SHA256) -> Path:
    """Where this host keeps the graph that was exported of the weights with this hash."""
    return Path(settings.VAR) / "models" / f"{sha256[:16]}.onnx"


def checked_path(sha256: str = shipped.SHA256) -> Path:
    """Raises EncoderUnavailable while it is not made."""
    if not path(sha256).is_file():
        raise EncoderUnavailable(
            "the model is still being prepared for questions (`manage.py export_onnx`)"
        )
    return path(sha256)


def is_needed(key: str) -> bool:
    """Whether questions for spaces of encoder `key` are encoded by a graph."""
    try:
        return issubclass(encoder_class(query_key(key)), OnnxEncoder)
    except EncoderUnavailable:
        return False


class OnnxEncoder:
    """3.6 ms a question on one thread, about 175 MB."""

    description = shipped.DESCRIPTION

    def __init__(self, *, graph: Path | None = None, about: Model | None = None) -> None:
        """`about`: the shipped model unless given; `graph`: the one that this host keeps of it."""
        self.about = about or shipped.model()
        self.description = self.about.description
        graph = graph or checked_path(self.description.sha256)
        import onnxruntime
        from tokenizers import Tokenizer

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = THREADS
        self.session = onnxruntime.InferenceSession(
            os.fspath(graph), options, providers=["CPUExecutionProvider"]
        )
        _return_memory()
        self.tokenizer = Tokenizer.from_file(str(self.about.folder / "tokenizer.json"))
        self.tokenizer.enable_truncation(self.about.max_tokens)
        self.tokenizer.enable_padding()

    @classmethod
    def check(cls) -> None:
        """Raises EncoderUnavailable while this host has no graph."""
        checked_path()

    def encode(self, texts: Sequence[str]) -> Matrix:
        chunks = [self._run(texts[i : i + CHUNK]) for i in range(0, len(texts), CHUNK)]
        vectors = np.concatenate(chunks) if chunks else np.empty((0, self.description.dimensions))
        return checked(vectors, len(texts), self.description.dimensions)

    def _run(self, texts: Sequence[str]) -> Matrix:
        prompt = self.about.query_prompt
        encodings = self.tokenizer.encode_batch([prompt + text for text in texts])
        ids = np.array([encoding.ids for encoding in encodings], dtype=np.int64)
        mask = np.array([encoding.attention_mask for encoding in encodings], dtype=np.int64)
        vectors: Matrix = self.session.run(None, {"input_ids": ids, "attention_mask": mask})[0]
        return vectors


def _return_memory() -> None:
    """Gives back what parsing the graph took, which glibc would keep: up to 30 MB."""
    with suppress(AttributeError, OSError):
        ctypes.CDLL(None).malloc_trim(0)
