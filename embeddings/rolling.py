"""The rolling check: a slice at a time, every stored vector is compared with its text's hash.

It finds what no trigger saw: a restored table, a trigger switched off, a vector deleted by hand.
"""

from embeddings import text
from embeddings.models import Pending, Space
from terms.models import Sense

SLICE = 2_000  # senses a round; a round takes a tenth of a second or so


def check(space: Space, slice_size: int = SLICE) -> int:
    """Checks the next slice; what differs enters the outbox. Returns how many senses differed."""
    senses = text.readable(Sense.objects.filter(id__gt=space.checked_through))
    checked = list(senses.order_by("id")[:slice_size])
    different = stale(space, checked)
    Pending.objects.bulk_create(
        [Pending(space=space, sense_id=sense) for sense in different], ignore_conflicts=True
    )
    space.checked_through = checked[-1].id if len(checked) == slice_size else 0
    space.save(update_fields=["checked_through"])
    return len(different)


def check_all(space: Space) -> None:
    """Checks every sense once, from the first."""
    space.checked_through = 0
    check(space)
    while space.checked_through:
        check(space)


def stale(space: Space, senses: list[Sense]) -> list[int]:
    """Ids of senses whose stored hashes are not exactly those of their texts."""
    stored: dict[int, dict[str, bytes]] = {}
    rows = space.embeddings.filter(sense__in=senses).values_list("sense_id", "view", "text_hash")
    for sense_id, view, digest in rows:
        stored.setdefault(sense_id, {})[view] = bytes(digest)
    return [
        sense.id
        for sense in senses
        if stored.get(sense.id)
        != {view: text.fingerprint(content) for view, content in text.views(sense).items()}
    ]
