"""Labelled questions: those in files, and those derived from a glossary's own entries.

A folder of questions has a folder for each half (`develop`, `sealed`) and in it a file for each
kind. A line is

    what is asked => right answer; another one
    what is asked => answer =3; answer =1          (grades, 1 unless given)
    what is asked                                  (there is no right answer)

with `#` before a remark.
"""

import random
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

from embeddings.text import views
from terms.models import Sense
from terms.text import slugify

FOLDER = Path(settings.BASE_DIR) / "data" / "questions"
HALVES = ("develop", "sealed")
GRADED = re.compile(r"^(?P<name>.+?)\s*=(?P<grade>[1-9])$")
DERIVED_FROM = {"definition", "example"}
GAP = "…"
SEED = 1


class QuestionError(ValueError):
    """A line that is no question, with its file and number."""


@dataclass(frozen=True)
class Question:
    """`gains`: the slugs of right answers with their grades; empty where none is right."""

    half: str
    kind: str
    asked: str
    gains: dict[str, int]

    @property
    def asked_slug(self) -> str:
        """Of a question that is a headword itself."""
        return slugify(self.asked)


def read(folder: Path) -> list[Question]:
    """Every question of the folder. Raises QuestionError for a folder without any."""
    questions = [
        question
        for half in HALVES
        for path in sorted((folder / half).glob("*.txt"))
        for question in read_file(path, half)
    ]
    if not questions:
        raise QuestionError(f"{folder} holds no questions: it needs {folder / HALVES[0]}/*.txt")
    return questions


def read_file(path: Path, half: str) -> list[Question]:
    """The questions of one kind, which the file's name says."""
    found = []
    for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
        asked, arrow, answers = line.strip().partition("=>")
        if (asked or arrow) and not asked.startswith("#"):
            if not asked.strip() or (arrow and not answers.strip()):
                raise QuestionError(f"{path}, line {number}: write “question => answer; answer”")
            found.append(Question(half, path.stem, asked.strip(), _gains(answers)))
    return found


def _gains(answers: str) -> dict[str, int]:
    gains = {}
    for answer in filter(None, map(str.strip, answers.split(";"))):
        found = GRADED.match(answer)
        name, grade = (found["name"], int(found["grade"])) if found else (answer, 1)
        gains[slugify(name)] = grade
    return gains


def derived(senses: Iterable[Sense]) -> list[Question]:
    """Questions from readable entries: a definition or example without the name → the term.

    The texts asked are those that were embedded, so the figures flatter; they serve to compare
    spaces and to see that one works, where nobody has written questions. Half of the terms each.
    """
    questions = []
    chance = random.Random(SEED)  # noqa: S311 - halves, not secrets
    halves: dict[int, str] = {}
    for sense in senses:
        half = halves.setdefault(sense.term_id, chance.choice(HALVES))
        texts = views(sense)
        for view in DERIVED_FROM & texts.keys():
            asked = without_name(texts[view], sense.term.name)
            questions.append(Question(half, f"{view}s", asked, {sense.term.slug: 1}))
    return questions


def sampled(questions: Sequence[Question], count: int) -> list[Question]:
    """So many of the questions at the most, by chance, the same each time."""
    chance = random.Random(SEED)  # noqa: S311 - a sample, no secret
    return chance.sample(list(questions), min(count, len(questions)))


def without_name(text: str, name: str, gap: str = GAP) -> str:
    """The text with its headword, plural included, left out.

    >>> without_name("Tokens are counted; a token is short.", "token")
    '… are counted; a … is short.'
    """
    return re.sub(rf"\b{re.escape(name)}(?:e?s)?\b", gap, text, flags=re.IGNORECASE)
