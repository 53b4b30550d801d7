"""The encoder behind an address, against a real HTTP server that speaks its protocol."""

import io
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import numpy as np
import pytest
from django.core.management import call_command
from hypothesis import given
from hypothesis import strategies as st

from embeddings import lookup, pipeline, querysets, remote_use, tasks
from embeddings.encoders import EncoderUnavailable, load_for_query, openai_compatible
from embeddings.encoders.hashing import DIMENSIONS, HashingEncoder
from embeddings.encoders.openai_compatible import (
    OpenAICompatibleEncoder,
    QuestionEncoder,
    batches,
)
from embeddings.lookup import Meaning
from embeddings.models import RemoteUse, Space
from embeddings.vectors import BadVectors
from tests.factories import make_term

pytestmark = pytest.mark.django_db


class Answers(BaseHTTPRequestHandler):
    """Embeds by hashing and answers in reversed order; `server.says` changes what is answered.

    `server.first` does so for one answer each: a status with its headers.
    """

    def do_POST(self) -> None:
        server: Any = self.server
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        server.asked.append((self.path, self.headers["Authorization"], asked))
        vectors = HashingEncoder().encode(asked["input"]).tolist()
        rows = [{"index": i, "embedding": row} for i, row in enumerate(vectors)]
        usage = {"total_tokens": sum(len(text.split()) for text in asked["input"])}
        status, body = server.says or (200, json.dumps({"data": rows[::-1], "usage": usage}))
        headers = {}
        if server.first:
            (status, headers), body = server.first.pop(0), "not now"
        if server.silent:
            server.silent.wait(10)
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body.encode())

    def log_message(self, *_: Any) -> None:
        """Nothing on the console."""


