"""A folder of Markdown: a file an entry, `en/latent-space.md`, made to be kept and read in git.

Between two lines of `---` stands in YAML what the entry has besides its definitions; under them
the definitions as they are stored, with `## 2` and so on over each where there are several. As one
stream the folder is a zip archive.
"""

import hashlib
import re
import zipfile
from collections.abc import Iterable, Iterator
from pathlib import Path, PurePosixPath
from typing import Any, BinaryIO

from terms.entry import Entry
from terms.entry_json import to_json
from terms.formats import FormatError
from terms.formats.whole import MAX_LINE, Read, entry_from, opened_archive
from terms.formats.yaml import documents, dumped, filled

FENCE = "---\n"
HEADING = re.compile(r"^## \d+\n", re.MULTILINE)
LIKE_HEADING = re.compile(r"^(?=\\*## \d+$)", re.MULTILINE)
ESCAPED = re.compile(r"^\\(?=\\*## \d+$)", re.MULTILINE)
MAX_FILES = 1_000_000
MAX_NAME = 200  # bytes; file systems have 255
EPOCH = (1980, 1, 1, 0, 0, 0)  # the same entries make the same archive


def read(stream: BinaryIO) -> Iterator[Read]:
    archive = opened_archive(stream)
    if len(archive.infolist()) > MAX_FILES:
        raise FormatError(0, f"the archive has more than {MAX_FILES:,} files", "Split it.")
    for info in archive.infolist():
        if info.filename.endswith(".md"):
            try:
                with archive.open(info) as file:
                    raw = file.read(MAX_LINE + 1)
            except (zipfile.BadZipFile, RuntimeError, NotImplementedError, OSError) as error:
                raise FormatError(0, f"{info.filename[:200]}: {error}", "Save it again.") from error
            yield from read_file(raw, info.filename)


def write(entries: Iterable[Entry], stream: BinaryIO) -> None:
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for entry in entries:
            info = zipfile.ZipInfo(path_of(entry), EPOCH)
            info.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(info, written(entry))


def read_folder(folder: Path) -> Iterator[Read]:
    for path in sorted(folder.rglob("*.md")):
        with path.open("rb") as file:
            yield from read_file(file.read(MAX_LINE + 1), str(path.relative_to(folder)))


def write_folder(entries: Iterable[Entry], folder: Path) -> None:
    for entry in entries:
        path = folder / path_of(entry)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(written(entry), encoding="utf-8", newline="\n")


def path_of(entry: Entry) -> str:
    """
    >>> path_of(Entry("Latent space")), len(path_of(Entry("語" * 99)).encode())
    ('en/latent-space.md', 198)
    """
    language, slug = entry.address
    name = slug.encode()
    if len(name) > MAX_NAME:
        short = name[: MAX_NAME - 17].decode(errors="ignore")
        slug = f"{short}-{hashlib.sha256(name).hexdigest()[:8]}"
    return str(PurePosixPath(language, f"{slug}.md"))


def written(entry: Entry) -> str:
    data = to_json(entry)
    definitions = [sense.pop("definition") for sense in data["senses"]]
    bodies = [LIKE_HEADING.sub(r"\\", definition) + "\n" for definition in definitions]
    if len(bodies) > 1:
        bodies = [f"## {number}\n\n{body}" for number, body in enumerate(bodies, 1)]
    return "\n".join([f"{FENCE}{dumped(filled(data))}{FENCE}", *bodies])


def read_file(raw: bytes, name: str) -> Iterator[Read]:
    """The entry of one file; what is wrong is told with the file's name."""
    try:
        yield from (_named(read, name) for read in _entry(raw))
    except FormatError as error:
        yield _named(error, name)


def _named(read: Read, name: str) -> Read:
    if isinstance(read, FormatError):
        return FormatError(read.line, f"{name[:200]}: {read.reason}", read.remedy, read.column)
    return read


def _entry(raw: bytes) -> Iterator[Read]:
    if len(raw) > MAX_LINE:
        raise FormatError(0, f"the file has more than {MAX_LINE:,} bytes", "Shorten it.")
    head, body = _parts(raw)
    _, data = next(documents(head), (1, None))
    if not isinstance(data, dict):
        raise FormatError(1, "no mapping stands between the lines", "Begin with “name: …”.")
    definitions, begin = _definitions(body), head.count("\n") + 3
    senses: Any = data.get("senses") or [{} for _ in definitions]
    if not isinstance(senses, list) or len(senses) != len(definitions):
        reason = f"{len(definitions)} definitions stand under the lines, and other senses above"
        raise FormatError(begin, reason, "Give each sense its definition, under “## 1”, “## 2” …")
    said = [
        {**_mapping(each), "definition": text}
        for each, text in zip(senses, definitions, strict=True)
    ]
    yield from entry_from(data | {"senses": said}, 1)


def _mapping(sense: Any) -> dict[str, Any]:
    if not isinstance(sense, dict):
        raise FormatError(1, "a sense is no mapping", "Write “- key: …” or “- {}”.")
    return sense


def _parts(raw: bytes) -> tuple[str, str]:
    """What stands between the lines, and what stands under them."""
    try:
        text = raw.decode("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise FormatError(line, "the file is not UTF-8", "Save it as UTF-8.") from error
    begin, _, rest = text.partition(FENCE)
    head, fence, body = f"\n{rest}".partition(f"\n{FENCE}")
    if begin or not fence:
        raise FormatError(1, "what the entry is does not stand above", "Begin with a line “---”.")
    return head[1:] + "\n", body


def _definitions(body: str) -> list[str]:
    first, *others = HEADING.split(body)
    parts = others if not first.strip() else [first, *others]
    return [ESCAPED.sub("", part).strip() for part in parts if others or part.strip()]
