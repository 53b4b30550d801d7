"""Makes the ONNX graph from the checked weights and compares the two, in a process of its own."""

import tempfile
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from embeddings.encoders import onnx
from embeddings.encoders.transformer import SentenceTransformersEncoder

OPSET = 17
SAME = 0.9999  # cosine between the two encoders' vectors of a text, at the least


class ExportFailed(RuntimeError):
    """The exported graph does not give the model's vectors."""


def export(target: Path, texts: Sequence[str]) -> float:
    """Writes the graph to `target`, whole or not at all.

    Returns the lowest cosine between the graph's and the model's vectors over `texts`. Raises
    ExportFailed below SAME, EncoderUnavailable when the model cannot be loaded.
    """
    encoder = SentenceTransformersEncoder(bfloat16=False)
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent) as folder:
        draft = Path(folder) / target.name
        _write(encoder.model, draft)
        lowest = _lowest_cosine(encoder, onnx.OnnxEncoder(draft), texts)
        if lowest < SAME:
            raise ExportFailed(f"the exported graph differs from the model: cosine {lowest:.5f}")
        draft.replace(target)
    return lowest


def _lowest_cosine(
    model: SentenceTransformersEncoder, graph: onnx.OnnxEncoder, texts: Sequence[str]
) -> float:
    return float(np.sum(model.encode(texts) * graph.encode(texts), axis=1).min())


def _write(model: Any, draft: Path) -> None:
    import torch

    class Pooled(torch.nn.Module):
        """Transformer, mean over the tokens that are not padding, unit length."""

        def __init__(self, transformer: torch.nn.Module) -> None:
            super().__init__()
            self.transformer = transformer

        def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> torch.Tensor:
            hidden = self.transformer(
                input_ids=input_ids, attention_mask=attention_mask
            ).last_hidden_state
            mask = attention_mask.unsqueeze(-1).to(hidden.dtype)
            mean = (hidden * mask).sum(1) / mask.sum(1).clamp(min=1e-9)
            return torch.nn.functional.normalize(mean, p=2, dim=1)

    axes = {0: "batch", 1: "tokens"}
    sample = torch.ones((2, 8), dtype=torch.int64)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the tracer warns of shapes that are constant here
        torch.onnx.export(
            Pooled(model[0].auto_model).eval(),
            (sample, sample),
            str(draft),
            input_names=["input_ids", "attention_mask"],
            output_names=["embedding"],
            dynamic_axes={"input_ids": axes, "attention_mask": axes, "embedding": {0: "batch"}},
            opset_version=OPSET,
            dynamo=False,
        )
