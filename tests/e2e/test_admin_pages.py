"""Every kind of page of the admin, whole, Django's own part included: no rule of axe's broken."""

from collections.abc import Callable
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.contrib.auth.models import User
from playwright.sync_api import Page, expect

from embeddings import pipeline
from embeddings.encoders import load
from embeddings.models import PinnedQuestion, Space
from terms.models import Alias, Bundle, ImportRun, Release, Source, Term
from tests.e2e.steps import PASSWORD, entered
from tests.e2e.test_everyone import WAYS, see
from tests.factories import (
    make_alias,
    make_bundle,
    make_editor,
    make_release,
    make_sense,
    make_term,
    make_token,
    make_topic,
    relate,
)

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

LIST = "/admin/terms/term/"
SEEN = {said: WAYS[said] for said in ("light", "dark", "320 px")}
# What axe cannot judge is no violation: it gives up at each link with a sign in its background.
OPTIONS = {"preload": False, "rules": {"target-size": {"enabled": True}}}
# Of a text of many lines the browser shows the one that the caret is in.
UNDER = """() => {
  const panel = document.querySelector("[data-hints]").getBoundingClientRect();
  const { top, height } = document.activeElement.getBoundingClientRect();
  return height > 0 && top + Math.min(height, 32) > panel.top + 1;
}"""
PAGES = [
    "/admin/",
    f"{LIST}?status__exact=published&q=bank",
    f"{LIST}add/",
    f"{LIST}deleted/",
    f"{LIST}export/",
    "/admin/terms/importrun/",
    "/admin/terms/importrun/add/",
    "/admin/terms/release/",
    "/admin/terms/release/add/",
    "/admin/terms/source/add/",
    "/admin/terms/apitoken/add/",
    "/admin/auth/user/add/",
    "/admin/embeddings/space/",
]
CSV = "name,status,definition,what\ntea cup,published,A small vessel,x\nbank,draft,A shore,\n,,,\n"


@pytest.fixture
def bank(admin_page: Page) -> Term:
    """A term with rows of every kind, some of which the space says something about."""
    space: Any = Space.objects.ensure_default()
    term, other = make_term("bank", "A shore of a river."), make_term("shore", "A shore of a sea.")
    sense = make_sense(term, "A house of money.", part_of_speech="noun")
    sense.topics.add(make_topic("money"))
    sense.sources.add(Source.objects.create(title="A book"))
    make_alias(term, "embankment", kind=Alias.Kind.SYNONYM)
    relate(term, make_term("river"), "broader")
    relate(make_term("credit"), term, "used_in")
    PinnedQuestion.objects.create(term=term, question="the side of a river")
    make_bundle(term, other, title="First steps")
    make_release("1.0")
    make_term("gone").delete()
    while pipeline.embed_due(space, load(space.encoder)):
        pass
    return term


def broken(page: Page, name: str) -> list[str]:
    """The rules that the page as it stands breaks in each of the ways, and where."""
    found = []
    for said, way in SEEN.items():
        see(page, way)
        violations = Axe().run(page, None, OPTIONS).response["violations"]
        nodes = [(each["id"], node["target"]) for each in violations for node in each["nodes"]]
        found += [f"{name}, {said}: {rule} {target}" for rule, target in nodes]
    return found


def visit(page: Page, addresses: list[str]) -> list[str]:
    found = []
    for address in addresses:
        answer: Any = page.goto(address)
        assert answer.status == 200, address
        page.wait_for_load_state("networkidle")
        found += broken(page, address)
    return found


def test_axe_finds_nothing_on_any_page(admin_page: Page, bank: Term) -> None:
    found = visit(admin_page, PAGES)
    assert not found, "\n".join(found)


def test_axe_finds_nothing_on_the_pages_of_one_term_release_token_bundle_and_account(
    admin_page: Page, bank: Term
) -> None:
    term, user = f"{LIST}{bank.pk}", User.objects.get(username="ada")
    token, _ = make_token(owner=user)
    pages = [f"{term}/{page}/" for page in ("change", "history", "merge", "delete")]
    pages.append(f"/admin/terms/bundle/{Bundle.objects.get().pk}/change/")
    pages.append(f"/admin/terms/release/{Release.objects.get().pk}/change/")
    pages.append(f"/admin/terms/apitoken/{token.pk}/change/")
    pages.append(f"/admin/auth/user/{user.pk}/change/")
    found = visit(admin_page, pages)
    assert not found, "\n".join(found)


