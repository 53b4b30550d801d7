"""A folder as sentence-transformers saves it: checked, hashed and described without loading it.

What is not read here is refused, rather than left out: weights that are pickled and code, because
loading them runs what is in them; modules and poolings of which the exported graph knows nothing.
"""

import hashlib
import json
from functools import cache
from pathlib import Path
from typing import Any

from embeddings.encoders import Description, EncoderUnavailable
from embeddings.encoders.model import Model

PICKLED = {".bin", ".ckpt", ".h5", ".joblib", ".msgpack", ".pickle", ".pkl", ".pt", ".pth"}
MODULES = ["Transformer", "Pooling", "Normalize"]  # the last one may be left out: we always do it
POOLINGS = {"cls", "mean"}
MODE = "pooling_mode_"
OLDER = {"pooling_mode_cls_token": "cls", "pooling_mode_mean_tokens": "mean"}
# Names of the prompts, as sentence-transformers itself looks for them.
FOR_QUESTIONS, FOR_DOCUMENTS = ("query",), ("document", "passage", "corpus")
MOST_TOKENS = 512


def read(folder: Path) -> Model:
    """The model in a folder. Raises EncoderUnavailable with what is wrong there, and the remedy."""
    refuse_what_runs(folder)
    modules = modules_of(folder)
    pooling = load_json(folder / modules[1].get("path", ""), "config.json")
    prompts = load_json(folder, "config_sentence_transformers.json", {}).get("prompts") or {}
    config = load_json(folder, "config.json")
    if not (folder / "tokenizer.json").is_file():
        raise refused(folder, "there is no tokenizer.json; save it with a fast tokenizer")
    description = Description(
        model=folder.name,
        revision="",
        sha256=sha256(folder),
        dimensions=dimensions_of(folder, pooling, config),
        languages=[],  # which ones it is good for, no file tells reliably
    )
    return Model(
        folder,
        description,
        max_tokens_of(folder, config),
        pooling_of(folder, pooling),
        query_prompt=first_of(prompts, FOR_QUESTIONS),
        document_prompt=first_of(prompts, FOR_DOCUMENTS),
    )


def refuse_what_runs(folder: Path) -> None:
    """Raises EncoderUnavailable unless all weights are safetensors and nothing there is code."""
    if not folder.is_dir():
        raise EncoderUnavailable(f"there is no folder {folder}")
    for file in files(folder):
        if file.suffix in PICKLED:
            raise refused(
                folder,
                f"{file.name} may run code when it is loaded; save the model as safetensors"
                " (`model.save_pretrained(folder)`) and remove that file",
            )
        if file.suffix == ".py":
            raise refused(folder, f"{file.name} is code, which is not run; take another model")
    if "auto_map" in load_json(folder, "config.json"):
        raise refused(folder, "its config.json asks for code of its own (auto_map)")
    if not list(folder.glob("*.safetensors")):
        raise refused(folder, "there are no weights (*.safetensors)")


def modules_of(folder: Path) -> list[dict[str, Any]]:
    """The entries of modules.json: a transformer, then its pooling."""
    modules: list[dict[str, Any]] = load_json(folder, "modules.json")
    try:
        names = [str(module["type"]).split(".")[-1] for module in modules]
        ours = all(str(module["type"]).startswith("sentence_transformers.") for module in modules)
        paths = [str(module.get("path", "")) for module in modules]
        inside = not paths[0] and not any("/" in path or ".." in path for path in paths)
    except (AttributeError, IndexError, KeyError, TypeError):
        names, ours, inside = [], False, False
    if not (ours and inside and names in (MODULES, MODULES[:2])):
        raise refused(
            folder,
            f"its modules are {', '.join(names) or 'unreadable'}; only a transformer with its"
            " pooling is read",
        )
    return modules


def pooling_of(folder: Path, config: dict[str, Any]) -> str:
    """ "mean" or "cls", in the form of sentence-transformers 6 or in that before."""
    said = config.get("pooling_mode", [])
    modes = {said} if isinstance(said, str) else set(said)
    modes |= {OLDER.get(key, key) for key, on in config.items() if key.startswith(MODE) and on}
    if len(modes) != 1 or not modes <= POOLINGS or not config.get("include_prompt", True):
        raise refused(folder, "it pools neither by the mean of all tokens nor by the first one")
    [mode] = modes
    return str(mode)


def dimensions_of(folder: Path, pooling: dict[str, Any], config: dict[str, Any]) -> int:
    for source, key in (
        (pooling, "embedding_dimension"),
        (pooling, "word_embedding_dimension"),
        (config, "hidden_size"),
    ):
        if isinstance(found := source.get(key), int) and found > 0:
            return found
    raise refused(folder, "nothing in it says how many dimensions its vectors have")


def max_tokens_of(folder: Path, config: dict[str, Any]) -> int:
    """The least that the folder says, at most MOST_TOKENS."""
    said = (
        load_json(folder, "sentence_bert_config.json", {}).get("max_seq_length"),
        load_json(folder, "tokenizer_config.json", {}).get("model_max_length"),
        config.get("max_position_embeddings"),
    )
    return int(min([MOST_TOKENS, *(limit for limit in said if isinstance(limit, int))]))


def first_of(prompts: dict[str, Any], names: tuple[str, ...]) -> str:
    """
    >>> first_of({"query": "query: ", "passage": "passage: "}, FOR_DOCUMENTS)
    'passage: '
    """
    return next((str(prompts[name]) for name in names if prompts.get(name)), "")


def load_json(folder: Path, name: str, otherwise: Any = None) -> Any:
    """What a file holds; `otherwise`, if there is such, where it is not there."""
    try:
        return json.loads((folder / name).read_text("utf-8"))
    except FileNotFoundError:
        if otherwise is not None:
            return otherwise
        raise refused(folder, f"{name} is missing; is it of sentence-transformers?") from None
    except (OSError, ValueError) as error:
        raise refused(folder, f"{name} cannot be read: {error}") from error


def files(folder: Path) -> list[Path]:
    """All but what is hidden, as a checkout's own files."""
    found = (path for path in folder.rglob("*") if path.is_file())
    return sorted(p for p in found if not any(x[0] == "." for x in p.relative_to(folder).parts))


def sha256(folder: Path) -> str:
    """Of the weights and of every setting: of all files but those that are only read by people."""
    read = [path for path in files(folder) if path.suffix in {".json", ".safetensors", ".txt"}]
    return _sha256(folder, tuple((path, path.stat().st_mtime_ns) for path in read))


@cache
def _sha256(folder: Path, changed: tuple[tuple[Path, int], ...]) -> str:
    whole = hashlib.sha256()
    for path, _ in changed:
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        whole.update(f"{path.relative_to(folder).as_posix()} {digest}\n".encode())
    return whole.hexdigest()


def refused(folder: Path, reason: str) -> EncoderUnavailable:
    return EncoderUnavailable(f"the model in {folder} cannot be used: {reason}")
