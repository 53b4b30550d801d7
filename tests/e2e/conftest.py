"""A real Chromium on the live site. Without one the tests say how to get it; CI skips none."""

import os
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.signals import request_finished, request_started
from playwright.sync_api import Browser, Page, sync_playwright

from terms.models import Glossary
from tests.e2e.steps import PASSWORD, entered

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--no-first-run",
]


@pytest.fixture(scope="package")
def chromium() -> Iterator[Browser]:
    path = next(filter(None, map(shutil.which, NAMES)), None)
    if path is None:
        message = "Chromium is not installed: apt install chromium (or your system's way)"
        if os.environ.get("CI"):
            pytest.fail(message)
        pytest.skip(message)
    with pytest.MonkeyPatch.context() as patch, sync_playwright() as playwright:
        # Playwright runs an event loop in this thread, where Django would refuse its ORM.
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()


class Requests:
    """Those that the server is at: none may be left when the tables are emptied after a test."""

    PATIENCE, PAUSE = 30, 0.05  # seconds

    def __init__(self) -> None:
        self._number, self._lock = 0, threading.Lock()

    def start(self, **kwargs: Any) -> None:
        self._add(1)

    def finish(self, **kwargs: Any) -> None:
        self._add(-1)

    def _add(self, number: int) -> None:
        with self._lock:
            self._number += number

    def await_end(self) -> None:
        """Returns when none was there at two looks, as one may be on its way at the first."""
        quiet, until = 0, time.monotonic() + self.PATIENCE
        while quiet < 2 and time.monotonic() < until:
            time.sleep(self.PAUSE)
            quiet = quiet + 1 if self._number <= 0 else 0


@pytest.fixture
def requests(live_server: Any) -> Iterator[Requests]:
    requests = Requests()
    request_started.connect(requests.start)
    request_finished.connect(requests.finish)
    yield requests
    request_started.disconnect(requests.start)
    request_finished.disconnect(requests.finish)


@pytest.fixture
def expected() -> list[str]:
    """How a complaint may end that is none: the status of an answer that the test asks for."""
    return ["404 (Not Found)", "409 (Conflict)", "410 (Gone)"]


@pytest.fixture
def open_page(
    chromium: Browser, live_server: Any, requests: Requests, expected: list[str]
) -> Iterator[Callable[..., Page]]:
    """`open_page(path, **context)`: a page of the live site that minds every complaint.

    At the end of the test nothing may have been written to the console as an error (a violation of
    the content security policy is one), and nothing requested from another host.
    """
    complaints: list[str] = []
    contexts = []

    def open_page(path: str = "/", **options: Any) -> Page:
        context = chromium.new_context(base_url=live_server.url, **options)
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda m: complaints.append(m.text) if m.type == "error" else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on(
            "request",
            lambda request: (
                None
                if request.url.startswith((live_server.url, "data:"))
                else complaints.append(f"request to {request.url}")
            ),
        )
        page.goto(path)
        return page

    yield open_page
    heard = list(complaints)
    for context in contexts:
        context.set_offline(True)
    requests.await_end()
    for context in contexts:
        context.close()
    assert [text for text in heard if not text.endswith(tuple(expected))] == []


@pytest.fixture
def admin_page(open_page: Callable[..., Page]) -> Page:
    """The admin, for a superuser."""
    Glossary.objects.get_or_create(id=1)
    User.objects.create_superuser("ada", password=PASSWORD)
    return entered(open_page, "ada", "/admin/")
