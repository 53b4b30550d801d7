"""Models of one's own: a sentence-transformers folder, checked, hashed, and read without code."""

import io
import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.core.management import CommandError, call_command

from embeddings import encoders
from embeddings.encoders import EncoderUnavailable, describe, load, model_folder, onnx, shipped
from embeddings.encoders.folder import FolderOnnxEncoder
from embeddings.lookup import Meaning, look_up
from embeddings.models import Space
from tests.factories import make_term

TRANSFORMER = "sentence_transformers.models.Transformer"
POOLING = {"idx": 1, "path": "1_Pooling", "type": "sentence_transformers.models.Pooling"}
FILES: dict[str, Any] = {
    "modules.json": [{"idx": 0, "path": "", "type": TRANSFORMER}, POOLING],
    "config.json": {"hidden_size": 32, "max_position_embeddings": 512},
    "1_Pooling/config.json": {"word_embedding_dimension": 32, "pooling_mode_mean_tokens": True},
    "sentence_bert_config.json": {"max_seq_length": 128},
    "tokenizer.json": {},
}


@pytest.fixture
def models(tmp_path: Path, settings: Any) -> Path:
    settings.MODELS = tmp_path / "models"
    settings.VAR = tmp_path
    settings.MODELS.mkdir()
    return settings.MODELS


@pytest.fixture
def medical(models: Path) -> Path:
    """A folder with everything but real weights, which only a load would miss."""
    folder = models / "medical"
    for name, content in FILES.items():
        write(folder / name, content)
    (folder / "model.safetensors").write_bytes(b"weights")
    return folder


def write(path: Path, content: Any) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content))


def manage(*arguments: str) -> str:
    out = io.StringIO()
    call_command(*arguments, stdout=out)
    return out.getvalue()


def test_it_is_described_without_being_loaded(medical: Path) -> None:
    about = describe("folder:medical")
    assert (about.model, about.dimensions, len(about.sha256)) == ("medical", 32, 64)
    model = model_folder.read(medical)
    assert (model.max_tokens, model.pooling, model.query_prompt) == (128, "mean", "")


@pytest.mark.parametrize(
    ("config", "pooling"),
    [
        ({"pooling_mode": "cls", "embedding_dimension": 32}, "cls"),
        ({"pooling_mode": ["mean"]}, "mean"),
        ({"pooling_mode_cls_token": True, "pooling_mode_mean_tokens": False}, "cls"),
    ],
)
def test_it_reads_the_pooling_of_old_and_new_folders(
    medical: Path, config: dict[str, Any], pooling: str
) -> None:
    write(medical / "1_Pooling/config.json", config)
    assert model_folder.read(medical).pooling == pooling
    assert model_folder.read(medical).description.dimensions == 32


def test_it_reads_what_stands_before_questions_and_documents(medical: Path) -> None:
    prompts = {"query": "query: ", "passage": "passage: ", "other": "no"}
    write(medical / "config_sentence_transformers.json", {"prompts": prompts})
    model = model_folder.read(medical)
    assert (model.query_prompt, model.document_prompt) == ("query: ", "passage: ")


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("pytorch_model.bin", "", "may run code .* as safetensors .*remove that file"),
        ("2_Dense/model.pt", "", "model.pt may run code"),
        ("modeling.py", "", "is code, which is not run"),
        ("config.json", {"auto_map": {"AutoModel": "x.Y"}}, "auto_map"),
        ("modules.json", [{"type": TRANSFORMER}], "its modules are Transformer;"),
        ("modules.json", [{"type": "mine.Transformer"}, POOLING], "only a transformer"),
        ("modules.json", [{"type": TRANSFORMER}, POOLING | {"path": "../.."}], "only a transf"),
        ("modules.json", {"type": 3}, "unreadable"),
        ("modules.json", [3], "unreadable"),
        ("1_Pooling/config.json", {"pooling_mode": "max"}, "pools neither"),
        ("1_Pooling/config.json", {"pooling_mode_max_tokens": True}, "pools neither"),
        ("1_Pooling/config.json", {"pooling_mode": ["mean", "cls"]}, "pools neither"),
    ],
)
def test_it_refuses_what_it_does_not_read(
    medical: Path, name: str, content: Any, words: str
) -> None:
    write(medical / name, content)
    with pytest.raises(EncoderUnavailable, match=words):
        describe("folder:medical")


@pytest.mark.parametrize(
    ("missing", "words"),
    [
        ("model.safetensors", "no weights"),
        ("modules.json", "is it of sentence-transformers"),
        ("tokenizer.json", "fast tokenizer"),
        ("config.json", "config.json is missing"),
    ],
)
def test_it_says_what_is_missing(medical: Path, missing: str, words: str) -> None:
    (medical / missing).unlink()
    with pytest.raises(EncoderUnavailable, match=words):
        describe("folder:medical")


def test_it_says_which_file_cannot_be_read(medical: Path) -> None:
    (medical / "modules.json").write_text("[")
    with pytest.raises(EncoderUnavailable, match=r"modules\.json cannot be read"):
        describe("folder:medical")


@pytest.mark.parametrize("name", ["../medical", "a/b", ".hidden", "x" * 60, "med ical"])
def test_it_takes_a_name_and_no_path(models: Path, name: str) -> None:
    with pytest.raises(EncoderUnavailable, match="is no name for a model"):
        describe(f"folder:{name}")
    with pytest.raises(EncoderUnavailable, match="there is no folder"):
        describe("folder:nothing")


