"""A model on disk: what its encoders have to know of it."""

from dataclasses import dataclass
from pathlib import Path

from embeddings.encoders import Description


@dataclass(frozen=True)
class Model:
    """`pooling`: "mean" or "cls". The prompts stand before a question, and before what is found."""

    folder: Path
    description: Description
    max_tokens: int
    pooling: str = "mean"
    query_prompt: str = ""
    document_prompt: str = ""
