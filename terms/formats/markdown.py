"""The starter glossary's format: plain Markdown that reads well on a page and in a diff.

    # Topic
    ## headword
    Abbreviations: LLM
    Related: token; transformer

    The definition.

    > An example.

    Source: Authors (year). Title. https://…

A term with several senses has a `### part of speech · register` heading before each.
"""

import re
from dataclasses import dataclass

from terms.entry import AliasText, Citation, Entry, Link, SenseText
from terms.formats import Document, FormatError, cleaned, definition, example, one_line
from terms.models import Relation
from terms.text import clean_line, slugify

ALIASES = {"Synonyms": "synonym", "Abbreviations": "abbreviation", "Spellings": "spelling"}
RELATIONS = {
    "Broader": "broader",
    "Related": "related",
    "Antonyms": "antonym",
    "See also": "see_also",
}
KEY = re.compile(r"^(?P<key>[A-Z][a-z]+(?: [a-z]+)?): (?P<values>.+)$")
URL = re.compile(r"\s*(?P<url>https?://\S+)\s*$")
SOURCE = "Source: "
ALONE = ("### ", "# ")  # headings that have no keys under them


@dataclass
class Block:
    """Lines that belong together, with the number of the first."""

    line: int
    lines: list[str]

    @property
    def text(self) -> str:
        return "\n".join(self.lines)


def looks_like(text: str) -> bool:
    return text.lstrip().startswith("# ") and "\n## " in text


def read(text: str) -> Document:
    """Raises FormatError with the line of the first fault."""
    topic: tuple[str, str] | None = None
    entries: list[Entry] = []
    for block in _blocks(text):
        first = block.lines[0]
        if first.startswith("### "):
            _begin_sense(_last(entries, block), block)
        elif first.startswith("## "):
            entries.append(_begin_entry(block))
        elif first.startswith("# "):
            topic = (one_line(first[2:], block.line, 120, "topic"), "")
        elif entries:
            _add(entries[-1], block)
        elif topic:
            topic = (topic[0], cleaned(block.text, block.line, clean_line))
        else:
            raise FormatError(block.line, "text before any heading", "Begin with “# Topic”.")
    for entry in entries:
        _check(entry, [topic[0]] if topic else [])
    if not entries:
        raise FormatError(1, "there are no entries", "An entry begins with “## headword”.")
    return Document(entries, topic=topic)


def _blocks(text: str) -> list[Block]:
    """Runs of lines without a blank one; a heading begins a block."""
    blocks: list[Block] = []
    current: Block | None = None
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            current = None
        elif current is None or line.startswith("#") or current.lines[0].startswith(ALONE):
            current = Block(number, [line])
            blocks.append(current)
        else:
            current.lines.append(line)
    return blocks


def _last(entries: list[Entry], block: Block) -> Entry:
    if not entries:
        raise FormatError(block.line, "a sense before any headword", "Begin with “## headword”.")
    return entries[-1]


def _begin_entry(block: Block) -> Entry:
    name = one_line(block.lines[0][3:], block.line, 200, "headword")
    entry = Entry(name, slugify(name), line=block.line)
    for number, line in enumerate(block.lines[1:], block.line + 1):
        _read_key(entry, line, number)
    return entry


def _read_key(entry: Entry, line: str, number: int) -> None:
    match = KEY.match(line)
    key = match["key"] if match else ""
    if match is None or key not in ALIASES | RELATIONS:
        known = ", ".join(ALIASES | RELATIONS)
        raise FormatError(
            number, f"“{line[:60]}” is none of: {known}", "Leave a blank line before text."
        )
    values = [cleaned(v, number, clean_line) for v in match["values"].split(";") if v.strip()]
    if key in ALIASES:
        _add_aliases(entry, ALIASES[key], values)
    else:
        entry.relations += [
            Link(RELATIONS[key], value, provenance=Relation.Provenance.IMPORT, line=number)
            for value in values
        ]


def _add_aliases(entry: Entry, kind: str, names: list[str]) -> None:
    """Of those that are written alike, the first."""
    for name in names:
        if slugify(name) not in {alias.address for alias in entry.aliases}:
            entry.aliases.append(AliasText(kind, name))


def _begin_sense(entry: Entry, block: Block) -> None:
    part_of_speech, _, register = block.lines[0][4:].partition("·")
    entry.senses.append(
        SenseText(
            "",
            part_of_speech=cleaned(part_of_speech, block.line, clean_line),
            register=cleaned(register, block.line, clean_line),
            line=block.line,
        )
    )


def _add(entry: Entry, block: Block) -> None:
    """A paragraph, an example or a source, added to the entry's last sense."""
    if not entry.senses:
        entry.senses.append(SenseText("", line=block.line))
    sense = entry.senses[-1]
    if block.lines[0].startswith(">"):
        text = "\n".join(line.lstrip(">").strip() for line in block.lines)
        sense.examples.append((example(" ".join(text.split()), block.line), ""))
    elif block.lines[0].startswith(SOURCE):
        sense.sources.append(_citation(block))
    else:
        paragraph = " ".join(block.text.split())
        sense.definition = f"{sense.definition}\n\n{paragraph}".strip()


def _citation(block: Block) -> Citation:
    text = cleaned(block.text[len(SOURCE) :], block.line, clean_line)
    found = URL.search(text)
    title = text[: found.start()].rstrip() if found else text
    return Citation(title or text, found["url"] if found else "")


def _check(entry: Entry, topics: list[str]) -> None:
    if not entry.senses:
        raise FormatError(entry.line, f"“{entry.name}” has no definition", "Write one under it.")
    for sense in entry.senses:
        sense.definition = definition(sense.definition, sense.line)
        sense.topics = list(topics)
