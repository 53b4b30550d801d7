"""How much a reader's browser fetches: real bytes of the compressed, hashed files of a release."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.test.testcases import LiveServerThread
from playwright.sync_api import Browser, BrowserContext, Page

from tests.e2e.everything import RICH, make_everything

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

KB = 1024
PAGE, SHEET, SCRIPT = 14 * KB, 12 * KB, 10 * KB
FIRST_VISIT, REPEAT_VISIT = 120 * KB, 10 * KB
# The page, its stylesheet, the theme before the first paint, the script, three faces, the icon.
REQUESTS = 8


@pytest.fixture
def release(settings: Any, tmp_path: Path) -> Iterator[str]:
    """The address of the site with its static files collected, as an operator serves it."""
    settings.STATIC_ROOT = tmp_path
    settings.WHITENOISE_AUTOREFRESH = settings.WHITENOISE_USE_FINDERS = False
    settings.STORAGES = settings.STORAGES | {
        "staticfiles": {"BACKEND": "glossary.staticfiles.JoinedStaticFilesStorage"}
    }
    call_command("collectstatic", interactive=False, verbosity=0)
    bare: Any = lambda application: application  # noqa: E731 - no finder serves before whitenoise
    server = LiveServerThread("localhost", bare)
    server.daemon = True
    server.start()
    server.is_ready.wait()
    yield f"http://localhost:{server.port}"
    server.terminate()


@pytest.fixture
def reader(chromium: Browser, release: str) -> Iterator[BrowserContext]:
    make_everything()
    context = chromium.new_context(base_url=release)
    yield context
    context.close()


def fetched(page: Page, path: str) -> dict[str, int]:
    """Address and bytes on the wire, headers included, of what a visit asks the network for."""
    asked: dict[str, str] = {}
    sizes: Counter[str] = Counter()
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")
    session.on(
        "Network.requestWillBeSent",
        lambda event: asked.update({event["requestId"]: event["request"]["url"]}),
    )
    session.on(
        "Network.loadingFinished",
        lambda event: sizes.update({asked[event["requestId"]]: event["encodedDataLength"]}),
    )
    page.goto(path, wait_until="networkidle")
    session.detach()
    return {url: size for url, size in sizes.items() if size}


def of_kind(sizes: dict[str, int], suffix: str) -> int:
    return sum(size for url, size in sizes.items() if url.endswith(suffix))


def test_a_visit_costs_what_it_may(reader: BrowserContext, release: str) -> None:
    page = reader.new_page()
    first = fetched(page, RICH)
    assert all(url.startswith(release) for url in first)
    assert first[release + RICH] <= PAGE
    assert of_kind(first, ".css") <= SHEET
    assert of_kind(first, ".js") <= SCRIPT
    assert sum(first.values()) <= FIRST_VISIT
    assert len(first) <= REQUESTS, list(first)
    assert sum(fetched(page, RICH).values()) <= REPEAT_VISIT
    assert reader.cookies() == []


def test_the_map_costs_one_script_more(reader: BrowserContext) -> None:
    page = reader.new_page()
    first = fetched(page, "/en/map")
    assert of_kind(first, ".js") <= 2 * SCRIPT
    assert len([url for url in first if url.endswith(".js")]) == 3
    assert page.locator("canvas").is_visible()
