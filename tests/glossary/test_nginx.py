"""docs/nginx.conf, as the benchmark of pages runs it: a cache that never shows what has gone."""

import subprocess
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import pytest

from tests.bench.pages import contenders
from tests.bench.pages.programs import program

pytestmark = pytest.mark.skipif(not program("nginx"), reason="nginx is not installed")

PUBLIC, PRIVATE = "public, no-cache", "private, no-cache"


class Origin(BaseHTTPRequestHandler):
    """Counts what reaches it, and answers as reader pages, or as others do."""

    asked: list[str] = []

    def do_GET(self) -> None:
        self.asked.append(self.path)
        self.send_response(200)
        self.send_header("Cache-Control", PRIVATE if "admin" in self.path else PUBLIC)
        self.send_header("ETag", '"1"')
        self.send_header("Content-Length", "2")
        if "cookie" in self.path:
            self.send_header("Set-Cookie", "a=b")
        self.end_headers()
        self.wfile.write(b"ok")

    def log_message(self, *args: Any) -> None:
        pass


@pytest.fixture
def cache(tmp_path: Path, settings: Any) -> Iterator[str]:
    """The address of nginx before an origin that counts."""
    origin = ThreadingHTTPServer(("127.0.0.1", 0), Origin)
    settings.PORT = origin.server_port
    Origin.asked.clear()
    threading.Thread(target=origin.serve_forever).start()
    with contenders.nginx(tmp_path) as (_, port):
        yield f"http://127.0.0.1:{port}"
    origin.shutdown()
    origin.server_close()


def get(url: str, **headers: str) -> tuple[int, str]:
    with urlopen(Request(url, headers=headers)) as answer:
        return answer.status, answer.headers["X-Cache-Status"]


def test_nginx_accepts_the_example(tmp_path: Path) -> None:
    configuration = contenders.configure_nginx(tmp_path, 1, 2)
    command = [program("nginx"), "-t", "-p", str(tmp_path), "-c", str(configuration)]
    checked = subprocess.run(command, capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stderr
    assert "[warn]" not in checked.stderr


def test_it_keeps_reader_pages(cache: str) -> None:
    assert get(f"{cache}/en/define/token") == (200, "MISS")
    assert get(f"{cache}/en/define/token") == (200, "HIT")
    assert Origin.asked == ["/en/define/token"]


@pytest.mark.parametrize("path", ["/admin/", "/cookie"])
def test_it_keeps_nothing_that_is_not_for_everybody(cache: str, path: str) -> None:
    assert [get(f"{cache}{path}") for _ in range(2)] == [(200, "MISS")] * 2
    assert Origin.asked == [path] * 2