@pytest.mark.parametrize("name", ["model.safetensors", "tokenizer.json", "1_Pooling/config.json"])
def test_it_is_another_model_when_any_of_its_files_changes(medical: Path, name: str) -> None:
    before = model_folder.sha256(medical)
    assert model_folder.sha256(medical) == before
    path = medical / name
    path.write_bytes(path.read_bytes() + b" ")
    assert model_folder.sha256(medical) != before


def test_its_hash_does_not_depend_on_where_it_lies(medical: Path) -> None:
    (medical / "README.md").write_text("Read me.")
    shutil.copytree(medical, medical.parent / "elsewhere")
    assert model_folder.sha256(medical.parent / "elsewhere") == model_folder.sha256(medical)


@pytest.mark.django_db
def test_a_space_keeps_the_hash_and_loads_no_other_weights(medical: Path) -> None:
    space = Space.objects.begin("folder:medical", name="medical", languages=["en"])
    assert space.encoder == f"folder:medical@{space.sha256}"
    assert describe(space.encoder).sha256 == space.sha256
    (medical / "model.safetensors").write_bytes(b"other weights")
    for loading in (load, encoders.load_for_query, describe):
        with pytest.raises(EncoderUnavailable, match="not the one that the space was made by"):
            loading(space.encoder)
    assert "not the one" in encoders.obstacle(space.encoder)


@pytest.mark.django_db
def test_a_space_of_ones_own_model_says_its_languages(medical: Path) -> None:
    with pytest.raises(CommandError, match="--languages"):
        manage("spaces", "create", "medical", "--encoder", "folder:medical")
    told = manage(
        "spaces", "create", "medical", "--encoder", "folder:medical", "--languages", "en,de"
    )
    assert "building  medical  32 dimensions, encoder folder:medical:" in told
    assert Space.objects.get().languages == ["en", "de"]


@pytest.mark.django_db
def test_it_is_not_activated_where_questions_cannot_be_encoded(medical: Path) -> None:
    Space.objects.begin("folder:medical", name="medical")
    with pytest.raises(CommandError, match=r"cannot be encoded .*export_onnx"):
        manage("spaces", "activate", "medical")


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A real model with random weights, saved as sentence-transformers does."""
    import torch
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import Pooling, Transformer
    from transformers import BertConfig, BertModel, PreTrainedTokenizerFast

    made = tmp_path_factory.mktemp("models")
    torch.manual_seed(1)
    config = BertConfig(
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=64,
        initializer_range=0.5,
    )
    BertModel(config).save_pretrained(made / "bare")
    PreTrainedTokenizerFast.from_pretrained(str(shipped.folder())).save_pretrained(made / "bare")
    transformer = Transformer(str(made / "bare"), max_seq_length=64)
    modules = [transformer, Pooling(32, pooling_mode="cls")]
    prompts = {"query": "asked: ", "document": "said: "}
    SentenceTransformer(modules=modules, prompts=prompts).save_pretrained(str(made / "small"))
    return made / "small"


@pytest.mark.model
@pytest.mark.django_db
def test_a_model_of_ones_own_is_added_fills_a_space_and_answers(models: Path, small: Path) -> None:
    told = manage("spaces", "add-model", str(small))
    assert "small: 32 dimensions, 64 tokens, pooled by cls" in told
    assert (models / "small" / "model.safetensors").is_file()
    assert "is there already" in manage("spaces", "add-model", "small")
    make_term("token", "A unit of text.")
    manage("spaces", "create", "own", "--encoder", "folder:small", "--languages", "all")
    manage("embed")
    manage("spaces", "activate", "own")
    answer = look_up("a unit of text")
    assert (answer.meaning, len(answer.hits)) == (Meaning.READY, 1)


@pytest.mark.model
def test_its_prompts_stand_before_texts(models: Path, small: Path) -> None:
    shutil.copytree(small, models / "small")
    manage("export_onnx", "folder:small")
    document, question = load("folder:small"), load("folder_onnx:small")
    [said], [asked] = document.encode(["a text"]), question.encode(["a text"])
    bare: Any = document
    assert np.allclose(said, bare.encode_after("", ["said: a text"])[0], atol=0.01)
    assert np.allclose(asked, bare.encode_after("", ["asked: a text"])[0], atol=0.01)
    assert not np.allclose(said, asked, atol=0.01)


@pytest.mark.model
def test_another_model_of_the_same_name_is_refused(models: Path, small: Path) -> None:
    shutil.copytree(small, models / "small")
    write(models / "small" / "sentence_bert_config.json", {"max_seq_length": 8})
    with pytest.raises(CommandError, match="sha256 differs"):
        manage("spaces", "add-model", str(small))


@pytest.mark.model
def test_a_graph_that_gives_other_vectors_is_thrown_away(
    models: Path, small: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(small, models / "small")
    monkeypatch.setattr(
        FolderOnnxEncoder.__mro__[1], "encode", lambda self, texts: np.eye(len(texts), 32)
    )
    with pytest.raises(CommandError, match="differs from the model"):
        manage("export_onnx", "folder:small")
    assert not onnx.path(describe("folder:small").sha256).exists()


def test_only_a_key_with_a_graph_is_exported() -> None:
    assert onnx.is_needed("sentence_transformers")
    assert onnx.is_needed("folder:medical")
    assert not any(map(onnx.is_needed, ["hashing", "openai_compatible", "magic:3"]))
    with pytest.raises(CommandError, match="hashing needs no graph"):
        manage("export_onnx", "hashing", "--force")
