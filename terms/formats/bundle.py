"""Definition bundles as they are saved from a dictionary's page: headings, examples, addresses.

Title
byline3 min read589 words
Title #
Latent space #
The definition, in one or more paragraphs.
Example: a sentence.
Dictionary: https://dictionary.example/en/define/latent-space
"""

import re
from dataclasses import dataclass, field
from urllib.parse import unquote

from terms.entry import Citation, Entry, SenseText
from terms.formats import BundleText, Document, FormatError, cleaned, definition, example, one_line
from terms.text import LANGUAGE_TAG, clean_line, slugify

HEADING = re.compile(r"^(?P<name>\S.*?)[ \t]+#[ \t]*$")
BYLINE = re.compile(r"^(?P<who>.*?)\s*(?P<minutes>\d+) min read\s*(?P<words>\d[\d,. ]*) words\s*$")
ADDRESS = re.compile(
    rf"^https?://[^\s/]+/(?P<language>{LANGUAGE_TAG})/define/(?P<slug>[^\s/?#]+)/?$"
)
SOURCE, EXAMPLE, DICTIONARY = "aiSource:", "Example:", "Dictionary:"
CHROME = {"skip to main content"}


@dataclass
class Section:
    """A heading with the lines under it; the lines are numbered from `line` + 1."""

    name: str
    line: int
    lines: list[str] = field(default_factory=list)

    def marked(self, marker: str) -> list[tuple[int, str]]:
        """(line number, rest) of the lines that begin with the marker."""
        return [
            (number, text.strip()[len(marker) :].strip())
            for number, text in enumerate(self.lines, self.line + 1)
            if text.lstrip().startswith(marker)
        ]

    @property
    def prose(self) -> str:
        """The paragraphs that are neither example nor address."""
        kept = [text for text in self.lines if not text.lstrip().startswith((EXAMPLE, DICTIONARY))]
        return "\n".join(kept)


def looks_like(text: str) -> bool:
    return any(line.startswith(DICTIONARY) for line in text.splitlines())


def read(text: str) -> Document:
    """Raises FormatError with the line of the first fault."""
    top, sections = _sections(text)
    has_title = bool(sections) and not sections[0].marked(DICTIONARY)
    title = sections.pop(0) if has_title and len(sections) > 1 else None
    if not sections:
        remedy = "Each entry begins with a heading that ends in “ #”."
        raise FormatError(1, "there are no entries", remedy)
    entries = [_entry(section) for section in sections]
    return Document(entries, bundle=_bundle(top, title), on_conflict="add-sense")


def _sections(text: str) -> tuple[Section, list[Section]]:
    """What stands above the first heading, and the sections that headings begin."""
    sections = [Section("", 0)]
    for number, line in enumerate(text.split("\n"), 1):
        if heading := HEADING.match(line):
            sections.append(Section(heading["name"], number))
        else:
            sections[-1].lines.append(line)
    return sections[0], sections[1:]


def _bundle(top: Section, title: Section | None) -> BundleText:
    lines = [line.strip() for line in top.lines if line.strip()]
    lines = [line for line in lines if line.casefold() not in CHROME]
    sources = [text for _, text in top.marked(SOURCE)]
    bylines = [match for line in lines if (match := BYLINE.match(line))]
    plain = [line for line in lines if not line.startswith(SOURCE) and not BYLINE.match(line)]
    name = title.name if title else plain[0] if plain else sources[0] if sources else ""
    byline = bylines[0] if bylines else None
    return BundleText(
        title=one_line(name, title.line if title else 1, 200, "title"),
        introduction=cleaned(title.prose, title.line + 1) if title else "",
        byline=cleaned(byline["who"], 1, clean_line) if byline else "",
        reading_minutes=int(byline["minutes"]) if byline else None,
        word_count=int(re.sub(r"\D", "", byline["words"])) if byline else None,
        source=cleaned(sources[0], 1, clean_line) if sources else "",
    )


def _entry(section: Section) -> Entry:
    name = one_line(section.name, section.line, 200, "heading")
    address, language, slug = _address(section)
    sense = SenseText(
        definition=definition(section.prose, section.line + 1),
        examples=[(example(text, line), "") for line, text in section.marked(EXAMPLE) if text],
        sources=[Citation(title=address, url=address)],
        line=section.line,
    )
    return Entry(name, slug, language, [sense], line=section.line)


def _address(section: Section) -> tuple[str, str, str]:
    """(address, language, slug) of the entry's permanent address."""
    addresses = section.marked(DICTIONARY)
    if not addresses:
        raise FormatError(
            section.line,
            f"the entry “{section.name}” has no “{DICTIONARY}” line",
            f"Add “{DICTIONARY} https://…/en/define/{slugify(section.name)}” under it.",
        )
    number, address = addresses[0]
    match = ADDRESS.match(address)
    if not match:
        raise FormatError(
            number,
            f"the address “{address[:200]}” has another shape",
            "Write it as https://host/<language>/define/<slug>.",
        )
    return address, match["language"], slugify(unquote(match["slug"]))
