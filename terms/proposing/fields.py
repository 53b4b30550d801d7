"""What stands in a field of the form of an entry: sources a line each, where relations lead."""

import re

from terms.entry import Address, Citation, Link
from terms.text import LANGUAGE_TAG, slugify

ADDRESS = re.compile(r"https?://\S+")
ELSEWHERE = re.compile(rf"({LANGUAGE_TAG}):\s*(\S.*)")


def line_of(source: Citation) -> str:
    """
    >>> line_of(Citation("A book", "https://example.org/"))
    'A book https://example.org/'
    """
    return f"{source.title} {source.url}".strip()


def cited(lines: str, stored: list[Citation]) -> list[Citation]:
    """The sources of these lines; one that is stored keeps its licence.

    >>> cited("A book https://example.org/\\n\\nMy aunt", [])  # doctest: +NORMALIZE_WHITESPACE
    [Citation(title='A book', url='https://example.org/', licence=''),
     Citation(title='My aunt', url='', licence='')]
    """
    known = {line_of(source): source for source in stored}
    told = [line for row in lines.splitlines() if (line := " ".join(row.split()))]
    return [known.get(line) or _citation(line) for line in dict.fromkeys(told)]


def _citation(line: str) -> Citation:
    title, _, last = line.rpartition(" ")
    return Citation(title, last) if ADDRESS.fullmatch(last) else Citation(line)


def end_of(link: Link, language: str) -> str:
    """What leads there from an entry of that language: a name, or an address where that is other.

    >>> end_of(Link("related", "set", "en", "set-2"), "en"), end_of(Link("related", "set"), "en")
    ('set-2', 'set')
    >>> end_of(Link("translation", "Menge", "de", "menge"), "en")
    'de: Menge'
    """
    address = link.address(language)
    said = link.name if slugify(link.name) == address.slug else address.slug
    return said if address.language == language else f"{address.language}: {said}"


def led_to(said: str, language: str) -> Address:
    """
    >>> led_to("de: Menge", "en"), led_to("Latent space", "en")
    (Address(language='de', slug='menge'), Address(language='en', slug='latent-space'))
    """
    elsewhere = ELSEWHERE.fullmatch(said)
    tag, name = elsewhere.groups() if elsewhere else (language, said)
    return Address(tag, slugify(name))
