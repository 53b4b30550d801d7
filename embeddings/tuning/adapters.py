"""What is learned beside a frozen transformer: four kinds, attached by hooks. Needs torch.

Detached, the transformer is what it was, to the last bit. Hooks are traced too, so an adapter that
cannot be folded into the weights goes into an exported graph as it is.
"""

import math
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from embeddings.encoders.pooled import Pooled
from embeddings.operations import linear_map
from embeddings.tuning.stored import PARTS, PROMPT, RANK, SHAPES, Weights, packed, unpacked

CLS, SEP = 101, 102  # ids in the vocabulary
ALPHA = 32  # of LoRA: what the low rank gives is scaled by ALPHA / RANK
COMMON_WORDS = (1_000, 20_000)  # ids in the vocabulary, from which a prompt starts
COMMONEST, RIDGE = (1_996, 6_996), 1.0  # ids of words of which a feedback map is begun
AT_ONCE = 500


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

    def fold(self, transformer: Any) -> bool:
        """Adds it to the transformer's own weights, for good; whether its kind can."""
        return False

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

    @torch.no_grad()
    def fold(self, transformer: Any) -> bool:
        for place, linear in _attention(transformer):
            down, up = self._parts(place)
            linear.weight += ALPHA / RANK * (up @ down)
        return True

    def hooks(self, transformer: Any) -> Iterator[Any]:
        for place, linear in _attention(transformer):
            yield linear.register_forward_hook(self._added(place))

    def _parts(self, place: str) -> tuple[Tensor, Tensor]:
        return self.weights[f"{place}_down"], self.weights[f"{place}_up"]

    def _added(self, place: str) -> Any:
        down, up = self._parts(place)

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
            prompt = self.weights["prompt"].expand(input_ids.shape[0], -1, -1)
            return read_with(plain, transformer, prompt, input_ids, attention_mask)

        transformer.forward = prompted
        yield Replaced(transformer)


class Feedback(Adapter):
    """What the model made of a text, mapped to a vector before its words and read with them again.

    After Hao et al. 2024, Training large language models to reason in a continuous latent space.
    `gate`: of each dimension how far the answer goes from the first reading to the second.
    """

    kind = "feedback"

    @torch.no_grad()
    def begin(self, transformer: Any, seed: int) -> None:
        """By least squares, from what the model makes of single words to these words' own input.

        The gate stands half open.
        """
        known = transformer.embeddings.word_embeddings.weight
        words = torch.arange(*COMMONEST, device=known.device)
        learned = linear_map(_alone(transformer, words), known[words].float().cpu().numpy(), RIDGE)
        self.weights["map"].data.copy_(torch.from_numpy(learned))

    def hooks(self, transformer: Any) -> Iterator[Any]:
        """In the place of its `forward`, as that of a prompt."""
        plain = transformer.forward

        def fed_back(input_ids: Tensor, attention_mask: Tensor, **_: Any) -> Any:
            out = plain(input_ids=input_ids, attention_mask=attention_mask, return_dict=True)
            first, weights = out.last_hidden_state, self.weights
            state = state_of(first, attention_mask).to(weights["map"].dtype) @ weights["map"]
            again = read_with(plain, transformer, state[:, None], input_ids, attention_mask)
            moved = again.last_hidden_state - first
            out.last_hidden_state = first + torch.sigmoid(weights["gate"]) * moved
            return out

        transformer.forward = fed_back
        yield Replaced(transformer)


def read_with(plain: Any, transformer: Any, put_in: Tensor, ids: Tensor, mask: Tensor) -> Any:
    """What `plain` makes of the words with the vectors (n, count, d) between [CLS] and them.

    These are left out of what comes out.
    """
    words, count = transformer.embeddings.word_embeddings(ids), put_in.shape[1]
    seen = torch.ones_like(mask[:, :1]).expand(-1, count)
    out = plain(
        inputs_embeds=torch.cat([words[:, :1], put_in.to(words.dtype), words[:, 1:]], dim=1),
        attention_mask=torch.cat([mask[:, :1], seen, mask[:, 1:]], dim=1),
        return_dict=True,
    )
    hidden = out.last_hidden_state
    out.last_hidden_state = torch.cat([hidden[:, :1], hidden[:, 1 + count :]], dim=1)
    return out


def state_of(hidden: Tensor, mask: Tensor) -> Tensor:
    """(n, d): the mean of those (n, tokens, d) that are no padding, of unit length, in float32."""
    return nn.functional.normalize(Pooled.mean(hidden.float(), mask.unsqueeze(-1).float()), dim=1)


def _alone(transformer: Any, words: Tensor) -> Any:
    """(n, d): what the model makes of each word between [CLS] and [SEP]."""
    ids = nn.functional.pad(words[:, None], (1, 0), value=CLS)
    ids = nn.functional.pad(ids, (0, 1), value=SEP)
    parts = [
        state_of(transformer(input_ids=part).last_hidden_state, torch.ones_like(part))
        for part in ids.split(AT_ONCE)
    ]
    return torch.cat(parts).cpu().numpy()


class Replaced:
    """A handle like that of a hook: the transformer's own `forward` comes back."""

    def __init__(self, transformer: Any) -> None:
        self.transformer = transformer

    def remove(self) -> None:
        del self.transformer.forward


ADAPTERS: dict[str, type[Adapter]] = {
    each.kind: each for each in (LowRank, Prompt, Bottleneck, Feedback)
}


def adapter_of(content: bytes, kind: str) -> Adapter:
    """From its bytes, as float32 that is not trained. Raises BadAdapter."""
    return ADAPTERS[kind](unpacked(content, kind)).requires_grad_(False)


def _attention(transformer: Any) -> Iterator[tuple[str, Any]]:
    """The linear maps that LoRA takes part in, each with its place's name."""
    for number, layer in enumerate(transformer.encoder.layer):
        for part in PARTS:
            yield f"{number}_{part}", getattr(layer.attention.self, part)
