"""sentence-transformers on torch: what workers embed the glossary with."""

import os
from collections.abc import Sequence

from embeddings.encoders import EncoderUnavailable
from embeddings.encoders.shipped import DESCRIPTION, MAX_TOKENS, checked_folder
from embeddings.vectors import Matrix, checked

# Little batches of texts of one length: on a processor these gain nothing by being larger, and lose
# by padding (docs/benchmarks.md).
BATCH = 8


class SentenceTransformersEncoder:
    """All torch threads of the machine, one process. Loading takes seconds and 600 MB."""

    description = DESCRIPTION

    def __init__(self) -> None:
        folder = checked_folder()
        # Here and not above: importing torch takes seconds, and only workers may.
        import torch
        from sentence_transformers import SentenceTransformer

        torch.set_num_threads(os.cpu_count() or 1)
        try:
            self.model = SentenceTransformer(
                str(folder), device="cpu", local_files_only=True, trust_remote_code=False
            )
        except (OSError, ValueError, RuntimeError) as error:
            raise EncoderUnavailable(f"the model in {folder} cannot be loaded: {error}") from error
        self.model.max_seq_length = MAX_TOKENS

    def encode(self, texts: Sequence[str]) -> Matrix:
        vectors = self.model.encode(
            list(texts), batch_size=BATCH, normalize_embeddings=True, show_progress_bar=False
        )
        return checked(vectors, len(texts), self.description.dimensions)
