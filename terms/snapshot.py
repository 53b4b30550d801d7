"""A release as a folder of plain HTML that opens from a disk: no server, nothing from elsewhere.

Scripts that a page reads from a disk can be neither modules nor fetched, so what is searched is
put into scripts that only set a value. A to Z stands on the first page, or by letter on pages of
its own where that would be too long. `written` is sent with the release, the folder and its pages;
embeddings/snapshot.py adds the vectors.
"""

import json
import shutil
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any

from django.conf import settings
from django.dispatch import Signal
from django.template.loader import render_to_string
from django.utils import translation

from terms.alphabet import OTHER
from terms.entry import Entry
from terms.models import Alias, FrozenEntry, Glossary, Release
from terms.models.relation import LABELS
from terms.releasing import shown_senses

LONGEST = 200  # bytes of a file's name; file systems take 255
WHOLE = 500  # entries that the first page holds, and at the most those of a page of a letter
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


@dataclass(frozen=True)
class Letter:
    """The entries of a language that stand under a letter, in order."""

    language: str
    name: str
    pages: list[Page]

    @property
    def label(self) -> str:
        """
        >>> Letter("en", "#", []).label
        '0–9'
        """
        return "0–9" if self.name == OTHER else self.name

    @property
    def key(self) -> str:
        """In addresses."""
        return "0-9" if self.name == OTHER else self.name

    @property
    def anchor(self) -> str:
        return f"{self.language}-{self.key}"

    @property
    def path(self) -> str:
        return self.path_of(1)

    def path_of(self, part: int) -> str:
        """Where the entries lie in the folder, WHOLE of them a part.

        >>> Letter("en", "C", []).path_of(1), Letter("en", "C", []).path_of(2)
        ('letters/en/C.html', 'letters/en/C-2.html')
        """
        return f"letters/{self.language}/{self.key}{f'-{part}' if part > 1 else ''}.html"

    @property
    def parts(self) -> list[list[Page]]:
        return [self.pages[at : at + WHOLE] for at in range(0, len(self.pages), WHOLE)]


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
        _write_alphabet(folder, letters_of(pages), common)
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


def letters_of(pages: Iterable[Page]) -> list[Letter]:
    """By language and letter; what begins with none comes first.

    >>> cup, pie = Page(1, "en", "cup", "cup", "C", ""), Page(2, "en", "314", "3.14", "#", "")
    >>> [(letter.label, letter.pages == [pie]) for letter in letters_of([cup, pie])]
    [('0–9', True), ('C', False)]
    """
    found: dict[tuple[str, str], list[Page]] = {}
    for page in pages:
        found.setdefault((page.language, page.letter), []).append(page)
    return [Letter(*key, found[key]) for key in sorted(found)]


def _write_alphabet(folder: Path, letters: list[Letter], common: dict[str, Any]) -> None:
    is_split = sum(len(letter.pages) for letter in letters) > WHOLE
    by_language = {
        language: list(of) for language, of in groupby(letters, lambda each: each.language)
    }
    context = {"alphabets": by_language.items(), "is_split": is_split, "root": ""}
    _write(folder / "index.html", "index", common | context)
    for letter in letters if is_split else ():
        _write_letter(folder, letter, common | {"letters": by_language[letter.language]})


def _write_letter(folder: Path, letter: Letter, common: dict[str, Any]) -> None:
    for part, pages in enumerate(letter.parts, 1):
        following = letter.path_of(part + 1) if part < len(letter.parts) else ""
        context = {"letter": letter, "pages": pages, "following": following, "is_split": True}
        _write(folder / letter.path_of(part), "letter", common | context | {"root": "../../"})


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
