"""Ends the process at a named step, a given number of times: FAULTS_CRASH=step:times.

The product knows nothing of this: its functions are wrapped when Django is set up with
tests.faults.settings.
"""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.conf import settings

WORKER_STEPS = ["claimed", "encoded", "written", "committed", "finished"]


def crashes() -> Path:
    """One byte for each crash, so that the process started anew knows how often it crashed."""
    return Path(settings.VAR) / "crashes"


def reach(step: str) -> None:
    wanted, _, times = os.environ.get("FAULTS_CRASH", "").partition(":")
    if step != wanted:
        return
    with crashes().open("ab") as record:
        if record.tell() >= int(times):
            return
        record.write(b"x")
    os._exit(1)


def install() -> None:
    from embeddings import doorbell, pipeline, tasks

    _crash_before(pipeline, "read", "claimed")
    _crash_after(pipeline, "encode", "encoded")
    _crash_after(pipeline, "store", "written")  # its transaction is still open
    _crash_after(pipeline, "write", "committed")
    _crash_after(tasks, "work", "finished")  # before the message is acknowledged
    _crash_before(doorbell, "ring", "saved")  # after the commit of the words


def _crash_before(place: Any, name: str, step: str) -> None:
    original: Callable[..., Any] = getattr(place, name)

    def wrapped(*args: Any, **kwargs: Any) -> Any:
        reach(step)
        return original(*args, **kwargs)

    setattr(place, name, wrapped)


def _crash_after(place: Any, name: str, step: str) -> None:
    original: Callable[..., Any] = getattr(place, name)

    def wrapped(*args: Any, **kwargs: Any) -> Any:
        result = original(*args, **kwargs)
        reach(step)
        return result

    setattr(place, name, wrapped)
