"""Arabic pages in a browser: mirrored, accessible, and with scripts that speak Arabic."""

from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from embeddings.models import Space
from terms.models import Glossary, Term
from tests.factories import (
    make_alias,
    make_bundle,
    make_example,
    make_layout,
    make_sense,
    make_term,
    make_topic,
)

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

Open = Callable[..., Page]
TERM = "/ar/define/الفضاء-الكامن"
PAGES = [
    TERM,
    f"{TERM}/history",
    f"{TERM}/version/1",
    "/ar/",
    "/ar/search?q=فضاء",
    "/ar/search",
    "/ar/map?at=كلمة-3",
    "/ar/topics",
    "/ar/bundles/first-steps",
    "/ar/compare/التضمين/الفضاء-الكامن",
    "/ar/recent",
    "/ar/define/لا-شيء",
    "/",
]


@pytest.fixture(autouse=True)
def glossary() -> Term:
    Glossary.objects.update_or_create(id=1, defaults={"languages": ["ar", "en"]})
    latent = make_term(
        "الفضاء الكامن", "فضاء تتقارب فيه الأشياء، ويمنح التضمين كل شيء موضعه.", language="ar"
    )
    embedding = make_term("التضمين", "متجه يمثّل شيئًا في الفضاء الكامن.", language="ar")
    make_alias(embedding, "embedding", language="ar")
    sense = make_sense(latent, "مجموعة الرموز.", register="تعلم الآلة")
    make_example(sense, "رمز من 32 عددًا.", source="من عندنا")
    sense.topics.add(make_topic("Geometry"))
    make_bundle(latent, embedding, title="First steps", introduction="Read these first.")
    words = [make_term(f"كلمة {n}", language="ar") for n in range(12)]
    make_layout(Space.objects.ensure_default(), *words, language="ar")
    return latent


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_meets_the_accessibility_rules(open_page: Open, scheme: str) -> None:
    page = open_page("/ar/", color_scheme=scheme, reduced_motion="reduce")
    for path in PAGES:
        page.goto(path)
        results = Axe().run(page, options={"preload": False})
        assert results.violations_count == 0, f"{path}\n{results.generate_report()}"


@pytest.mark.parametrize("width", [320, 1280])
def test_it_is_mirrored_and_never_scrolls_sideways(open_page: Open, width: int) -> None:
    page = open_page("/ar/", viewport={"width": width, "height": 800})
    for path in PAGES:
        page.goto(path)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path
        brand = page.locator(".brand").bounding_box()
        assert brand is not None
        assert brand["x"] + brand["width"] > width / 2, path


def test_a_script_speaks_the_language_of_the_page(open_page: Open) -> None:
    page = open_page("/ar/")
    box = page.get_by_role("combobox")
    box.press_sequentially("embe")
    expect(page.get_by_role("option").first).to_contain_text("embedding ← التضمين")
    expect(page.get_by_role("status")).to_have_text("الاقتراحات: 2")


def test_a_link_says_that_it_was_copied(open_page: Open) -> None:
    page = open_page(TERM, permissions=["clipboard-read", "clipboard-write"])
    page.locator("a[data-copy-link]").first.click()
    expect(page.get_by_role("status")).to_have_text("نُسخ الرابط")


def test_a_card_begins_where_its_word_does(open_page: Open) -> None:
    page = open_page(TERM)
    word = page.locator("a.mention").first
    word.hover()
    card = page.locator(".card")
    expect(card).to_be_visible()
    here, there = word.bounding_box(), card.bounding_box()
    assert here is not None
    assert there is not None
    assert abs(here["x"] + here["width"] - there["x"] - there["width"]) < 2


def test_what_is_quoted_stands_in_the_quotation_marks_of_arabic(open_page: Open) -> None:
    page = open_page("/ar/compare/التضمين/الفضاء-الكامن")
    quotes = page.locator("q").first.evaluate("quote => getComputedStyle(quote).quotes")
    assert quotes.startswith('"«" "»"')
