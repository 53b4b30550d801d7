"""Adapters: their bytes, what they do to the model, and that training can be taken up again."""

from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import save

from embeddings.tuning.pairs import Pair
from embeddings.tuning.stored import MAX_BYTES, SHAPES, BadAdapter, Weights, packed, unpacked

TEXTS = ["a bank by the river", "where money is kept " * 12, "x"]


def weights(kind: str, seed: int = 0) -> Weights:
    chance = np.random.default_rng(seed)
    return {
        name: (0.1 * chance.standard_normal(shape)).astype(np.float32)
        for name, shape in SHAPES[kind].items()
    }


def without(kind: str, name: str) -> Weights:
    return {key: weight for key, weight in weights(kind).items() if key != name}


@pytest.mark.parametrize("kind", SHAPES)
def test_an_adapter_comes_back_from_its_bytes_and_is_small(kind: str) -> None:
    content = packed(weights(kind))
    assert len(content) < MAX_BYTES
    for name, weight in unpacked(content, kind).items():
        assert (weight == weights(kind)[name]).all()


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "no safetensors"),
        (b"\x80\x04\x95pickle.", "no safetensors"),
        (b"\xff" * 8 + b"{}", "no safetensors"),
        (bytes(MAX_BYTES + 1), "more than"),
        (save(weights("prompt")), "no adapter of the kind “lora”"),
        (save(without("lora", "0_query_up")), "no adapter of the kind"),
        (save(weights("lora") | {"more": np.zeros(1, np.float32)}), "no adapter of the kind"),
        (save({k: w.astype(np.float16) for k, w in weights("lora").items()}), "32 bits"),
        (save({k: w * np.float32("nan") for k, w in weights("lora").items()}), "finite"),
    ],
)
def test_it_refuses_other_bytes(content: bytes, words: str) -> None:
    with pytest.raises(BadAdapter, match=words):
        unpacked(content, "lora")


@pytest.fixture(scope="module")
def encoder() -> Any:
    from embeddings.encoders.transformer import SentenceTransformersEncoder

    return SentenceTransformersEncoder(bfloat16=False)


@pytest.mark.model
@pytest.mark.parametrize("kind", SHAPES)
def test_detached_it_leaves_the_model_as_it_was(encoder: Any, kind: str) -> None:
    from embeddings.tuning.adapters import adapter_of

    base = encoder.encode(TEXTS)
    adapter = adapter_of(packed(weights(kind)), kind)
    adapter.attach(encoder.transformer)
    with_it = encoder.encode(TEXTS)
    adapter.detach()
    assert (encoder.encode(TEXTS) == base).all()
    assert (np.abs(with_it - base).max(axis=1) > 1e-3).all()


@pytest.mark.model
@pytest.mark.parametrize("kind", ["lora", "bottleneck"])
def test_before_training_it_changes_nothing(encoder: Any, kind: str) -> None:
    from embeddings.tuning.adapters import ADAPTERS

    base = encoder.encode(TEXTS)
    adapter = ADAPTERS[kind]()
    adapter.begin(encoder.transformer, seed=1)
    adapter.attach(encoder.transformer)
    assert (encoder.encode(TEXTS) == base).all()
    adapter.detach()


@pytest.mark.model
def test_before_training_the_state_of_a_word_is_fed_back_as_that_word(encoder: Any) -> None:
    import torch

    from embeddings.tuning.adapters import ADAPTERS

    adapter, again = ADAPTERS["feedback"](), ADAPTERS["feedback"]()
    adapter.begin(encoder.transformer, seed=1)
    again.begin(encoder.transformer, seed=2)
    assert adapter.packed() == again.packed(), "there is no chance in it"
    words = ["river", "money", "doctor", "music", "winter"]
    states = torch.from_numpy(encoder.encode(words)) @ adapter.weights["map"]
    known = torch.nn.functional.normalize(encoder.transformer.embeddings.word_embeddings.weight)
    nearest = encoder.model.tokenizer.convert_ids_to_tokens((states @ known.T).argmax(dim=1))
    assert nearest == words


