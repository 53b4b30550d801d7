"""The shipped model with an adapter: `tuned:3`, or `tuned:3@0.5` for half of its strength."""

import hashlib
from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import replace
from typing import TYPE_CHECKING

from embeddings.encoders import Description, EncoderUnavailable, shipped
from embeddings.encoders.model import Model
from embeddings.encoders.shipped import DESCRIPTION
from embeddings.encoders.transformer import SentenceTransformersEncoder, multiplies_bfloat16
from embeddings.tuning.models import Tuning, tuning_of
from embeddings.tuning.stored import BadAdapter
from embeddings.vectors import Matrix, unit

if TYPE_CHECKING:
    import torch


def named(argument: str) -> tuple[Tuning, float]:
    """The tuning and its strength. Raises EncoderUnavailable for one that is not there or done."""
    found = tuning_of(f"tuned:{argument}")
    if found is None:
        raise EncoderUnavailable(
            f"there is no tuning {argument!r}: write its number, or 3@0.75 for a strength of 0.75"
        )
    if found[0].state != Tuning.State.DONE:
        raise EncoderUnavailable(f"{found[0]} is not done: it is {found[0].state}")
    if found[0].base_sha256 != DESCRIPTION.sha256:
        raise EncoderUnavailable(f"{found[0]} is of another model than the one that is shipped")
    return found


def described(argument: str) -> Description:
    tuning, strength = named(argument)
    of = f"{DESCRIPTION.sha256} {tuning.sha256} {strength:g}"
    share = "" if strength == 1 else f" at {strength:g}"
    return Description(
        model=f"{DESCRIPTION.model} with {tuning}{share}",
        revision=f"{DESCRIPTION.revision}, adapter {tuning.sha256[:16]}",
        sha256=hashlib.sha256(of.encode()).hexdigest(),
        dimensions=DESCRIPTION.dimensions,
        languages=DESCRIPTION.languages,
    )


class AdaptedEncoder(SentenceTransformersEncoder):
    """With an adapter of so many bytes; `strength`, from 0 to 1, mixes it with what it adapts.

    At full strength an adapter that can be folded into the weights is, and costs nothing.
    """

    def __init__(
        self,
        content: bytes,
        kind: str,
        strength: float = 1,
        *,
        about: Model | None = None,
        bfloat16: bool | None = None,
    ) -> None:
        super().__init__(about=about, bfloat16=False)
        from embeddings.tuning.adapters import adapter_of

        self.strength, self.adapter = strength, adapter_of(content, kind)
        self.is_folded = strength == 1 and self.adapter.fold(self.transformer)
        if not self.is_folded:
            self.adapter.attach(self.transformer)
        if multiplies_bfloat16() if bfloat16 is None else bfloat16:
            self.compute_in_bfloat16()

    @property
    def pooled(self) -> "torch.nn.Module":
        from embeddings.encoders.pooled import Pooled

        return Pooled(self.transformer, self.about.pooling, self.adapter, self.strength)

    def compute_in_bfloat16(self) -> None:
        without = nullcontext() if self.is_folded else self.adapter.off(self.transformer)
        with without:
            super().compute_in_bfloat16()
            self.adapter.bfloat16()

    def encode_after(self, prompt: str, texts: Sequence[str]) -> Matrix:
        adapted = super().encode_after(prompt, texts)
        if self.strength == 1:
            return adapted
        with self.adapter.off(self.transformer):
            base = super().encode_after(prompt, texts)
        return unit((1 - self.strength) * base + self.strength * adapted)


class TunedEncoder(AdaptedEncoder):
    description = DESCRIPTION

    @classmethod
    def described(cls, argument: str) -> Description:
        return described(argument)

    def __init__(self, argument: str, *, bfloat16: bool | None = None) -> None:
        tuning, strength = named(argument)
        content = bytes(tuning.adapter or b"")
        about = replace(shipped.checked(), description=described(argument))
        try:
            super().__init__(content, tuning.kind, strength, about=about, bfloat16=bfloat16)
        except BadAdapter as error:
            raise EncoderUnavailable(f"the adapter of {tuning} is damaged: {error}") from error
