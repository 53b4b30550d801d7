"""Clients that search by REST without a pause, and whether each answer is of one space."""

import http.client
import itertools
import json
import threading
import time
from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass, field
from typing import Any, Self
from urllib.parse import quote

CLIENTS = 8
QUESTIONS = [
    "a picture is made by removing noise step by step",
    "the numbers inside a model where like things lie together",
    "what a program counts in when it charges for text",
    "a machine that says untrue things with confidence",
    "words that mean nearly the same",
    "changing only a few weights of a large network",
    "searching quickly among many points, nearly right",
    "a list of questions with known answers to compare systems by",
]
Hits = tuple[tuple[str, float], ...]


@dataclass(frozen=True)
class Seen:
    """An answer: which space it says that it is of, and its terms with their scores."""

    question: str
    space: str | None
    hits: Hits
    milliseconds: float = 0.0


def ask(connection: http.client.HTTPConnection, question: str) -> Seen:
    """One search by meaning. RuntimeError for any answer but a whole one."""
    begun = time.perf_counter()
    connection.request("GET", f"/api/v1/search?mode=meaning&q={quote(question)}")
    answer = connection.getresponse()
    body: Any = answer.read()
    if answer.status != 200:
        raise RuntimeError(f"{answer.status}: {body[:200]}")
    said = json.loads(body)
    hits = tuple((hit["slug"], hit["score"]) for hit in said["results"])
    return Seen(question, said["space"], hits, 1000 * (time.perf_counter() - begun))


def ask_each(port: int) -> dict[str, Seen]:
    """Each question once, as a quiet service answers it."""
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=60)) as connection:
        return {question: ask(connection, question) for question in QUESTIONS}


@dataclass
class Searchers:
    """CLIENTS clients for the length of a `with` block."""

    port: int
    seen: list[Seen] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    _over: threading.Event = field(default_factory=threading.Event)

    def __enter__(self) -> Self:
        self._threads = [
            threading.Thread(target=self._search, args=(first,)) for first in range(CLIENTS)
        ]
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        for thread in self._threads:
            thread.join()

    def _search(self, first: int) -> None:
        with closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)) as connection:
            for question in itertools.islice(itertools.cycle(QUESTIONS), first, None):
                if self._over.is_set():
                    return
                try:
                    self.seen.append(ask(connection, question))
                except (OSError, RuntimeError, ValueError, http.client.HTTPException) as error:
                    self.errors.append(repr(error))
                    connection.close()

    def of(self, space: str) -> int:
        return sum(seen.space == space for seen in self.seen)

    def has_more_of(self, space: str, count: int) -> bool:
        return self.of(space) > count


def mixed(seen: Iterable[Seen], quiet: dict[str, dict[str, Seen]]) -> list[Seen]:
    """Answers that are not, hit for hit, what the space they name answers when all is quiet."""
    return [
        each
        for each in seen
        if each.space not in quiet or each.hits != quiet[each.space][each.question].hits
    ]
