"""An operator's own model: a sentence-transformers folder below settings.MODELS.

The key is `folder:<name>`; a space keeps `folder:<name>@<sha256>`, and no other weights are loaded
for it, whatever lies in the folder by then.
"""

import re
import shutil
from pathlib import Path
from tempfile import TemporaryDirectory

from django.conf import settings

from embeddings.encoders import Description, EncoderUnavailable, model_folder, onnx
from embeddings.encoders.model import Model
from embeddings.encoders.transformer import SentenceTransformersEncoder

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,39}")


def place_of(name: str) -> Path:
    """Where the model of that name lies. Raises EncoderUnavailable for what is no name."""
    if not NAME.fullmatch(name):
        raise EncoderUnavailable(
            f"{name!r} is no name for a model: up to forty letters, digits, dots, - and _"
        )
    return Path(settings.MODELS) / name


def checked(argument: str) -> Model:
    """The model named `<name>` or `<name>@<sha256>`.

    Raises EncoderUnavailable for a folder that is not there or refused, or has another hash.
    """
    name, _, pinned = argument.partition("@")
    about = model_folder.read(place_of(name))
    if pinned and about.description.sha256 != pinned:
        raise EncoderUnavailable(
            f"the model in {about.folder} is not the one that the space was made by (sha256"
            " differs): put that one back, or make another space of this one"
        )
    return about


def add(source: Path) -> Model:
    """The model of a name in settings.MODELS, or of a path, which is copied there once checked.

    Raises EncoderUnavailable for a model that is refused, or another one of that name.
    """
    if source.parent == Path() and place_of(source.name).is_dir():
        return checked(source.name)
    given, place = model_folder.read(source), place_of(source.resolve().name)
    if not place.exists():
        place.parent.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(dir=place.parent, prefix=".") as draft:
            shutil.copytree(source, Path(draft) / place.name)
            (Path(draft) / place.name).rename(place)
    return checked(f"{place.name}@{given.description.sha256}")


class FolderEncoder(SentenceTransformersEncoder):
    """Embeds senses, after the model's prompt for documents if it has one."""

    def __init__(self, argument: str, *, bfloat16: bool | None = None) -> None:
        super().__init__(about=checked(argument), bfloat16=bfloat16)

    @classmethod
    def described(cls, argument: str) -> Description:
        return checked(argument).description


class FolderOnnxEncoder(onnx.OnnxEncoder):
    """Embeds questions, after the model's prompt for queries if it has one."""

    def __init__(self, argument: str) -> None:
        super().__init__(about=checked(argument))

    @classmethod
    def described(cls, argument: str) -> Description:
        return checked(argument).description

    @classmethod
    def check(cls, argument: str = "") -> None:
        """Raises EncoderUnavailable for a folder that is refused, or while it has no graph here."""
        onnx.checked_path(checked(argument).description.sha256)