@pytest.fixture
def server(settings: Any) -> Iterator[Any]:
    server: Any = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    server.asked, server.says, server.first, server.silent = [], None, [], None
    threading.Thread(target=server.serve_forever, daemon=True).start()
    settings.REMOTE_URL = f"http://127.0.0.1:{server.server_port}/v1"
    settings.REMOTE_MODEL = "some-model"
    settings.REMOTE_DIMENSIONS = DIMENSIONS
    settings.REMOTE_KEY = "a key"
    settings.REMOTE_BATCH = 32
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither retries, nor rests after a failure."""
    monkeypatch.setattr(OpenAICompatibleEncoder, "last_retry", 0.0)
    monkeypatch.setattr(openai_compatible, "REST", 0.0)


@pytest.fixture
def remote(server: Any, db: None) -> Space:
    return Space.objects.create(
        name="remote", encoder="openai_compatible", model="m", dimensions=384, state="active"
    )


def test_it_asks_in_batches_and_keeps_the_order(server: Any) -> None:
    texts = [f"text {number}" for number in range(35)]
    vectors = OpenAICompatibleEncoder().encode(texts)
    assert np.allclose(vectors, HashingEncoder().encode(texts))
    assert [len(asked["input"]) for _, _, asked in server.asked] == [32, 3]
    path, key, asked = server.asked[0]
    assert (path, key, asked["model"]) == ("/v1/embeddings", "Bearer a key", "some-model")


def test_it_asks_for_no_more_characters_at_once_than_are_allowed(
    server: Any, settings: Any
) -> None:
    settings.REMOTE_CHARACTERS = 10
    vectors = OpenAICompatibleEncoder().encode(["four", "five5", "more than ten", "x"])
    assert len(vectors) == 4
    assert [len(asked["input"]) for _, _, asked in server.asked] == [2, 1, 1]


@given(texts=st.lists(st.text(max_size=8)), most=st.integers(1, 4), characters=st.integers(1, 12))
def test_batches_lose_and_mix_nothing(texts: list[str], most: int, characters: int) -> None:
    made = list(batches(texts, most, characters))
    assert [text for batch in made for text in batch] == texts
    assert all(len(batch) <= most for batch in made)
    assert all(len(batch) == 1 or sum(map(len, batch)) <= characters for batch in made)


@pytest.mark.parametrize(
    "busy",
    [
        [(429, {"Retry-After": "0"}), (503, {})],
        [(429, {"Retry-After": "Thu, 01 Jan 1970 00:00:00 GMT"})],
        [(500, {}), (502, {}), (504, {"Retry-After": "when I can"})],
    ],
)
def test_it_asks_a_busy_server_again(server: Any, busy: list[Any]) -> None:
    server.first = list(busy)
    assert len(OpenAICompatibleEncoder().encode(["text"])) == 1
    assert len(server.asked) == len(busy) + 1


def test_it_gives_up_at_once_when_it_is_asked_to_wait_for_long(server: Any) -> None:
    server.first = [(429, {"Retry-After": "3600"})]
    with pytest.raises(EncoderUnavailable, match="answers 429"):
        OpenAICompatibleEncoder().encode(["text"])
    assert len(server.asked) == 1


def test_it_gives_up_a_server_that_stays_busy(server: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(OpenAICompatibleEncoder, "last_retry", 1.0)
    server.says = (503, "restarting")
    with pytest.raises(EncoderUnavailable, match="answers 503"):
        OpenAICompatibleEncoder().encode(["text"])
    assert 2 <= len(server.asked) <= 4


def test_its_work_ends_within_the_lease_of_a_claim() -> None:
    """A sense has four texts at the most, one request; a batch is claimed for LEASE."""
    assert openai_compatible.LAST_RETRY < pipeline.ENCODE_SECONDS
    longest = openai_compatible.LAST_REQUEST + openai_compatible.TIMEOUT
    assert longest < querysets.LEASE.total_seconds()


def test_a_slow_server_is_not_asked_for_ever(server: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(openai_compatible, "LAST_REQUEST", -1.0)
    with pytest.raises(EncoderUnavailable, match="too slow for 3 texts"):
        OpenAICompatibleEncoder().encode(["one", "two", "three"])


def test_a_question_is_tried_once_and_shortly(server: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(QuestionEncoder, "timeout", 0.1)
    server.silent = threading.Event()
    questions = QuestionEncoder()
    for _ in range(3):  # the second and third are not sent: readers do not wait for them
        with pytest.raises(EncoderUnavailable, match="does not answer"):
            questions.encode(["a question"])
    server.silent.set()
    assert len(server.asked) == 1


def test_a_question_does_not_wait_for_a_busy_server(server: Any) -> None:
    server.first = [(429, {"Retry-After": "1"})]
    with pytest.raises(EncoderUnavailable, match="answers 429"):
        QuestionEncoder().encode(["a question"])
    assert len(server.asked) == 1


def test_questions_are_asked_by_their_own_encoder(server: Any) -> None:
    assert isinstance(load_for_query("openai_compatible"), QuestionEncoder)


def test_what_the_server_counted_is_shown_with_its_cost(
    server: Any, remote: Space, settings: Any
) -> None:
    settings.REMOTE_MODEL = remote.model
    encoder = OpenAICompatibleEncoder()
    encoder.encode(["three words here"])
    encoder.encode(["two words"])
    use = RemoteUse.objects.get()
    assert (use.requests, use.tokens) == (2, 5)
    assert remote_use.told(remote) == "5 tokens counted by its server"
    settings.REMOTE_PRICE = 1000.0
    assert remote_use.told(remote).endswith(", cost 0.0050")
    assert remote_use.told(Space(encoder="hashing")) == ""
    out = io.StringIO()
    call_command("spaces", "list", stdout=out)
    assert "0 parked, 5 tokens counted by its server, cost 0.0050" in out.getvalue()


@pytest.mark.parametrize("usage", [None, {}, {"total_tokens": None}, {"total_tokens": -3}])
def test_a_server_that_counts_no_tokens_is_welcome(usage: Any) -> None:
    answer = json.dumps({"data": [{"index": 0, "embedding": [1.0]}], "usage": usage})
    assert openai_compatible.read(answer.encode()).tokens == 0


@pytest.mark.parametrize("status", [401, 404, 429, 500, 503])
def test_a_server_that_is_away_is_named(server: Any, impatient: None, status: int) -> None:
    server.says = (status, "not now")
    with pytest.raises(EncoderUnavailable, match=f"answers {status}: not now"):
        OpenAICompatibleEncoder().encode(["text"])


def test_a_server_that_is_not_there_is_named(server: Any, settings: Any) -> None:
    settings.REMOTE_URL = "http://127.0.0.1:9/v1"
    with pytest.raises(EncoderUnavailable, match=r"http://127.0.0.1:9/v1/embeddings does not"):
        OpenAICompatibleEncoder().encode(["text"])


def test_a_text_that_is_refused_is_to_blame(server: Any) -> None:
    server.says = (400, "too long")
    with pytest.raises(ValueError, match="refuses the text"):
        OpenAICompatibleEncoder().encode(["text"])


@pytest.mark.parametrize("body", ['{"data": [{"index": 0}]}', "[]", '{"data": "x"}', "no JSON"])
def test_an_answer_of_another_shape_is_no_vector(server: Any, body: str) -> None:
    server.says = (200, body)
    with pytest.raises(BadVectors, match="no list of embeddings"):
        OpenAICompatibleEncoder().encode(["text"])


def test_vectors_of_other_dimensions_are_refused(server: Any, settings: Any) -> None:
    settings.REMOTE_DIMENSIONS = 3
    with pytest.raises(BadVectors, match="expected vectors of shape"):
        OpenAICompatibleEncoder().encode(["text"])


@pytest.mark.parametrize("name", ["REMOTE_URL", "REMOTE_MODEL", "REMOTE_DIMENSIONS"])
def test_what_is_not_set_is_said(server: Any, settings: Any, name: str) -> None:
    setattr(settings, name, "")
    with pytest.raises(EncoderUnavailable, match=f"LEXISPACE_{name}"):
        OpenAICompatibleEncoder()


def test_an_outage_parks_nothing_and_is_shown(server: Any, remote: Space, impatient: None) -> None:
    make_term("token", "A unit.")
    server.says = (503, "restarting")
    for _ in range(5):
        remote.pending.update(due="2026-01-01T00:00Z")
        tasks.embed_due()
    remote.refresh_from_db()
    assert "answers 503: restarting" in remote.problems(remote.progress())[0]
    assert lookup.look_up("a unit of text").meaning == Meaning.LOADING
    server.says = None
    remote.pending.update(due="2026-01-01T00:00Z")
    tasks.embed_due()
    remote.refresh_from_db()
    assert remote.error == ""
    assert remote.progress().embedded == 1
    assert lookup.look_up("a unit of text").meaning == Meaning.READY
