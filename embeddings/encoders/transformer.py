"""sentence-transformers on torch: what workers embed the glossary with."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from embeddings.encoders import EncoderUnavailable, shipped
from embeddings.encoders.model import Model
from embeddings.vectors import Matrix, checked

if TYPE_CHECKING:
    import torch

# In full precision little batches of texts of one length: larger ones win nothing, and lose by
# padding. A processor that multiplies bfloat16 itself needs larger ones (docs/benchmarks.md).
BATCH, BFLOAT16_BATCH = 8, 64


class SentenceTransformersEncoder:
    """All torch threads of the machine, one process. Loading takes seconds and 600 MB."""

    description = shipped.DESCRIPTION

    def __init__(self, *, about: Model | None = None, bfloat16: bool | None = None) -> None:
        """`about`: the shipped model unless given, its files checked.

        `bfloat16`: whether to compute so; None leaves it to the processor.
        """
        self.about = about or shipped.checked()
        self.description = self.about.description
        # Here and not above: importing torch takes seconds, and only workers may.
        import torch
        from sentence_transformers import SentenceTransformer

        torch.set_num_threads(os.cpu_count() or 1)
        folder = str(self.about.folder)
        try:
            self.model = SentenceTransformer(
                folder,
                device="cpu",
                local_files_only=True,
                trust_remote_code=False,
                model_kwargs={"use_safetensors": True},
            )
        except (OSError, ValueError, RuntimeError) as error:
            raise EncoderUnavailable(f"the model in {folder} cannot be loaded: {error}") from error
        self.model.max_seq_length = self.about.max_tokens
        self.batch = BATCH
        if multiplies_bfloat16() if bfloat16 is None else bfloat16:
            self.compute_in_bfloat16()

    @property
    def transformer(self) -> Any:
        return self.model[0].auto_model

    @property
    def pooled(self) -> "torch.nn.Module":
        """What gives its vectors, (n, tokens) ids and mask → (n, d), to be exported."""
        from embeddings.encoders.pooled import Pooled

        return Pooled(self.transformer, self.about.pooling)

    def compute_in_bfloat16(self) -> None:
        self.model.bfloat16()
        self.batch = BFLOAT16_BATCH

    def encode(self, texts: Sequence[str]) -> Matrix:
        return self.encode_after(self.about.document_prompt, texts)

    def encode_after(self, prompt: str, texts: Sequence[str]) -> Matrix:
        """As `encode`, with what the model wants to stand before each text."""
        vectors = self.model.encode(
            list(texts),
            prompt=prompt,
            batch_size=self.batch,
            normalize_embeddings=True,
            convert_to_tensor=True,
            show_progress_bar=False,
        )
        return checked(vectors.float().numpy(), len(texts), self.description.dimensions)


def multiplies_bfloat16() -> bool:
    """Whether the processor has instructions for bfloat16 (AVX-512 or AMX); elsewhere it is slow.

    The cosine to vectors of full precision is then 0.9999 on average (docs/benchmarks.md).
    """
    try:
        flags = Path("/proc/cpuinfo").read_text().split()
    except OSError:
        return False
    return not {"avx512_bf16", "amx_bf16"}.isdisjoint(flags)