@pytest.mark.model
@pytest.mark.parametrize("open_to", [-30.0, 30.0])
def test_its_gate_leads_from_the_first_reading_to_the_second(encoder: Any, open_to: float) -> None:
    from embeddings.tuning.adapters import adapter_of

    base = encoder.encode(TEXTS)
    gate = np.full(SHAPES["feedback"]["gate"], open_to, np.float32)
    adapter = adapter_of(packed(weights("feedback") | {"gate": gate}), "feedback")
    adapter.attach(encoder.transformer)
    assert np.allclose(encoder.encode(TEXTS), base, atol=1e-6) is (open_to < 0)
    adapter.detach()


@pytest.mark.model
@pytest.mark.parametrize(
    ("kind", "strength"), [("lora", 1), ("prompt", 1), ("bottleneck", 0.5), ("feedback", 1)]
)
def test_its_graph_gives_the_vectors_that_it_gives(
    tmp_path: Path, kind: str, strength: float
) -> None:
    from embeddings.encoders.export import export
    from embeddings.encoders.tuned import AdaptedEncoder

    adapted = AdaptedEncoder(packed(weights(kind)), kind, strength, bfloat16=False)
    assert export(adapted, tmp_path / "graph.onnx", [*TEXTS, "one more", "and another"]) > 0.9999


@pytest.mark.model
def test_at_full_strength_lora_is_folded_into_the_weights(encoder: Any, tmp_path: Path) -> None:
    import onnx

    from embeddings.encoders.export import export
    from embeddings.encoders.tuned import AdaptedEncoder
    from embeddings.tuning.adapters import adapter_of

    content = packed(weights("lora"))
    adapter = adapter_of(content, "lora")
    adapter.attach(encoder.transformer)
    beside = encoder.encode(TEXTS)
    adapter.detach()
    folded = AdaptedEncoder(content, "lora", bfloat16=False)
    assert np.allclose(folded.encode(TEXTS), beside, atol=1e-5)
    sizes = []
    for made in (encoder, folded):
        export(made, tmp_path / "graph.onnx", TEXTS)
        sizes.append(len(onnx.load(tmp_path / "graph.onnx").graph.node))
    assert sizes[0] == sizes[1], "its graph asks no more than the model's own"


@pytest.mark.model
def test_the_strength_leads_from_the_model_to_the_adapted_one(encoder: Any) -> None:
    from embeddings.encoders.tuned import AdaptedEncoder

    content, base = packed(weights("lora")), encoder.encode(TEXTS)
    vectors = [
        AdaptedEncoder(content, "lora", strength, bfloat16=False).encode(TEXTS)
        for strength in (0.0001, 0.5, 1)
    ]
    away = [float((1 - (each * base).sum(axis=1)).mean()) for each in vectors]
    assert away[0] == pytest.approx(0, abs=1e-5)
    assert away[0] < away[1] < away[2]


PAIRS = [
    Pair(f"what has the number {n}", f"thing {n}: The one of number {n}.", frozenset({n}), n)
    for n in range(24)
]


def training(side: str = "both", kind: str = "lora") -> Any:
    from embeddings.encoders.transformer import SentenceTransformersEncoder
    from embeddings.tuning.training import Recipe, Training

    encoder = SentenceTransformersEncoder(bfloat16=False)
    stored = encoder.encode([pair.answer for pair in PAIRS]) if side == "query" else None
    return Training(encoder, Recipe(kind, side, 1e-3, 4, 1), PAIRS, stored)


@pytest.mark.model
def test_a_run_that_goes_on_ends_where_one_without_a_stop_does() -> None:
    whole, stopped, resumed = training(), training(), training()
    losses = list(whole.losses())
    assert losses[-1] < losses[0]
    first = list(islice(stopped.losses(), 2))
    kept = stopped.checkpoint(b"these pairs")
    assert not resumed.go_on_from(kept, b"other pairs")
    assert resumed.go_on_from(kept, b"these pairs")
    assert [*first, *resumed.losses()] == losses
    assert resumed.adapter.packed() == whole.adapter.packed()


@pytest.mark.model
@pytest.mark.parametrize("kind", ["lora", "feedback"])
def test_on_the_query_side_the_stored_vectors_stay(kind: str) -> None:
    run = training("query", kind)
    before = run.stored.clone()
    losses = list(run.losses())
    assert losses[-1] < losses[0]
    assert (run.stored == before).all()
