"""Questions that are asked through an adapter of the query side: `tuned=3` in an address."""

from collections.abc import Mapping

from embeddings.models import Space, Tuning
from embeddings.tuning.models import BASE, KEY


class NotThere(ValueError):
    """No such adapter can be asked through; the message is for readers."""


def asking(space: Space | None, asked: str) -> Space | None:
    """The space, by that adapter's questions where one is named. Raises NotThere."""
    if space is not None and asked:
        space.asked_with = _encoder(space, asked)
    return space


def _encoder(space: Space, asked: str) -> str:
    """Only a whole adapter: each strength would be a graph of its own, and anybody may ask."""
    named = KEY.fullmatch(f"tuned:{asked}")
    if named is None or named[2]:
        raise NotThere("tuned= takes the number of a tuning, such as 3.")
    tuning = Tuning.objects.for_questions().light().filter(pk=named[1]).first()
    if tuning is None or space.encoder != BASE:
        raise NotThere(f"There is no tuning {named[1]} for questions in this space.")
    return tuning.key


def state(space: Space | None, parameters: Mapping[str, str]) -> tuple[str, list[int]]:
    """What an answer to such a question depends on beside the space, for its ETag.

    The encoder that it is asked through, and the tunings that the lab's `how=feedback` chooses from
    and compares.
    """
    feeds_back = parameters.get("how") == "feedback"
    known = list(Tuning.objects.for_questions().values_list("pk", flat=True)) if feeds_back else []
    newest = Tuning.objects.feeding_back().values_list("pk", flat=True).first() if known else None
    asked = parameters.get("tuned") or str(newest or "")
    try:
        return (_encoder(space, asked) if space and asked else ""), known
    except NotThere:
        return "", known
