"""Questions of another kind than the glossary's: what an adapter must not unlearn.

Everyday things (data/everyday.txt), described in plain words, among the starter glossary's entries;
where another glossary is tuned, the labelled questions about these entries are asked too.
"""

from collections.abc import Collection
from dataclasses import dataclass, field
from pathlib import Path

from django.conf import settings

from embeddings.questions import FOLDER, read
from embeddings.text import entry
from embeddings.tuning.pairs import LONGEST, cut
from terms import formats, starter
from terms.markup import plain
from terms.text import slugify

FILE = Path(settings.BASE_DIR) / "data" / "everyday.txt"
ASKED = {"descriptions", "everyday"}
FOREIGN_BELOW = 0.5  # of the starter's terms: from so many on they are the glossary's own


@dataclass
class General:
    """`texts`: the pool; `right`: for each question the places in it that answer."""

    name: str
    texts: list[str] = field(default_factory=list)
    questions: list[str] = field(default_factory=list)
    right: list[list[int]] = field(default_factory=list)

    def ask(self, question: str, *answers: int) -> None:
        self.questions.append(question)
        self.right.append(list(answers))


def general(slugs: Collection[str]) -> General:
    """For a glossary of these terms."""
    found = General("everyday things among the starter's entries")
    for line in FILE.read_text("utf-8").splitlines():
        if line and not line.startswith("#"):
            text, *questions = map(str.strip, line.split("|"))
            found.texts.append(text)
            for question in questions:
                found.ask(question, len(found.texts) - 1)
    places = _add_starter(found)
    if len(places.keys() & set(slugs)) < FOREIGN_BELOW * len(places):
        found.name += ", and questions about these"
        _ask_of_starter(found, places)
    return found


def _add_starter(found: General) -> dict[str, int]:
    """Slug → place of each of the starter's entries, cut as a glossary's own are."""
    places: dict[str, int] = {}
    for path in sorted(starter.FOLDER.glob("*.md")):
        for each in formats.read(path.read_text("utf-8"), "markdown").entries:
            first, _ = cut(plain(each.senses[0].definition))
            places.setdefault(slugify(each.name), len(found.texts))
            found.texts.append(entry(each.name, first)[:LONGEST])
    return places


def _ask_of_starter(found: General, places: dict[str, int]) -> None:
    for question in read(FOLDER):
        right = [places[slug] for slug in question.gains if slug in places]
        if question.kind in ASKED and right:
            found.ask(question.asked, *right)
