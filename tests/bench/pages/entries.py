"""The same entries for every server: the pages as files, as a ZIM, and as rows of SQLite."""

import sqlite3
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path
from urllib.parse import unquote
from urllib.request import urlopen

from django.conf import settings
from PIL import Image

from terms.models import Term
from tests.bench.pages.programs import program

COUNT = 48  # entries that are asked for in turn
COLUMNS = ("slug", "name", "aliases", "definitions", "examples", "topics", "sources")


def addresses() -> list[str]:
    """The paths of the pages, spread over the glossary."""
    terms = list(Term.objects.published().in_language("en").alphabetical())
    return [term.get_absolute_url() for term in terms[:: len(terms) // COUNT][:COUNT]]


def save_pages(paths: Sequence[str], folder: Path) -> None:
    """Each page as it is served, at its own path with `.html`, as ZIM knows types by suffixes."""
    for path in paths:
        with urlopen(f"http://127.0.0.1:{settings.PORT}{path}") as answer:
            file = folder / f"{unquote(path)[1:]}.html"
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(answer.read())


def make_zim(folder: Path, zim: Path, welcome: str) -> None:
    """A ZIM file of the saved pages."""
    Image.new("RGB", (48, 48), "white").save(folder / "illustration.png")
    about = ("--title", "--description", "--creator", "--publisher")
    options = [part for option in about for part in (option, "Lexispace")]
    options += ["--language", "eng", "--illustration", "illustration.png"]
    command = [program("zimwriterfs"), *options, "--welcome", welcome, str(folder), str(zim)]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)


def make_sqlite(file: Path) -> None:
    """A table with a row for each entry: all that the bare view shows."""
    with sqlite3.connect(file) as database:
        database.execute(f"CREATE TABLE entries ({', '.join(COLUMNS)}, PRIMARY KEY (slug))")
        marks = ", ".join("?" * len(COLUMNS))
        database.executemany(f"INSERT INTO entries VALUES ({marks})", _rows())
    database.close()


def _rows() -> Iterator[tuple[str, ...]]:
    parts = ("senses__examples", "senses__topics", "senses__sources", "aliases")
    for term in Term.objects.published().in_language("en").prefetch_related(*parts):
        senses = term.senses.all()
        columns = (
            [alias.name for alias in term.aliases.all()],
            [sense.definition for sense in senses],
            [example.text for sense in senses for example in sense.examples.all()],
            [topic.name for sense in senses for topic in sense.topics.all()],
            [f"{source.title} {source.url}" for s in senses for source in s.sources.all()],
        )
        yield (term.slug, term.name, *map("\n".join, columns))
