"""Makes the ONNX graph from the checked weights and compares the two, in a process of its own."""

import tempfile
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from embeddings.encoders import encoder_class, onnx
from embeddings.encoders.transformer import SentenceTransformersEncoder

OPSET = 17
SAME = 0.9999  # cosine between the two encoders' vectors of a text, at the least


class ExportFailed(RuntimeError):
    """The exported graph does not give the model's vectors."""


def in_full_precision(key: str) -> SentenceTransformersEncoder:
    """The torch encoder of a key, as its graph is made from it. Raises ExportFailed for others."""
    made: Any = encoder_class(key)
    if not issubclass(made, SentenceTransformersEncoder):
        raise ExportFailed(f"{key} needs no graph")
    encoder: SentenceTransformersEncoder = made(
        *filter(None, [key.partition(":")[2]]), bfloat16=False
    )
    return encoder


def export(
    target: Path, texts: Sequence[str], encoder: SentenceTransformersEncoder | None = None
) -> float:
    """Writes the graph of `encoder`, in full precision, to `target`, whole or not at all.

    The shipped model's unless given. Returns the lowest cosine between the graph's and the model's
    vectors over `texts`. Raises ExportFailed below SAME and for a model of which no graph can be
    made, EncoderUnavailable when the model cannot be loaded.
    """
    encoder = encoder or SentenceTransformersEncoder(bfloat16=False)
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent) as folder:
        draft = Path(folder) / target.name
        try:
            _write(encoder, draft)
        except Exception as error:  # whatever the exporter meets in a model that is not ours
            raise ExportFailed(f"no graph can be made of the model: {error}") from error
        lowest = _lowest_cosine(encoder, draft, texts)
        if lowest < SAME:
            raise ExportFailed(f"the exported graph differs from the model: cosine {lowest:.5f}")
        draft.replace(target)
    return lowest


def _lowest_cosine(
    encoder: SentenceTransformersEncoder, draft: Path, texts: Sequence[str]
) -> float:
    graph = onnx.OnnxEncoder(graph=draft, about=encoder.about)
    wanted = encoder.encode_after(encoder.about.query_prompt, texts)
    return float(np.sum(wanted * graph.encode(texts), axis=1).min())


def _write(encoder: SentenceTransformersEncoder, draft: Path) -> None:
    import torch

    axes = {0: "batch", 1: "tokens"}
    sample = torch.ones((2, 8), dtype=torch.int64)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the tracer warns of shapes that are constant here
        torch.onnx.export(
            encoder.pooled.eval(),
            (sample, sample),
            str(draft),
            input_names=["input_ids", "attention_mask"],
            output_names=["embedding"],
            dynamic_axes={"input_ids": axes, "attention_mask": axes, "embedding": {0: "batch"}},
            opset_version=OPSET,
            dynamo=False,
        )