def test_axe_finds_nothing_in_an_import_from_its_rows_to_its_end(
    admin_page: Page, bank: Term
) -> None:
    page = admin_page
    page.goto("/admin/terms/importrun/add/")
    file: Any = {"name": "cups.csv", "mimeType": "text/csv", "buffer": CSV.encode()}
    page.set_input_files("[name=file]", file)
    page.get_by_role("button", name="Look at it").click()
    page.get_by_role("heading", name="How it is read").wait_for()
    found = broken(page, "rows")
    ImportRun.objects.update(content=CSV.replace(",,,\n", "").encode())
    page.reload()
    page.get_by_role("button", name="Import all").click()
    page.get_by_role("button", name="Undo this import").wait_for()
    found += broken(page, "done")
    assert not found, "\n".join(found)


def test_axe_finds_nothing_in_what_opens_in_the_form_of_a_term(
    admin_page: Page, bank: Term
) -> None:
    page = admin_page
    page.goto(f"{LIST}{bank.pk}/change/")
    page.locator("[data-hints] li").first.wait_for()
    page.get_by_role("button", name="Add another Sense").click()
    page.get_by_role("button", name="Add another Relation").click()
    page.fill("#id_senses-0-definition", "A shore of a *river*.")
    page.get_by_role("button", name="What this changes").click()
    expect(page.locator("[data-meaning-diff] [aria-live]")).not_to_have_text("Asking …")
    found = broken(page, "new rows, a preview, what it changes")
    page.get_by_role("combobox", name="Replaced by").click()
    page.get_by_role("option", name="shore").wait_for()
    found += broken(page, "a list to choose from")
    page.keyboard.press("Escape")
    page.keyboard.press("Control+k")
    page.keyboard.type("ban")
    page.locator("[data-palette] [role=option]").first.wait_for()
    found += broken(page, "palette")
    page.keyboard.press("Escape")  # empties the box
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Keys").click()
    found += broken(page, "keys")
    assert not found, "\n".join(found)


def test_axe_finds_nothing_in_a_form_that_says_what_is_wrong(admin_page: Page, bank: Term) -> None:
    page = admin_page
    page.goto(f"{LIST}{bank.pk}/change/")
    page.fill("#id_name", "")
    page.fill("#id_aliases-0-name", "")
    page.locator("[name=_continue]").first.click()
    expect(page.locator(".errornote")).to_be_visible()
    found = broken(page, "errors")
    assert not found, "\n".join(found)


def test_axe_finds_nothing_for_who_may_only_look(
    admin_page: Page, bank: Term, open_page: Callable[..., Page]
) -> None:
    make_editor(username="eve", password=PASSWORD)
    page = entered(open_page, "eve", f"{LIST}{bank.pk}/change/")
    page.wait_for_load_state("networkidle")
    found = broken(page, "only looking")
    assert not found, "\n".join(found)


def test_each_box_of_a_list_to_choose_from_says_its_label_and_what_is_chosen(
    admin_page: Page, bank: Term
) -> None:
    page = admin_page
    page.goto(f"{LIST}{bank.pk}/change/")
    expect(page.get_by_role("combobox", name="To term river")).to_be_visible()
    expect(page.get_by_role("searchbox", name="Topics").last).to_be_visible()
    page.get_by_role("button", name="Add another Relation").click()
    expect(page.get_by_role("combobox", name="To term")).to_have_count(2)


def test_what_has_the_focus_is_not_under_the_hints(admin_page: Page, bank: Term) -> None:
    """WCAG 2.4.11, of the panel when it is open, and of its line alone."""
    page = admin_page
    page.add_init_script("window.isUnder = " + UNDER)
    for width in (1280, 360):
        page.set_viewport_size({"width": width, "height": 640})
        page.goto(f"{LIST}{bank.pk}/change/")
        page.locator("[data-hints] li").first.wait_for(state="attached")
        for definition in page.locator("textarea[name$=-definition]:visible").all():
            definition.focus()  # its preview opens, and moves what comes after it
        expect(page.locator(".seen:visible")).to_have_count(2)
        page.locator("#id_name").focus()
        while not page.evaluate("document.activeElement.closest('[data-hints]') !== null"):
            assert not page.evaluate("isUnder()"), page.evaluate("document.activeElement.outerHTML")
            page.keyboard.press("Tab")
