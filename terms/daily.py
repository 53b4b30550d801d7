"""What is drawn anew each day, without anything being kept."""

from random import Random


def drawn(seed: str, count: int) -> int:
    """A place below `count`, the same for the same seed; 0 where `count` is 0.

    When one more comes to the end, the draw stays with a probability of 1 - 1/(count + 1): a jump
    consistent hash (Lamping and Veach, 2014). So what is published today seldom changes today's.

    >>> [drawn("2026-11-25", count) for count in (1, 10, 100, 101)]
    [0, 5, 69, 69]
    """
    chances = Random(seed)  # noqa: S311 - a draw that everybody may foresee
    place, following = 0, 0
    while following < count:
        place, following = following, int((following + 1) / (1 - chances.random()))
    return place
