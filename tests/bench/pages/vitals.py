"""Web Vitals of the pages in Chromium, with the processor and the network of a slow phone."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from django.conf import settings
from playwright.sync_api import Browser, BrowserContext, CDPSession, Page, sync_playwright

from tests.bench.pages.programs import program

ROUNDS = 3
SLOWER = 4  # times, the processor
NETWORK = {
    "offline": False,
    "latency": 150,  # milliseconds there and back
    "downloadThroughput": 1.6e6 / 8,  # bytes a second
    "uploadThroughput": 1.6e6 / 8,
}
PHONE: dict[str, Any] = {
    "viewport": {"width": 412, "height": 823},
    "device_scale_factor": 1.75,
    "has_touch": True,
}
QUIET = 500  # milliseconds after the last answer, in which a late paint or shift shows itself
OBSERVER = Path(__file__).parent / "vitals.js"
PAGES = {
    "term": "/en/define/token",
    "home": "/",
    "search": "/en/search?q=numbers+that+stand+for+the+meaning+of+a+word",
    "A–Z": "/en/",
    "map": "/en/map",
}


@dataclass
class Traffic:
    """What came over the network, not from the browser's cache."""

    requests: int = 0
    bytes: float = 0
    cached: set[str] = field(default_factory=set)

    def listen(self, session: CDPSession) -> None:
        session.on("Network.requestServedFromCache", lambda e: self.cached.add(e["requestId"]))
        session.on("Network.responseReceived", self._received)
        session.on("Network.loadingFinished", self._finished)

    def _received(self, event: dict[str, Any]) -> None:
        if event["response"].get("fromDiskCache"):
            self.cached.add(event["requestId"])

    def _finished(self, event: dict[str, Any]) -> None:
        if event["requestId"] not in self.cached:
            self.requests += 1
            self.bytes += event["encodedDataLength"]


@dataclass(frozen=True)
class Visit:
    lcp: float
    cls: float
    requests: int
    bytes: float


def main() -> None:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=program("chromium"), args=["--no-sandbox", "--disable-gpu"]
        )
        rounds = [
            {name: both_visits(browser, path) for name, path in PAGES.items()}
            for _ in range(ROUNDS)
        ]
        inputs = {name: interactions(browser, act) for name, act in INTERACTIONS.items()}
        browser.close()
    print_visits(rounds)
    print_interactions(inputs)


def both_visits(browser: Browser, path: str) -> list[Visit]:
    """Of a browser that has never been here, then of the same one in a new tab."""
    context = phone(browser)
    visits = [visit(context, path), visit(context, path)]
    context.close()
    return visits


def phone(browser: Browser) -> BrowserContext:
    context = browser.new_context(base_url=f"http://127.0.0.1:{settings.PORT}", **PHONE)
    context.add_init_script(path=OBSERVER)
    return context


def visit(context: BrowserContext, path: str) -> Visit:
    page, traffic = slow_page(context)
    page.goto(path, wait_until="networkidle")
    page.wait_for_timeout(QUIET)
    seen = page.evaluate("vitals")
    page.close()
    return Visit(seen["lcp"], seen["cls"], traffic.requests, traffic.bytes)


def slow_page(context: BrowserContext) -> tuple[Page, Traffic]:
    page, traffic = context.new_page(), Traffic()
    session = context.new_cdp_session(page)
    session.send("Network.enable")
    session.send("Network.emulateNetworkConditions", NETWORK)
    session.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
    traffic.listen(session)
    return page, traffic


def type_a_name(page: Page) -> None:
    page.goto("/", wait_until="networkidle")
    page.get_by_role("combobox").press_sequentially("latent space", delay=120)
    page.get_by_role("option").first.wait_for()


def open_a_card(page: Page) -> None:
    page.goto(PAGES["term"], wait_until="networkidle")
    page.locator("a.mention").first.tap()
    page.locator("#card").wait_for(state="visible")


INTERACTIONS: dict[str, Callable[[Page], None]] = {
    "typing in the search box": type_a_name,
    "opening a card by a tap": open_a_card,
}


def interactions(browser: Browser, act: Callable[[Page], None]) -> list[float]:
    """The slowest interaction of each round, in milliseconds, from the input to the next frame."""
    slowest = []
    for _ in range(ROUNDS):
        context = phone(browser)
        page, _ = slow_page(context)
        act(page)
        page.wait_for_timeout(QUIET)
        slowest.append(float(page.evaluate("vitals.inp")))
        context.close()
    return slowest


def print_visits(rounds: list[dict[str, list[Visit]]]) -> None:
    """Medians of the rounds."""
    print("\n| page | visit | LCP | CLS | requests | kB |\n|---|---|---|---|---|---|")
    for name in PAGES:
        for place, which in enumerate(("first", "repeat")):
            visits = [each[name][place] for each in rounds]
            lcp, cls, requests, size = np.median(
                [[each.lcp, each.cls, each.requests, each.bytes] for each in visits], axis=0
            )
            figures = f"{lcp:,.0f} ms | {cls:.3f} | {requests:.0f} | {size / 1000:.1f}"
            print(f"| {name} | {which} | {figures} |")
    print("\nGoals: LCP 1,200 ms, CLS .010.")


def print_interactions(inputs: dict[str, list[float]]) -> None:
    print("\n| interaction | INP, median | largest | goal |\n|---|---|---|---|")
    for name, slowest in inputs.items():
        print(f"| {name} | {np.median(slowest):.0f} ms | {max(slowest):.0f} ms | 100 ms |")
