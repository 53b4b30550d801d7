"""A release as a folder of plain HTML that opens from a disk: no server, nothing from elsewhere.

Scripts that a page reads from a disk can be neither modules nor fetched, so what is searched is
put into scripts that only set a value. `written` is sent with the release, the folder and its
pages; embeddings/snapshot.py adds the vectors.
"""

import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings
from django.dispatch import Signal
from django.template.loader import render_to_string
from django.utils import translation

from terms.entry import Entry
from terms.models import Alias, FrozenEntry, Glossary, Release
from terms.models.relation import LABELS
from terms.releasing import shown_senses

LONGEST = 200  # bytes of a file's name; file systems take 255
written = Signal()


@dataclass(frozen=True)
class Page:
    """An entry of the release and where it lies in the folder."""

    position: int
    language: str
    slug: str
    name: str
    letter: str
    gist: str

    @property
    def path(self) -> str:
        """
        >>> Page(7, "en", "cup", "cup", "C", "").path
        'define/en/cup.html'
        """
        is_short = len(self.slug.encode()) <= LONGEST
        return f"define/{self.language}/{self.slug if is_short else self.position}.html"


def write(release: Release, folder: Path) -> int:
    """Writes the release and returns how many entries it has. Raises FileExistsError."""
    folder.mkdir(parents=True, exist_ok=True)
    if any(folder.iterdir()):
        raise FileExistsError(f"{folder} is not empty.")
    pages = _pages(release)
    glossary = Glossary.current()
    common = {"glossary": glossary, "release": release, "language": glossary.main_language}
    _copy_looks(folder)
    with translation.override(glossary.main_language):
        _write(folder / "index.html", "index", common | {"pages": pages, "root": ""})
        paths = {(page.language, page.slug): page for page in pages}
        frozen = release.entries.order_by("position")
        for page, each in zip(pages, frozen.iterator(500), strict=True):
            about = _context(page, each.entry, paths)
            _write(folder / page.path, "entry", common | about)
    write_value(folder / "names.js", "lexispaceNames", list(_names(release, pages)))
    write_value(folder / "space.js", "lexispaceSpace", None)
    written.send(sender=Release, release=release, folder=folder, pages=pages)
    return len(pages)


def write_value(path: Path, name: str, value: Any) -> None:
    """A script that sets a value of the window: what a page from a disk can read."""
    data = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    path.write_text(f"window.{name} = {data};\n", encoding="utf-8")


def _pages(release: Release) -> list[Page]:
    columns = ("position", "language", "slug", "name", "letter", "gist")
    rows = release.entries.order_by("position").values_list(*columns)
    return [Page(*row) for row in rows]


def _copy_looks(folder: Path) -> None:
    static = Path(settings.BASE_DIR) / "static"
    for name in ("css", "fonts"):
        shutil.copytree(static / name, folder / name)
    shutil.copy(static / "js" / "snapshot.js", folder / "snapshot.js")


def _write(path: Path, template: str, context: dict[str, Any]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    text = render_to_string(f"terms/snapshot/{template}.html", context)
    path.write_text(text, encoding="utf-8")


def _context(page: Page, entry: Entry, paths: dict[tuple[str, str], Page]) -> dict[str, Any]:
    links = ((LABELS[link.kind], paths[link.language, link.slug]) for link in entry.relations)
    return {
        "page": page,
        "entry": entry,
        "aliases": [alias.name for alias in entry.aliases],
        "senses": shown_senses(entry),
        "relations": list(links),
        "root": "../../",
    }


def _names(release: Release, pages: list[Page]) -> Iterator[list[Any]]:
    """[name, path, gist, other names] of each entry, in order."""
    frozen: Iterator[FrozenEntry] = release.entries.order_by("position").iterator(500)
    for page, each in zip(pages, frozen, strict=True):
        others = [alias.name for alias in each.entry.aliases if alias.kind != Alias.Kind.FORMER]
        yield [page.name, page.path, page.gist, others]
