"""How far a sense moved in the space when it was reworded."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from django.utils.translation import gettext as _

from embeddings.encoders import Encoder
from embeddings.models import Space
from embeddings.related import near
from embeddings.text import entry
from embeddings.vectors import FAR, LITTLE
from terms.models import Term

NEWEST = 20  # reworded senses that are encoded for a page
AROUND = 8  # related terms among which the nearest entry is sought


class Reworded(Protocol):
    """A revision, as readers or editors see it: terms/revisions.py, terms/restoring.py."""

    @property
    def version(self) -> int: ...

    @property
    def meanings(self) -> list[tuple[str, tuple[str, str], tuple[str, str]]]: ...


@dataclass(frozen=True)
class Move:
    """A sense's way, and the distance from the term to the nearest other entry: 1 − cosine."""

    sense: str
    distance: float
    neighbour: float

    @property
    def words(self) -> str:
        """
        >>> [Move("Sense 1", way, 0.3).words for way in (0.01, 0.1, 0.2, 0.4)]
        ['hardly', 'a little', 'far', 'further than its nearest neighbour']
        """
        for share, words in ((LITTLE, "hardly"), (FAR, "a little"), (1.0, "far")):
            if self.distance < share * self.neighbour:
                return words
        return "further than its nearest neighbour"

    @property
    def sentence(self) -> str:
        sentences = {
            "hardly": _("%(sense)s moved hardly at all in the space."),
            "a little": _("%(sense)s moved a little in the space."),
            "far": _("%(sense)s moved far in the space."),
        }
        further = _("%(sense)s moved further than its nearest neighbour in the space.")
        return sentences.get(self.words, further) % {"sense": self.sense}


def moves(
    space: Space, encoder: Encoder, term: Term, revisions: Sequence[Reworded]
) -> dict[int, list[Move]]:
    """Version → how its senses moved, of the NEWEST that were reworded; one query, one batch."""
    changed = [(each.version, *meaning) for each in revisions for meaning in each.meanings]
    pairs = [(n, sense, entry(*old), entry(*new)) for n, sense, old, new in changed[:NEWEST]]
    others = near(space, term, limit=AROUND) if pairs else []
    if not others:
        return {}
    neighbour = 1 - max(row.cosine for row in others)
    texts = list(dict.fromkeys(text for _, _, *both in pairs for text in both))
    vectors = dict(zip(texts, encoder.encode(texts), strict=True))
    found: dict[int, list[Move]] = {}
    for version, sense, old, new in pairs:
        distance = max(0.0, 1 - float(vectors[old] @ vectors[new]))
        found.setdefault(version, []).append(Move(sense, distance, neighbour))
    return found
