"""ONNX Runtime: the same weights without torch, for questions asked of the web process.

The graph (mean pooling and normalising included) is made once a host by `manage.py export_onnx`, a
process of its own, and kept in settings.VAR under the hash of the weights.
"""

import ctypes
import os
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import numpy as np
from django.conf import settings

from embeddings.encoders import EncoderUnavailable
from embeddings.encoders.shipped import DESCRIPTION, MAX_TOKENS, folder
from embeddings.vectors import Matrix, checked

THREADS = 1  # measured: one thread a request serves more questions than two
CHUNK = 32


def path(sha256: str = DESCRIPTION.sha256) -> Path:
    """Where this host keeps the graph exported from weights of that hash."""
    return Path(settings.VAR) / "models" / f"{sha256[:16]}.onnx"


class OnnxEncoder:
    """3.6 ms a question on one thread, about 175 MB."""

    description = DESCRIPTION

    def __init__(self, graph: Path | None = None) -> None:
        graph = graph or path()
        if not graph.is_file():
            raise EncoderUnavailable(
                "the model is still being prepared for questions (`manage.py export_onnx`)"
            )
        import onnxruntime
        from tokenizers import Tokenizer

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = THREADS
        self.session = onnxruntime.InferenceSession(
            os.fspath(graph), options, providers=["CPUExecutionProvider"]
        )
        _return_memory()
        self.tokenizer = Tokenizer.from_file(str(folder() / "tokenizer.json"))
        self.tokenizer.enable_truncation(MAX_TOKENS)
        self.tokenizer.enable_padding()

    def encode(self, texts: Sequence[str]) -> Matrix:
        chunks = [self._run(texts[i : i + CHUNK]) for i in range(0, len(texts), CHUNK)]
        vectors = np.concatenate(chunks) if chunks else np.empty((0, self.description.dimensions))
        return checked(vectors, len(texts), self.description.dimensions)

    def _run(self, texts: Sequence[str]) -> Matrix:
        encodings = self.tokenizer.encode_batch(list(texts))
        ids = np.array([encoding.ids for encoding in encodings], dtype=np.int64)
        mask = np.array([encoding.attention_mask for encoding in encodings], dtype=np.int64)
        vectors: Matrix = self.session.run(None, {"input_ids": ids, "attention_mask": mask})[0]
        return vectors


def _return_memory() -> None:
    """Gives back what parsing the graph took, which glibc would keep: up to 30 MB."""
    with suppress(AttributeError, OSError):
        ctypes.CDLL(None).malloc_trim(0)
