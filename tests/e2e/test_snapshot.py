"""A release in a folder, opened from the disk by a browser that has no network."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from embeddings import pipeline
from embeddings.encoders.hashing import HashingEncoder
from embeddings.models import Space
from terms import snapshot
from terms.models import Sense
from tests.factories import make_alias, make_example, make_release, make_term, relate

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser]


@pytest.fixture
def folder(tmp_path: Path, space: Space) -> Path:
    cup = make_term("cup", "A *small* vessel to drink from.")
    make_example(cup.senses.get(), "A cup of tea.")
    make_alias(cup, "mug")
    relate(cup, make_term("Größe+", "A small vessel of glass to drink from."), "broader")
    make_term("moon", "What goes around the earth.")
    reworded = make_term("star", "A small vessel to drink from, once.")
    make_term("draft", "A quokka.", status="draft")
    release = make_release("1.0")
    Sense.objects.filter(term=reworded).update(definition="A sun.")
    while pipeline.embed_due(space, HashingEncoder()):
        pass
    assert snapshot.write(release, tmp_path / "out") == 4
    return tmp_path / "out"


@pytest.fixture
def page(chromium: Browser, folder: Path) -> Iterator[Page]:
    context = chromium.new_context(offline=True)
    page = context.new_page()
    complaints: list[str] = []
    page.on("console", lambda m: complaints.append(m.text) if m.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto((folder / "index.html").as_uri())
    yield page
    context.close()
    assert complaints == []
    assert [url for url in asked if not url.startswith("file://")] == []


def test_it_is_found_and_read_from_the_disk(page: Page, folder: Path) -> None:
    assert page.evaluate(
        "document.fonts.ready.then(() => document.fonts.check('1em Lexispace Serif'))"
    )
    box = page.get_by_label("Find a name")
    box.fill("MUG")
    found = page.locator("[data-found] a")
    assert found.all_text_contents() == ["cup"]
    near = page.locator("[data-near] a")
    assert near.first.text_content() == "Größe+"
    assert "star" not in near.all_text_contents()
    box.fill("grosse")
    expect(page.get_by_role("status")).to_contain_text("No name")
    box.fill("große")
    assert found.all_text_contents() == ["Größe+"]
    found.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Größe+")
    assert page.locator("[data-near] a").first.text_content() == "cup"
    page.locator("[data-near] a").first.click()
    assert (
        page.locator(".definition").inner_html().strip()
        == "<p>A <em>small</em> vessel to drink from.</p>"
    )
    page.locator(".notes a").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Größe+")
    page.locator("a.brand").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("1.0")


def test_the_bar_leads_to_a_letter_on_the_same_page(page: Page) -> None:
    bar = page.get_by_role("navigation", name="Letters").get_by_role("link")
    assert [text[0] for text in bar.all_text_contents()] == list("CGMS")
    bar.nth(2).click()
    assert page.url.endswith("#en-M")
    expect(page.locator("#en-M")).to_be_in_viewport()


def test_a_large_one_is_split_by_letter_and_a_long_letter_by_pages(
    chromium: Browser, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(snapshot, "WHOLE", 2)
    for name in ("cup", "can", "cask", "3D", "moon", "Ωmega"):
        make_term(name)
    snapshot.write(make_release("1.0"), tmp_path / "out")
    context = chromium.new_context(offline=True)
    page = context.new_page()
    page.goto((tmp_path / "out" / "index.html").as_uri())
    assert page.locator(".columns .headword").count() == 0
    page.locator(".letters a", has_text="0–9").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("0–9")
    page.locator(".letters a", has_text="Ω").click()
    assert page.locator(".headword").all_text_contents() == ["Ωmega"]
    page.locator(".letters a", has_text="C").click()
    assert page.locator(".headword").all_text_contents() == ["can", "cask"]
    expect(page.locator("[aria-current]")).to_contain_text("C")
    page.get_by_role("link", name="Next page").click()
    page.get_by_role("link", name="cup").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("cup")
    page.locator("a.brand").click()
    page.get_by_label("Find a name").fill("moo")
    assert page.locator("[data-found] a").all_text_contents() == ["moon"]
    context.close()


def test_it_holds_no_draft_and_is_written_to_no_full_folder(folder: Path) -> None:
    texts = (path.read_text() for path in folder.rglob("*") if path.suffix in {".html", ".js"})
    assert not any("uokka" in text for text in texts)
    with pytest.raises(FileExistsError):
        snapshot.write(make_release("1.1"), folder)


def test_without_a_space_it_is_whole_but_for_what_is_near(tmp_path: Path) -> None:
    make_term("cup")
    Space.objects.all().delete()
    snapshot.write(make_release("1.0"), tmp_path / "out")
    assert "null" in (tmp_path / "out" / "space.js").read_text()
    assert (tmp_path / "out" / "define" / "en" / "cup.html").exists()
