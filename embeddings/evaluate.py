"""How well look-up answers labelled questions, with BM25 and plain vectors beside it."""

import tomllib
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from django.db import connection
from django.utils import timezone

from embeddings import measures, text
from embeddings.bm25 import BM25
from embeddings.encoders import load_for_query
from embeddings.lookup import Hit, Strength, look_up
from embeddings.measures import DEPTH, Figures, Gains
from embeddings.models import Space
from embeddings.questions import Question, derived
from embeddings.related import near
from terms.models import Sense, Term

RELATED = "related"  # the kind whose questions are headwords, and whose answers are their relatives
LANGUAGE = "en"
WEAK_BELOW = 50  # senses; figures from fewer say little
KNOWN = 0.5  # share of questions that a glossary must be able to answer for them to be its own
LEXEMES = (
    "SELECT array_agg(lexeme) FROM unnest(to_tsvector('english', %s)) word, unnest(word.positions)"
)


@dataclass
class Report:
    """Figures by half, kind and system, and how sure look-up was where nothing was right."""

    source: str
    senses: int
    figures: dict[str, dict[str, dict[str, Figures]]] = field(default_factory=dict)
    sureness: dict[str, dict[str, float]] = field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        return {
            "at": timezone.now().isoformat(timespec="seconds"),
            "source": self.source,
            "senses": self.senses,
            "figures": {
                half: {
                    kind: {name: found.as_dict() for name, found in systems.items()}
                    for kind, systems in kinds.items()
                }
                for half, kinds in self.figures.items()
            },
            "sureness": self.sureness,
        }

    def falls_short(self, floors: Path) -> list[str]:
        """What misses a floor of the file, in words. A figure that was not measured is none."""
        wanted = tomllib.loads(floors.read_text("utf-8"))
        measured = self.as_dict()
        missed = []
        for half, kinds in wanted.get("at_least", {}).items():
            for kind, least in kinds.items():
                found = measured["figures"].get(half, {}).get(kind, {}).get("look-up", {})
                missed += [
                    f"{half} {kind}: {name} is {found[name]:.3f}, below {floor}"
                    for name, floor in least.items()
                    if name in found and found[name] < floor
                ]
        for half, most in wanted.get("at_most", {}).items():
            found = measured["sureness"].get(half, {})
            missed += [
                f"{half} without an answer: {name} is {found[name]:.3f}, above {ceiling}"
                for name, ceiling in most.items()
                if name in found and found[name] > ceiling
            ]
        return missed


def overall(evaluation: dict[str, Any]) -> float | None:
    """The mean reciprocal rank over all questions of a stored evaluation; None without one."""
    kinds = [
        systems["look-up"]
        for half in evaluation.get("figures", {}).values()
        for systems in half.values()
    ]
    count = sum(each["questions"] for each in kinds)
    return sum(each["mrr"] * each["questions"] for each in kinds) / count if count else None


def own_questions(labelled: Sequence[Question]) -> tuple[str, list[Question]]:
    """The labelled questions where they are about this glossary, else questions derived from it."""
    known = set(_ids())
    answerable = [q for q in labelled if q.gains]
    about_us = [q for q in answerable if q.gains.keys() & known]
    if answerable and len(about_us) >= KNOWN * len(answerable):
        return "labelled", [q for q in labelled if _can_be_asked(q, known)]
    senses = Sense.objects.filter(term__in=Term.objects.published().filter(language=LANGUAGE))
    return "derived", derived(text.readable(senses))


def _can_be_asked(question: Question, known: set[str]) -> bool:
    if question.kind == RELATED and question.asked_slug not in known:
        return False
    return not question.gains or bool(question.gains.keys() & known)


