"""From a transformer to vectors, as one torch module: what is trained, and what is exported."""

from typing import Any

from torch import Tensor, nn


class Pooled(nn.Module):
    """Transformer, its first token or the mean of those that are no padding, unit length.

    With an adapter attached and a `strength` below 1: so much of the way from the vector without it
    to the one with it.
    """

    def __init__(
        self, transformer: Any, pooling: str = "mean", adapter: Any = None, strength: float = 1
    ) -> None:
        super().__init__()
        self.transformer, self.adapter, self.strength = transformer, adapter, strength
        self.pool = {"mean": self.mean, "cls": self.first}[pooling]

    def forward(self, input_ids: Tensor, attention_mask: Tensor) -> Tensor:
        adapted = self._vectors(input_ids, attention_mask)
        if self.strength == 1:
            return adapted
        with self.adapter.off(self.transformer):
            base = self._vectors(input_ids, attention_mask)
        return nn.functional.normalize((1 - self.strength) * base + self.strength * adapted, dim=1)

    def _vectors(self, input_ids: Tensor, attention_mask: Tensor) -> Tensor:
        hidden = self.transformer(
            input_ids=input_ids, attention_mask=attention_mask
        ).last_hidden_state
        pooled = self.pool(hidden.float(), attention_mask.unsqueeze(-1).float())
        return nn.functional.normalize(pooled, p=2, dim=1)

    @staticmethod
    def mean(hidden: Tensor, mask: Tensor) -> Tensor:
        return (hidden * mask).sum(1) / mask.sum(1).clamp(min=1e-9)

    @staticmethod
    def first(hidden: Tensor, mask: Tensor) -> Tensor:
        return hidden[:, 0]
