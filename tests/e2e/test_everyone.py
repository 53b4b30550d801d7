"""Every kind of page, in every way that readers may need it: no rule of axe's broken or open."""

from collections.abc import Callable, Iterable
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from terms.models import Glossary
from tests.e2e.everything import EMPTY, PAGES, RICH, make_everything

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

Open = Callable[..., Page]
WIDE = {"width": 1280, "height": 900}
WAYS: dict[str, dict[str, Any]] = {
    "light": {},
    "dark": {"color_scheme": "dark"},
    "forced colours": {"forced_colors": "active"},
    "more contrast": {"contrast": "more"},
    "more, dark": {"contrast": "more", "color_scheme": "dark"},
    "right to left": {"dir": "rtl"},
    "320 px": {"size": {"width": 320, "height": 640}},
    "400 %": {"size": {"width": 320, "height": 256}},
}
# What axe cannot judge, by its words, each with the reason for which that may stay open.
OPEN = {
    "content is too short": "a cipher in ink or muted on paper; its colours are measured below",
    "only non-text characters": "a sign on a button, in ink on paper",
    "color-contrast text[": "a word in a drawing of the lab, in ink on paper",
    "color-contrast .cosine": "the same",
    'th[scope="col"]:nth-child(6)': "a head of a table that scrolls, in ink on paper",
}
OVER_TEXT = OPEN | {"overlap": "a card or list lies over other text, on paper of its own"}
RUN = """async () => {
  const found = await axe.run(document, {
    preload: false,
    resultTypes: ["violations", "incomplete"],
    rules: {"target-size": {enabled: true}},
  });
  return [...found.violations, ...found.incomplete].flatMap(({id, nodes}) =>
    nodes.map(({target, any, all, none}) =>
      `${id} ${target.join(" ")}: ${[...any, ...all, ...none].map(({message}) => message)}`));
}"""

TEXT = ("ink", "muted", "link", "visited")
SIGNALS = ("ok", "warn", "bad")
CONTRAST = """([role, ground]) => {
  const pen = document.createElement("canvas").getContext("2d");
  const luminance = (name) => {
    pen.fillStyle = getComputedStyle(document.documentElement).getPropertyValue(`--${name}`);
    pen.fillRect(0, 0, 1, 1);
    const [r, g, b] = [...pen.getImageData(0, 0, 1, 1).data].map((part) =>
      part / 255 <= 0.04045 ? part / 255 / 12.92 : ((part / 255 + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b + 0.05;
  };
  const [less, more] = [luminance(role), luminance(ground)].sort((a, b) => a - b);
  return more / less;
}"""


def see(page: Page, way: dict[str, Any]) -> None:
    """The page as a reader sees it who needs it that way."""
    page.emulate_media(
        color_scheme=way.get("color_scheme", "light"),
        forced_colors=way.get("forced_colors", "none"),
        contrast=way.get("contrast", "no-preference"),
        reduced_motion="reduce",
    )
    page.set_viewport_size(way.get("size", WIDE))
    page.evaluate("dir => { document.documentElement.dir = dir }", way.get("dir", "ltr"))


def complaints(page: Page, name: str, may_stay: Iterable[str] = OPEN) -> list[str]:
    """What axe finds wrong, or cannot judge, in each of the ways; the page is loaded once."""
    page.evaluate(Axe().axe_script)
    found = []
    for said, way in WAYS.items():
        see(page, way)
        found += [f"{name}, {said}: {text}" for text in page.evaluate(RUN)]
    return [text for text in found if not any(words in text for words in may_stay)]


def test_axe_finds_nothing_on_any_page_in_any_way(open_page: Open) -> None:
    make_everything()
    page, found = open_page(), []
    for name, path in PAGES.items():
        page.goto(path)
        found += complaints(page, name)
    assert not found, "\n".join(found)


def test_axe_finds_nothing_in_what_scripts_show(open_page: Open) -> None:
    make_everything()
    page = open_page(RICH)
    page.locator(".cite summary").press("Enter")
    found = complaints(page, "citations")
    page.locator(".definition a.mention").first.focus()
    expect(page.locator("#card")).to_be_visible()
    found += complaints(page, "card", OVER_TEXT)
    page.keyboard.press("?")
    found += complaints(page, "list of keys", OVER_TEXT)
    page.keyboard.press("Escape")
    page.get_by_role("combobox").press_sequentially("late")
    page.get_by_role("option").first.wait_for()
    found += complaints(page, "suggestions", OVER_TEXT)
    assert not found, "\n".join(found)


def test_axe_finds_nothing_in_an_empty_glossary(open_page: Open) -> None:
    Glossary.objects.get_or_create(id=1)
    page, found = open_page(), []
    for path in EMPTY:
        page.goto(path)
        found += complaints(page, f"empty {path}")
    assert not found, "\n".join(found)


@pytest.mark.parametrize(
    ("way", "least"), [("light", 4.5), ("dark", 4.5), ("more contrast", 7), ("more, dark", 7)]
)
def test_every_colour_stands_out_from_its_ground(open_page: Open, way: str, least: float) -> None:
    """As WCAG 1.4.3 and 1.4.6 have it for text, 1.4.11 for what only has to be seen."""
    Glossary.objects.get_or_create(id=1)
    page = open_page()
    see(page, WAYS[way])
    wanted = {("ink", "mark"): least, ("control", "paper"): 3, ("focus", "paper"): 3}
    wanted |= {(role, ground): 4.5 for role in SIGNALS for ground in ("paper", "surface")}
    wanted |= {(role, ground): least for role in TEXT for ground in ("paper", "surface")}
    found = {pair: page.evaluate(CONTRAST, pair) for pair in wanted}
    assert {pair: ratio for pair, ratio in found.items() if ratio < wanted[pair]} == {}