def evaluate(space: Space, questions: Iterable[Question], source: str) -> Report:
    """Asks every question of look-up, of plain vectors and of BM25. `questions` may be a bar."""
    yardstick = Yardstick(space)
    ids = _ids()
    answers: dict[tuple[str, str, str], list[tuple[list[int], Gains]]] = defaultdict(list)
    first: dict[str, list[tuple[Question, Hit | None]]] = defaultdict(list)
    for question in questions:
        gains = {ids[slug]: grade for slug, grade in question.gains.items() if slug in ids}
        if question.kind == RELATED:
            found = yardstick.relatives(ids[question.asked_slug])
        else:
            hits = look_up(question.asked, LANGUAGE, limit=DEPTH, space=space).hits
            first[question.half].append((question, hits[0] if hits else None))
            found = yardstick.beside(question.asked) | {"look-up": [hit.term.id for hit in hits]}
        for name, terms in found.items() if gains else ():
            answers[question.half, question.kind, name].append((terms, gains))
    report = Report(source, len(yardstick.senses))
    for (half, kind, name), pairs in answers.items():
        kinds = report.figures.setdefault(half, {})
        kinds.setdefault(kind, {})[name] = measures.figures(pairs)
    report.sureness = {half: _sureness(asked) for half, asked in first.items()}
    return report


def _sureness(asked: Sequence[tuple[Question, Hit | None]]) -> dict[str, float]:
    """Shares of the questions without an answer that were answered firmly, and at all; of those
    with an answer that were told that there is no good match; and of what was called strong by
    meaning that was wrong.
    """
    empty = [_strength(hit) for question, hit in asked if not question.gains]
    full = [_strength(hit) for question, hit in asked if question.gains]
    firm = [strength in {Strength.EXACT, Strength.STRONG} for strength in empty]
    wrong = [
        hit.term.slug not in question.gains
        for question, hit in asked
        if hit and hit.why.stage == "meaning" and hit.strength == Strength.STRONG
    ]
    return {
        "unanswerable": len(empty),
        "strong": round(sum(firm) / max(len(empty), 1), 4),
        "answered": round(1 - empty.count(Strength.NONE) / max(len(empty), 1), 4),
        "declined": round(full.count(Strength.NONE) / max(len(full), 1), 4),
        "strong_by_meaning": len(wrong),
        "misled": round(sum(wrong) / max(len(wrong), 1), 4),
    }


def _strength(hit: Hit | None) -> Strength:
    return hit.strength if hit else Strength.NONE


def _ids() -> dict[str, int]:
    return dict(Term.objects.published().filter(language=LANGUAGE).values_list("slug", "id"))


class Yardstick:
    """The public senses of a space as plain vectors and as words."""

    def __init__(self, space: Space) -> None:
        self.space = space
        public = Term.objects.published().filter(language=LANGUAGE)
        stored = dict(
            space.embeddings.filter(view="entry", sense__term__in=public).values_list(
                "sense_id", "vector"
            )
        )
        self.senses = list(text.readable(Sense.objects.filter(id__in=stored)).order_by("id"))
        self.terms = np.array([sense.term_id for sense in self.senses])
        self.vectors = np.array([stored[sense.id] for sense in self.senses], dtype=np.float32)
        self.words = [lexemes(text.views(sense)["entry"]) for sense in self.senses]
        self.bm25 = BM25(self.words)

    def beside(self, asked: str) -> dict[str, list[int]]:
        """Term ids in order by the two systems that look-up is compared with."""
        vector = load_for_query(self.space.encoder).encode([asked])[0]
        return {
            "vectors": self._ranked(self.vectors @ vector),
            "BM25": self._ranked(self.bm25.scores(lexemes(asked))),
        }

    def relatives(self, term_id: int) -> dict[str, list[int]]:
        """Term ids near a term, by two views, by one, and by the words of its entries."""
        term = Term.objects.get(pk=term_id)
        mine = np.flatnonzero(self.terms == term_id)
        words = [word for index in mine for word in self.words[index]]
        return {
            "look-up": [row.term.id for row in near(self.space, term, limit=DEPTH)],
            "vectors": self._ranked((self.vectors @ self.vectors[mine].T).max(axis=1), term_id),
            "BM25": self._ranked(self.bm25.scores(words), term_id),
        }

    def _ranked(self, scores: Any, without: int | None = None) -> list[int]:
        """The best terms, each once by its best sense; what scores nothing is not found."""
        found: list[int] = []
        for index in np.argsort(-scores, kind="stable"):
            term = int(self.terms[index])
            if scores[index] > 0 and term not in found and term != without:
                found.append(term)
            if len(found) == DEPTH:
                break
        return found


def lexemes(content: str) -> list[str]:
    """Stemmed words without stop words, each as often as it occurs."""
    with connection.cursor() as cursor:
        cursor.execute(LEXEMES, [content])
        return cursor.fetchone()[0] or []
