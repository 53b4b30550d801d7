"""The training loop: pairs in, an adapter out. Needs torch; knows nothing of the database.

Multiple negatives ranking loss (Henderson et al. 2017): of a batch's answers the own one is right.
On the query side it is one of all stored entries instead, whose vectors stay as they are. Without
dropout, so that a run that goes on from a checkpoint ends where one without a stop does.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

import torch
from safetensors.torch import load, save
from torch import Tensor

from embeddings.encoders.pooled import Pooled
from embeddings.encoders.transformer import SentenceTransformersEncoder, multiplies_bfloat16
from embeddings.tuning.adapters import ADAPTERS
from embeddings.tuning.pairs import Pair, batches
from embeddings.vectors import Matrix

BATCH, MAX_TOKENS, SCALE = 64, 64, 20.0
WARM_UP, DECAY, CLIP = 0.1, 0.01, 1.0
MOMENTS = ("step", "exp_avg", "exp_avg_sq")  # what AdamW remembers of each weight


@dataclass(frozen=True)
class Recipe:
    """How an adapter is learned. `rate`: the highest learning rate."""

    kind: str
    side: str
    rate: float
    epochs: int
    seed: int


class Training:
    """One run. `step`: how many are done of `steps`, so many as there are batches."""

    def __init__(
        self,
        encoder: SentenceTransformersEncoder,
        recipe: Recipe,
        pairs: Sequence[Pair],
        stored: Matrix | None = None,
    ) -> None:
        """`encoder` in full precision. `stored`: (n, d) the entries that pairs name by their row;
        without it both sides are learned."""
        self.recipe, self.step = recipe, 0
        self.batches = list(
            chain.from_iterable(
                batches(pairs, BATCH, recipe.seed + epoch) for epoch in range(recipe.epochs)
            )
        )
        self.device = "cuda" if torch.cuda.is_available() else "cpu"
        self.tokenizer = encoder.model.tokenizer
        transformer: Any = encoder.transformer.eval().requires_grad_(False).to(self.device)
        self.adapter = ADAPTERS[recipe.kind]().to(self.device)
        self.adapter.begin(transformer, recipe.seed)
        self.adapter.attach(transformer)
        self.pooled = Pooled(transformer)
        self.optimizer = torch.optim.AdamW(
            self.adapter.parameters(), lr=recipe.rate, weight_decay=DECAY
        )
        self.stored = None if stored is None else torch.as_tensor(stored, device=self.device)

    @property
    def steps(self) -> int:
        return len(self.batches)

    def losses(self) -> Iterator[float]:
        """Takes the steps that are left, one after the other; yields the loss of each."""
        for batch in self.batches[self.step :]:
            loss = self._loss(batch)
            self.optimizer.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(self.adapter.parameters(), CLIP)
            self.optimizer.param_groups[0]["lr"] = self.recipe.rate * share(self.step, self.steps)
            self.optimizer.step()
            self.step += 1
            yield float(loss.detach())

    def _loss(self, batch: Sequence[Pair]) -> Tensor:
        asked = self._encoded([pair.asked for pair in batch])
        if self.stored is None:
            answers = self._encoded([pair.answer for pair in batch])
            right = torch.arange(len(batch), device=self.device)
        else:
            answers = self.stored
            right = torch.tensor([pair.row for pair in batch], device=self.device)
        return torch.nn.functional.cross_entropy(SCALE * asked @ answers.T, right)

    def _encoded(self, texts: Sequence[str]) -> Tensor:
        tokens = self.tokenizer(
            list(texts), padding=True, truncation=True, max_length=MAX_TOKENS, return_tensors="pt"
        ).to(self.device)
        narrow = self.device == "cuda" or multiplies_bfloat16()
        with torch.autocast(self.device, torch.bfloat16, enabled=narrow):
            vectors: Tensor = self.pooled(tokens["input_ids"], tokens["attention_mask"])
        return vectors.float()

    def checkpoint(self, about: bytes) -> bytes:
        """Weights, what the optimiser remembers, the step. `about`: a digest of what it learns."""
        tensors = {"step": torch.tensor(self.step), "about": torch.tensor(list(about))}
        for name, weight in self.adapter.weights.items():
            tensors[name] = weight.detach()
            for moment, value in self.optimizer.state[weight].items():
                tensors[f"{name} {moment}"] = value
        return save(tensors)

    def go_on_from(self, checkpoint: bytes, about: bytes) -> bool:
        """Whether it could: a checkpoint of other pairs or another recipe leaves all as it is."""
        tensors = load(checkpoint)
        if bytes(tensors["about"].tolist()) != about:
            return False
        for name, weight in self.adapter.weights.items():
            weight.data.copy_(tensors[name])
            self.optimizer.state[weight] = {key: tensors[f"{name} {key}"] for key in MOMENTS}
        self.step = int(tensors["step"])
        return True


def share(step: int, steps: int) -> float:
    """Of the highest learning rate: up over the first tenth, then evenly down to nothing.

    >>> [round(share(step, 10), 2) for step in (0, 1, 5, 9)]
    [1.0, 1.0, 0.56, 0.11]
    """
    warm = max(1, WARM_UP * steps)
    return min((step + 1) / warm, (steps - step) / max(1, steps - warm), 1)
