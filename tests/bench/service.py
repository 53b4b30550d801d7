"""The service as `make run` starts it: how soon it answers, how fast, and in how much memory."""

import json
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from urllib.parse import quote
from urllib.request import urlopen

import numpy as np
import psutil
from django.conf import settings

from tests.bench import client

START_WITHIN = 300.0  # seconds
QUESTIONS = [
    "a picture is made by removing noise step by step",
    "the numbers inside a model where like things lie together",
    "what a program counts in when it charges for text",
    "training a small model to copy the answers of a large one",
    "how sure can we be that a search finds everything relevant",
    "a machine that says untrue things with confidence",
    "finding what a network has learned by looking at its parts",
    "words that mean nearly the same",
    "changing only a few weights of a large network",
    "letting people choose the better of two answers",
    "how far apart two directions are, whatever their lengths",
    "searching quickly among millions of points, nearly right",
    "looking things up first and then writing the answer",
    "the part of a model that decides which words matter to which",
    "squeezing data through a narrow middle and rebuilding it",
    "a list of questions with known answers to compare systems by",
]


def main() -> None:
    first = start("from nothing (data, not packages)")
    stop(first)
    second = start("the second time")
    try:
        show_memory(second, "after the start")
        pages = [path_of(term["url"]) for term in get("/api/v1/terms?limit=100")["results"]]
        searches = [f"/api/v1/search?q={quote(question)}" for question in QUESTIONS]
        names = [f"/api/v1/search?mode=names&q={quote(page.split('/')[-1])}" for page in pages]
        for what, paths in {
            "term page": pages,
            "search by meaning": searches,
            "search by names only": names,
        }.items():
            client.ask(settings.PORT, paths, clients=1, seconds=1)  # warm
            for clients in (1, 8):
                print(f"{what:<21}", client.ask(settings.PORT, paths, clients), flush=True)
        alone = encoding_alone()
        beside = client.ask(settings.PORT, searches, clients=1, seconds=3)
        print(
            f"a question encoded alone: p50 {alone:.1f} ms; the search around it {beside.p50:.1f}"
        )
        print(f"encoding is {alone / beside.p50:.0%} of a search by meaning")
        show_memory(second, "after the load")
    finally:
        stop(second)


def start(how: str) -> subprocess.Popen[bytes]:
    """Start `up` and print when it answered, and when search by meaning did."""
    begun = time.monotonic()
    supervisor = subprocess.Popen(
        [sys.executable, "manage.py", "up"],
        cwd=settings.BASE_DIR,
        stdout=subprocess.DEVNULL,
        start_new_session=True,
    )
    with stopping_on_error(supervisor):
        wait_for(lambda: bool(get("/api/v1/terms?limit=1")["results"]), begun)
        answers = time.monotonic() - begun
        wait_for(is_complete, begun)
    print(
        f"start {how}: pages after {answers:.1f} s, everything embedded and searched by meaning"
        f" after {time.monotonic() - begun:.1f} s",
        flush=True,
    )
    return supervisor


@contextmanager
def stopping_on_error(supervisor: subprocess.Popen[bytes]) -> Iterator[None]:
    try:
        yield
    except BaseException:
        stop(supervisor)
        raise


def is_complete() -> bool:
    if get("/readyz")["senses"]["waiting"]:
        return False
    return bool(get("/api/v1/search?mode=meaning&q=anything+at+all")["meaning"] == "ready")


def wait_for_map() -> None:
    """The worker draws it, and the pages of terms show it, within a minute or so."""
    from embeddings.models import Layout

    wait_for(Layout.objects.exists, time.monotonic())


def wait_for(holds: Callable[[], bool], begun: float) -> None:
    while True:
        try:
            if holds():
                return
        except OSError:
            pass  # nothing listens yet
        if time.monotonic() - begun > START_WITHIN:
            raise TimeoutError(f"not within {START_WITHIN:.0f} s")
        time.sleep(0.05)


def stop(supervisor: subprocess.Popen[bytes]) -> None:
    begun = time.monotonic()
    supervisor.send_signal(signal.SIGTERM)
    supervisor.wait(30)
    print(f"stop: {time.monotonic() - begun:.1f} s", flush=True)


def get(path: str) -> Any:
    with urlopen(f"http://127.0.0.1:{settings.PORT}{path}", timeout=30) as answer:
        return json.load(answer)


def path_of(url: str) -> str:
    return quote("/" + url.split("/", 3)[3])


def encoding_alone(rounds: int = 10) -> float:
    """Median milliseconds of one question through the encoder that the web process uses."""
    from embeddings.encoders.onnx import OnnxEncoder

    encoder = OnnxEncoder()
    taken = []
    for question in QUESTIONS * rounds:
        begun = time.perf_counter()
        encoder.encode([question])
        taken.append(1000 * (time.perf_counter() - begun))
    return float(np.median(taken))


def show_memory(supervisor: subprocess.Popen[bytes], when: str) -> None:
    """RSS by part of the service; PSS beside it, which counts shared pages once."""
    parent = psutil.Process(supervisor.pid)
    print(f"memory {when}, MB (RSS / PSS):")
    parts = {"supervisor": [parent]}
    for child in parent.children():
        parts[part_of(child)] = [child, *child.children(recursive=True)]
    for name, processes in parts.items():
        infos = []
        for process in processes:
            with suppress(psutil.NoSuchProcess):  # PostgreSQL's own come and go
                infos.append(process.memory_full_info())
        rss, pss = (sum(getattr(info, kind) for info in infos) / 1e6 for kind in ("rss", "pss"))
        print(f"  {name:<11}{rss:7.0f} / {pss:.0f}  in {len(infos)} processes")


def part_of(process: psutil.Process) -> str:
    command = process.cmdline()
    for name in ("granian", "worker", "beat", "export_onnx"):
        if name in command:
            return "web" if name == "granian" else name
    return Path(command[0].split()[0]).name
