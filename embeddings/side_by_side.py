"""One question in two spaces, and what their answers share."""

from dataclasses import dataclass

from embeddings.lookup import Answer, Hit, Mode, look_up
from embeddings.models import Space

SHOWN = 10


@dataclass(frozen=True)
class Row:
    """A hit, and its rank in the other space; None where that one does not show it."""

    hit: Hit
    rank: int
    other_rank: int | None


@dataclass(frozen=True)
class Half:
    """What one of the two spaces answers."""

    space: Space
    answer: Answer
    rows: list[Row]


@dataclass(frozen=True)
class SideBySide:
    one: Half
    other: Half

    @property
    def shared(self) -> int:
        """The terms that both show."""
        return sum(row.other_rank is not None for row in self.one.rows)

    @property
    def shown(self) -> int:
        return max(len(self.one.rows), len(self.other.rows))


def side_by_side(
    query: str, language: str, one: Space, other: Space, limit: int = SHOWN
) -> SideBySide:
    """The question by meaning alone in each space: names would be the same in both."""
    answers = [look_up(query, language, Mode.MEANING, limit, space=space) for space in (one, other)]
    ours, theirs = (ranks(answer) for answer in answers)
    return SideBySide(
        Half(one, answers[0], rows(answers[0], theirs)),
        Half(other, answers[1], rows(answers[1], ours)),
    )


def ranks(answer: Answer) -> dict[int, int]:
    """Term id → rank, from 1."""
    return {hit.term.pk: rank for rank, hit in enumerate(answer.hits, 1)}


def rows(answer: Answer, others: dict[int, int]) -> list[Row]:
    return [Row(hit, rank, others.get(hit.term.pk)) for rank, hit in enumerate(answer.hits, 1)]
