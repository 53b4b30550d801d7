"""Makes the ONNX graph from the checked weights and compares the two, in a process of its own."""

import tempfile
import warnings
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch

from embeddings.encoders import onnx
from embeddings.encoders.transformer import SentenceTransformersEncoder

OPSET = 17
SAME = 0.9999  # cosine between the two encoders' vectors of a text, at the least


class ExportFailed(RuntimeError):
    """The exported graph does not give the model's vectors."""


def export(encoder: SentenceTransformersEncoder, target: Path, texts: Sequence[str]) -> float:
    """Writes the graph of an encoder in full precision to `target`, whole or not at all.

    Returns the lowest cosine between the graph's and the model's vectors over `texts`. Raises
    ExportFailed below SAME.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent) as folder:
        draft = Path(folder) / target.name
        _write(encoder.pooled, draft)
        lowest = _lowest_cosine(encoder, onnx.OnnxEncoder(draft), texts)
        if lowest < SAME:
            raise ExportFailed(f"the exported graph differs from the model: cosine {lowest:.5f}")
        draft.replace(target)
    return lowest


def _lowest_cosine(
    model: SentenceTransformersEncoder, graph: onnx.OnnxEncoder, texts: Sequence[str]
) -> float:
    return float(np.sum(model.encode(texts) * graph.encode(texts), axis=1).min())


def _write(pooled: torch.nn.Module, draft: Path) -> None:
    axes = {0: "batch", 1: "tokens"}
    sample = torch.ones((2, 8), dtype=torch.int64)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the tracer warns of shapes that are constant here
        torch.onnx.export(
            pooled.eval(),
            (sample, sample),
            str(draft),
            input_names=["input_ids", "attention_mask"],
            output_names=["embedding"],
            dynamic_axes={"input_ids": axes, "attention_mask": axes, "embedding": {0: "batch"}},
            opset_version=OPSET,
            dynamo=False,
        )
