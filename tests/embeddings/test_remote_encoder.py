"""The encoder behind an address, against a real HTTP server that speaks its protocol."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import numpy as np
import pytest

from embeddings import lookup, tasks
from embeddings.encoders import EncoderUnavailable
from embeddings.encoders.hashing import DIMENSIONS, HashingEncoder
from embeddings.encoders.openai_compatible import BATCH, OpenAICompatibleEncoder
from embeddings.lookup import Meaning
from embeddings.models import Space
from embeddings.vectors import BadVectors
from tests.factories import make_term


class Answers(BaseHTTPRequestHandler):
    """Embeds by hashing and answers in reversed order; `server.says` changes what is answered."""

    def do_POST(self) -> None:
        server: Any = self.server
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        server.asked.append((self.path, self.headers["Authorization"], asked))
        vectors = HashingEncoder().encode(asked["input"]).tolist()
        rows = [{"index": i, "embedding": row} for i, row in enumerate(vectors)]
        status, body = server.says or (200, json.dumps({"data": rows[::-1]}))
        self.send_response(status)
        self.end_headers()
        self.wfile.write(body.encode())

    def log_message(self, *_: Any) -> None:
        """Nothing on the console."""


@pytest.fixture
def server(settings: Any) -> Iterator[Any]:
    server: Any = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    server.asked, server.says = [], None
    threading.Thread(target=server.serve_forever, daemon=True).start()
    settings.REMOTE_URL = f"http://127.0.0.1:{server.server_port}/v1"
    settings.REMOTE_MODEL = "some-model"
    settings.REMOTE_DIMENSIONS = DIMENSIONS
    settings.REMOTE_KEY = "a key"
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def remote(server: Any, db: None) -> Space:
    return Space.objects.create(
        name="remote", encoder="openai_compatible", model="m", dimensions=384, state="active"
    )


def test_it_asks_in_batches_and_keeps_the_order(server: Any) -> None:
    texts = [f"text {number}" for number in range(BATCH + 3)]
    vectors = OpenAICompatibleEncoder().encode(texts)
    assert np.allclose(vectors, HashingEncoder().encode(texts))
    assert [len(asked["input"]) for _, _, asked in server.asked] == [BATCH, 3]
    path, key, asked = server.asked[0]
    assert (path, key, asked["model"]) == ("/v1/embeddings", "Bearer a key", "some-model")


@pytest.mark.parametrize("status", [401, 404, 429, 500, 503])
def test_a_server_that_is_away_is_named(server: Any, status: int) -> None:
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


def test_an_outage_parks_nothing_and_is_shown(server: Any, remote: Space) -> None:
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
