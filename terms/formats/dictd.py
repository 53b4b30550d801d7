"""Dictionaries of a DICT server (dictd(8), RFC 2229): `name.dict.dz` and `name.index`.

An article becomes an entry: its unindented first lines are the headword and other names, as are the
words of the index that lead to it; its numbered paragraphs are senses; a reference in braces
becomes a relation. Articles are read in the order of the file, so that memory holds the index only.
"""

import gzip
import re
import textwrap
from collections.abc import Iterator
from itertools import pairwise, takewhile
from pathlib import Path
from typing import BinaryIO

from terms.entry import AliasText, Citation, Entry, Link, SenseText
from terms.formats import FormatError
from terms.markup import escaped
from terms.models.sense import MAX_DEFINITION
from terms.text import TextError, clean, clean_line, slugify

DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
VALUE = {digit: value for value, digit in enumerate(DIGITS)}
ABOUT = "00"  # headwords of what the dictionary says of itself begin so
NUMBERED = re.compile(r"^(\d{1,2})\. ", re.MULTILINE)
SUBJECT = re.compile(r"^(?:\d+\. )?<([^<>]{1,80})>\s*")
DATED = re.compile(r"\n*^\(\d{4}-\d\d-\d\d\)\s*\Z", re.MULTILINE)
REFERENCE = re.compile(r"\{([^{}]+)\}")
NAME_LENGTH = 200


def count(path: Path) -> int:
    """How many entries there will be: articles that the index leads to."""
    return len(_places(path))


def entries(path: Path) -> Iterator[Entry]:
    """Every article; `path` names the .dict, .dict.dz or .index file.

    Raises FormatError for files that are no dictionary. What an article says in characters that
    cannot be kept is left out with them.
    """
    source = Citation(_base(path).name)
    with _opened(path) as file:
        for (offset, length), words in sorted(_places(path).items()):
            file.seek(offset)
            try:
                article = file.read(length).decode("utf-8", "replace")
            except (OSError, EOFError) as error:
                remedy = "Install the dictionary again."
                raise FormatError(0, f"{_base(path).name}.dict: {error}", remedy) from error
            if entry := _entry(article, words, source):
                yield entry


def _base(path: Path) -> Path:
    return path.with_name(re.sub(r"\.(dict\.dz|dict|index)$", "", path.name))


def _opened(path: Path) -> BinaryIO:
    base = _base(path)
    for suffix, opened in ((".dict.dz", gzip.open), (".dict", open)):
        if (data := base.with_name(base.name + suffix)).is_file():
            return opened(data, "rb")  # type: ignore[return-value]  # gzip's is one in all but name
    raise FormatError(0, f"{base}.dict.dz is not there", "Name the dictionary's .dict.dz file.")


def _places(path: Path) -> dict[tuple[int, int], list[str]]:
    """(offset, length) of each article → the words of the index that lead to it."""
    index = _base(path).with_name(_base(path).name + ".index")
    places: dict[tuple[int, int], list[str]] = {}
    try:
        with index.open(encoding="utf-8", errors="replace") as lines:
            for number, line in enumerate(lines, 1):
                word, *place = line.rstrip("\n").split("\t")[:3]
                if not word.startswith(ABOUT):
                    places.setdefault(_place(index, number, place), []).append(word)
    except OSError as error:
        remedy = "The index lies beside the .dict.dz file."
        raise FormatError(0, f"{index}: {error.strerror}", remedy) from error
    return places


def _place(index: Path, number: int, columns: list[str]) -> tuple[int, int]:
    try:
        offset, length = (_number(column) for column in columns)
    except (ValueError, KeyError) as error:
        remedy = "Each line is a word, an offset and a length, with tabs between."
        raise FormatError(number, f"{index.name} is no index of dictd", remedy) from error
    return offset, length


def _number(digits: str) -> int:
    value = 0
    for digit in digits:
        value = value * 64 + VALUE[digit]
    return value


def _entry(article: str, words: list[str], source: Citation) -> Entry | None:
    """None for an article without a name or without text."""
    lines = _kept(article).split("\n")
    head = list(takewhile(lambda line: line and not line[0].isspace(), lines))
    body = DATED.sub("", textwrap.dedent("\n".join(lines[len(head) :])).strip())
    names = [name for word in head or words if (name := clean_line(word)[:NAME_LENGTH].strip())]
    parts = [part for part in _numbered(body) if part.strip()]
    senses = [sense for part in parts if (sense := _sense(part, source)).definition]
    if not names or not senses:
        return None
    others = {slugify(name): name for name in (*reversed(words), *reversed(names[1:]))}
    others.pop(slugify(names[0]), None)
    return Entry(
        name=names[0],
        slug=slugify(names[0]),
        senses=senses,
        aliases=[AliasText("synonym", name[:NAME_LENGTH]) for name in others.values()],
        relations=[Link("see_also", name) for name in _references(body)],
    )


def _numbered(body: str) -> list[str]:
    """The body cut before each number of a count from 1; other numbers begin a line by chance.

    >>> _numbered("A unit.\\n1. Of text.\\n1986. It began.\\n2. Of time.")
    ['A unit.\\n', '1. Of text.\\n1986. It began.\\n', '2. Of time.']
    """
    cuts = [0]
    for match in NUMBERED.finditer(body):
        if int(match[1]) == len(cuts):
            cuts.append(match.start())
    return [body[one:other] for one, other in pairwise([*cuts, len(body)])]


def _kept(article: str) -> str:
    """The article without the few characters that a glossary cannot keep."""
    while True:
        try:
            return clean(article.replace("\ufffd", ""))
        except TextError as error:
            article = article[: error.position] + article[error.position + 1 :]


def _sense(part: str, source: Citation) -> SenseText:
    subject = SUBJECT.match(part)
    text = part[subject.end() :] if subject else re.sub(r"^\d+\. ", "", part)
    text = REFERENCE.sub(lambda match: clean_line(match[1]), text)
    paragraphs = (" ".join(block.split()) for block in re.split(r"\n\s*\n", text))
    definition = escaped("\n\n".join(filter(None, paragraphs)))
    return SenseText(
        definition=definition[:MAX_DEFINITION],
        register=clean_line(subject[1])[:80] if subject else "",
        sources=[source],
    )


def _references(body: str) -> list[str]:
    """What stands in braces, each once; an address in brackets after a name is none."""
    named = (re.sub(r"\(.*\)$", "", clean_line(name)).strip() for name in REFERENCE.findall(body))
    return list(dict.fromkeys(filter(None, named)))
