"""What is learned beside a frozen transformer: three kinds, attached by hooks. Needs torch.

Detached, the transformer is what it was, to the last bit. Hooks are traced too, so an adapter goes
into an exported graph as it is.
"""

import math
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from embeddings.tuning.stored import PARTS, PROMPT, RANK, SHAPES, Weights, packed, unpacked

ALPHA = 32  # of LoRA: what the low rank gives is scaled by ALPHA / RANK
COMMON_WORDS = (1_000, 20_000)  # ids in the vocabulary, from which a prompt starts


class Adapter(nn.Module):
    """Float32 weights by name, and where in a BertModel they take part."""

    kind = ""

    def __init__(self, weights: Weights | None = None) -> None:
        """With the weights of `unpacked`, or zero."""
        super().__init__()
        made = weights or {n: np.zeros(shape, np.float32) for n, shape in SHAPES[self.kind].items()}
        self.weights = nn.ParameterDict(
            {name: nn.Parameter(torch.tensor(weight)) for name, weight in made.items()}
        )

    def begin(self, transformer: Any, seed: int) -> None:
        """Sets the weights that training starts with."""
        raise NotImplementedError

    def hooks(self, transformer: Any) -> Iterator[Any]:
        """Registers what takes part; yields the handles by which it is taken out again."""
        raise NotImplementedError

    def attach(self, transformer: Any) -> None:
        self.handles = list(self.hooks(transformer))

    def detach(self) -> None:
        for handle in self.handles:
            handle.remove()

    @contextmanager
    def off(self, transformer: Any) -> Iterator[None]:
        """The transformer as it is without the adapter."""
        self.detach()
        try:
            yield
        finally:
            self.attach(transformer)

    def packed(self) -> bytes:
        weights = self.weights.items()
        return packed({name: weight.detach().cpu().float().numpy() for name, weight in weights})


class LowRank(Adapter):
    """W x + (ALPHA / RANK) · up · down · x, at query, key and value (Hu et al. 2021, LoRA)."""

    kind = "lora"

    def begin(self, transformer: Any, seed: int) -> None:
        chance = torch.Generator().manual_seed(seed)
        for name, weight in self.weights.items():
            if name.endswith("down"):
                weight.data.normal_(0, 1 / math.sqrt(weight.shape[1]), generator=chance)

    def hooks(self, transformer: Any) -> Iterator[Any]:
        for place, linear in _attention(transformer):
            yield linear.register_forward_hook(self._added(place))

    def _added(self, place: str) -> Any:
        down, up = self.weights[f"{place}_down"], self.weights[f"{place}_up"]

        def added(_: nn.Module, given: tuple[Tensor], out: Tensor) -> Tensor:
            return out + ALPHA / RANK * ((given[0] @ down.T) @ up.T)

        return added


class Bottleneck(Adapter):
    """h + up · gelu(down · h) after each layer (Houlsby et al. 2019, one a layer)."""

    kind = "bottleneck"

    def begin(self, transformer: Any, seed: int) -> None:
        chance = torch.Generator().manual_seed(seed)
        for name, weight in self.weights.items():
            if name.endswith("down"):
                weight.data.normal_(0, 1 / math.sqrt(weight.shape[1]), generator=chance)

    def hooks(self, transformer: Any) -> Iterator[Any]:
        for number, layer in enumerate(transformer.encoder.layer):
            yield layer.output.register_forward_hook(self._added(number))

    def _added(self, layer: int) -> Any:
        parts = ("down", "down_bias", "up", "up_bias")
        down, down_bias, up, up_bias = (self.weights[f"{layer}_{part}"] for part in parts)

        def added(_: nn.Module, given: Any, out: Tensor) -> Tensor:
            narrow = nn.functional.gelu(nn.functional.linear(out, down, down_bias))
            return out + nn.functional.linear(narrow, up, up_bias)

        return added


class Prompt(Adapter):
    """Learned vectors between [CLS] and the words, left out of what comes out (Lester et al. 2021,
    The power of scale for parameter-efficient prompt tuning)."""

    kind = "prompt"

    def begin(self, transformer: Any, seed: int) -> None:
        chance = torch.Generator().manual_seed(seed)
        words = torch.randint(*COMMON_WORDS, (PROMPT,), generator=chance)
        known = transformer.embeddings.word_embeddings.weight
        self.weights["prompt"].data.copy_(known[words.to(known.device)])

    def hooks(self, transformer: Any) -> Iterator[Any]:
        """In the place of its `forward`: sentence-transformers calls that past any hook."""
        plain = transformer.forward

        def prompted(input_ids: Tensor, attention_mask: Tensor, **_: Any) -> Any:
            out = plain(**self._put_in(transformer, input_ids, attention_mask), return_dict=True)
            hidden = out.last_hidden_state
            out.last_hidden_state = torch.cat([hidden[:, :1], hidden[:, 1 + PROMPT :]], dim=1)
            return out

        transformer.forward = prompted
        yield Replaced(transformer)

    def _put_in(self, transformer: Any, ids: Tensor, mask: Tensor) -> dict[str, Tensor]:
        words = transformer.embeddings.word_embeddings(ids)
        prompt = self.weights["prompt"].expand(words.shape[0], -1, -1).to(words.dtype)
        seen = torch.ones_like(mask[:, :1]).expand(-1, PROMPT)
        return {
            "inputs_embeds": torch.cat([words[:, :1], prompt, words[:, 1:]], dim=1),
            "attention_mask": torch.cat([mask[:, :1], seen, mask[:, 1:]], dim=1),
        }


class Replaced:
    """A handle like that of a hook: the transformer's own `forward` comes back."""

    def __init__(self, transformer: Any) -> None:
        self.transformer = transformer

    def remove(self) -> None:
        del self.transformer.forward


ADAPTERS: dict[str, type[Adapter]] = {each.kind: each for each in (LowRank, Prompt, Bottleneck)}


def adapter_of(content: bytes, kind: str) -> Adapter:
    """From its bytes, as float32 that is not trained. Raises BadAdapter."""
    return ADAPTERS[kind](unpacked(content, kind)).requires_grad_(False)


def _attention(transformer: Any) -> Iterator[tuple[str, nn.Module]]:
    """The linear maps that LoRA takes part in, each with its place's name."""
    for number, layer in enumerate(transformer.encoder.layer):
        for part in PARTS:
            yield f"{number}_{part}", getattr(layer.attention.self, part)
