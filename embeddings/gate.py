"""What speaks against making a space serve, in words. `--force` is for whoever knows better."""

from collections.abc import Iterator

from embeddings.encoders import obstacle
from embeddings.evaluate import overall
from embeddings.models import PinnedQuestion, Space
from embeddings.tuning.models import tuning_of

TOLERANCE = 0.01  # of the mean reciprocal rank, within which two spaces are as good


def reasons_against(space: Space) -> list[str]:
    """Empty where nothing does. A space that lacks senses is not asked any questions yet."""
    if why := obstacle(space.encoder):
        return [f"Questions cannot be encoded for it on this machine: {why}"]
    progress = space.progress()
    if missing := progress.total - progress.embedded:
        return [f"{missing} senses are not embedded in it yet; wait."]
    serving = Space.objects.serving()
    return [*_forgotten(space, serving), *_worse(space, serving), *_unproven(space)]


def _forgotten(space: Space, serving: Space | None) -> Iterator[str]:
    """Pinned questions that the serving space answers must be answered by the new one."""
    broken = PinnedQuestion.objects.broken_in(space)
    if lost := [str(pin) for pin in broken if serving is None or pin.holds_in(serving)]:
        yield "\n".join(["It breaks pinned questions that are answered now:", *lost])


def _worse(space: Space, serving: Space | None) -> Iterator[str]:
    ours, theirs = overall(space.evaluation), overall(serving.evaluation if serving else {})
    if theirs and ours is None:
        yield (
            "The space that serves was evaluated, this one was not: run"
            f" `manage.py evaluate --space {space.name}` first."
        )
    if theirs and ours and ours < theirs - TOLERANCE:
        yield (
            f"It answers worse: mean reciprocal rank {ours:.3f}, and {theirs:.3f} of the space"
            " that serves."
        )


def _unproven(space: Space) -> Iterator[str]:
    """Of an adapter that did not measure better. It need not, on the way back to its space."""
    if space.activated_at is None and (found := tuning_of(space.encoder)):
        tuning, strength = found
        yield from tuning.reasons_against(strength)
