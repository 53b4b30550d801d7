"""WordNet's database files (wndb(5WN)): `index.pos` and `data.pos` of one folder, read as a stream.

A lemma becomes an entry, each synset that it belongs to one of its senses, in WordNet's own order
of frequency within a part of speech. Memory does not grow with the dictionary: the four sorted
indexes are merged, and synsets are read where the indexes point.
"""

import heapq
import mmap
import re
from collections.abc import Iterator
from contextlib import ExitStack
from functools import lru_cache
from itertools import groupby
from pathlib import Path
from typing import NamedTuple, TextIO

from terms.entry import Citation, Entry, Link, SenseText
from terms.formats import FormatError
from terms.markup import escaped
from terms.text import slugify

PARTS_OF_SPEECH = {"noun": "noun", "verb": "verb", "adj": "adjective", "adv": "adverb"}
FILE_OF = {"n": "noun", "v": "verb", "a": "adj", "s": "adj", "r": "adv"}
ADJECTIVE_POSITION = re.compile(r"\((?:a|p|ip)\)$")  # "afraid(p)": where it may stand
QUOTED = re.compile(r"`([^`']*)'")  # `so'
EXAMPLE = re.compile(r';?\s*"([^"]+)"?')
# What a pointer symbol (wninput(5WN)) says of two terms. Inverses of these are left out.
RELATIONS = {
    "@": "broader",
    "@i": "broader",
    "!": "antonym",
    "^": "see_also",
    "+": "related",
    "\\": "related",
    "<": "related",
    "&": "related",
    "=": "related",
    "*": "related",
    ">": "related",
    "$": "related",
    "%m": "related",
    "%s": "related",
    "%p": "related",
}
WHERE = "Name the folder that holds WordNet's index and data files, as dict/ or wordnet/."
SOURCE = Citation("WordNet 3.0, Princeton University (2006)", "https://wordnet.princeton.edu/")


class Pointer(NamedTuple):
    """From word `source` of a synset to word `target` of another; 0 stands for all of its words."""

    symbol: str
    part: str
    offset: int
    source: int
    target: int


class Synset(NamedTuple):
    words: tuple[str, ...]
    pointers: tuple[Pointer, ...]
    definition: str
    examples: tuple[str, ...]


def count(folder: Path) -> int:
    """How many entries there will be: distinct lemmas."""
    return sum(1 for _ in groupby(_lemmas(folder), key=lambda row: row[0]))


def entries(folder: Path) -> Iterator[Entry]:
    """Every lemma in alphabetical order. FormatError, with the file, for what is not WordNet's."""
    with ExitStack() as files:
        data = {part: files.enter_context(_Data(folder, part)) for part in PARTS_OF_SPEECH}
        for lemma, rows in groupby(_lemmas(folder), key=lambda row: row[0]):
            places = [(part, offset) for _, part, offsets in rows for offset in offsets]
            yield _entry(lemma, places, data)


def _lemmas(folder: Path) -> Iterator[tuple[str, str, list[int]]]:
    """(lemma, part of speech, offsets of its synsets), merged from the sorted indexes."""
    yield from heapq.merge(*(_index(folder, part) for part in PARTS_OF_SPEECH), key=lambda r: r[0])


def _index(folder: Path, part: str) -> Iterator[tuple[str, str, list[int]]]:
    path = folder / f"index.{part}"
    with _opened(path) as lines:
        for number, line in enumerate(lines, 1):
            if line.startswith("  "):
                continue  # the licence
            try:
                lemma, _, synsets, *rest = line.split()
                yield lemma, part, [int(offset) for offset in rest[-int(synsets) :]]
            except ValueError as error:
                raise _not_wordnet(path, number) from error


def _opened(path: Path) -> TextIO:
    try:
        return path.open(encoding="utf-8")
    except OSError as error:
        raise FormatError(0, f"{path}: {error.strerror}", WHERE) from error


def _not_wordnet(path: Path, number: int) -> FormatError:
    return FormatError(number, f"{path.name} is no file of WordNet's database", "Install it again.")


class _Data:
    """A data file, whose synsets are found by their offset in bytes."""

    def __init__(self, folder: Path, part: str) -> None:
        self.path = folder / f"data.{part}"

    def __enter__(self) -> "_Data":
        try:
            with self.path.open("rb") as file:
                self.bytes = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        except OSError as error:
            raise FormatError(0, f"{self.path}: {error.strerror}", WHERE) from error
        except ValueError as error:  # a file without a byte
            raise _not_wordnet(self.path, 0) from error
        self.synset = lru_cache(maxsize=4096)(self._synset)
        return self

    def __exit__(self, *_: object) -> None:
        self.bytes.close()

    def _synset(self, offset: int) -> Synset:
        line = self.bytes[offset : self.bytes.find(b"\n", offset)].decode()
        try:
            return _parsed(line, offset)
        except (ValueError, IndexError) as error:
            raise _not_wordnet(self.path, 0) from error


def _parsed(line: str, offset: int) -> Synset:
    """A line of a data file: offset file type count (word id)… count (pointer)… frames | gloss."""
    columns, _, gloss = line.partition(" | ")
    fields = columns.split(" ")
    if int(fields[0]) != offset:
        raise ValueError("no synset begins here")
    words, rest = int(fields[3], 16), 4
    named = tuple(ADJECTIVE_POSITION.sub("", word) for word in fields[rest : rest + 2 * words : 2])
    rest += 2 * words
    pointers = [fields[i : i + 4] for i in range(rest + 1, rest + 1 + 4 * int(fields[rest]), 4)]
    definition, _, examples = gloss.strip().partition('"')
    return Synset(
        words=tuple(word.replace("_", " ") for word in named),
        pointers=tuple(
            Pointer(symbol, FILE_OF[kind], int(target), int(ends[:2], 16), int(ends[2:], 16))
            for symbol, target, kind, ends in pointers
        ),
        definition=_prose(definition.rstrip("; ") or gloss.strip()),
        examples=tuple(map(_prose, EXAMPLE.findall('"' + examples))) if examples else (),
    )


def _prose(text: str) -> str:
    return escaped(QUOTED.sub(r"‘\1’", text))


def _entry(lemma: str, places: list[tuple[str, int]], data: dict[str, _Data]) -> Entry:
    key = lemma.replace("_", " ")
    synsets = [(part, data[part].synset(offset)) for part, offset in places]
    spellings = [word for _, synset in synsets for word in synset.words if word.lower() == key]
    name = spellings[0] if spellings else key
    relations = {link: None for _, synset in synsets for link in _relations(key, synset, data)}
    return Entry(
        name=name,
        slug=slugify(name),
        senses=[_sense(part, synset) for part, synset in synsets],
        relations=[Link(kind, other) for kind, other in relations],
    )


def _sense(part: str, synset: Synset) -> SenseText:
    return SenseText(
        definition=synset.definition,
        examples=[(text, "") for text in synset.examples],
        part_of_speech=PARTS_OF_SPEECH[part],
        sources=[SOURCE],
    )


def _relations(key: str, synset: Synset, data: dict[str, _Data]) -> Iterator[tuple[str, str]]:
    """(kind, lemma) of what WordNet links to a word: of synsets as wholes, their first words."""
    words = [word.lower() for word in synset.words]
    own = words.index(key) + 1 if key in words else 0
    yield from (("see_also", word) for word in words if own and word != key)
    for symbol, part, offset, source, target in synset.pointers:
        if symbol in RELATIONS and source in {0, own}:
            other = data[part].synset(offset).words[max(target - 1, 0)].lower()
            if other != key:
                yield RELATIONS[symbol], other
