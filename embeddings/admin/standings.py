"""Where a term's senses stand, in words."""

from collections.abc import Iterable

from embeddings.drift import Move
from embeddings.models import Standing


def in_words(standings: Iterable[Standing]) -> str:
    """What a survey found of a term's senses: the nearest, the twin, how far it moved."""
    return "; ".join(filter(None, (_of_one(standing) for standing in standings)))


def _of_one(standing: Standing) -> str:
    said = [] if standing.score is None else [f"nearest other {standing.score:.2f}"]
    if standing.twin and standing.likeness is not None:
        said.append(f"most like “{standing.twin.term}”, {standing.likeness:.2f}")
    if standing.moved is not None:
        said.append(f"moved {way(standing)}")
    return ", ".join(said)


def way(standing: Standing) -> str:
    """How far a sense moved within the month, as its history says it."""
    move = Move("", standing.moved or 0.0, 1 - (standing.cosine or 0.0))
    return f"{move.words}, {move.distance:.2f}"
