"""The admin as a tool: by keys alone, with nothing lost that was typed."""

import pytest
from django.contrib.auth.models import User
from playwright.sync_api import Page, expect

from terms import editing
from terms.entry import entry_of
from terms.models import FormDraft, Term
from tests.e2e.test_admin_pages import broken
from tests.factories import make_sense, make_term

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
LIST = "/admin/terms/term/"
ADD = "/admin/terms/term/add/"


@pytest.fixture
def expected(expected: list[str]) -> list[str]:
    """Drafts that are too long, or that no connection takes, are tried here."""
    return [*expected, "413 (Request Entity Too Large)", "net::ERR_INTERNET_DISCONNECTED"]


@pytest.fixture(autouse=True)
def patience(admin_page: Page) -> None:
    admin_page.context.set_default_timeout(5_000)


def open_term(page: Page, term: Term, query: str = "") -> None:
    page.goto(f"/admin/terms/term/{term.pk}/change/{query}")


def press_to(page: Page, field: str, limit: int = 60) -> None:
    """Tab, until the field has the focus."""
    for _ in range(limit):
        if page.evaluate("document.activeElement.id || document.activeElement.ariaLabel") == field:
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"Tab does not lead to {field}")


def choose(page: Page, container: str, name: str) -> None:
    """In the list that the focus is on, by typing."""
    page.keyboard.press("Enter")
    expect(page.locator(".select2-dropdown .select2-search__field")).to_be_focused()
    page.keyboard.type(name)
    expect(page.locator(".select2-results__option--highlighted")).to_contain_text(name)
    page.keyboard.press("Enter")
    expect(page.locator(container)).to_contain_text(name)


def test_a_term_with_a_sense_an_example_and_two_relations_takes_one_page_and_no_mouse(
    admin_page: Page,
) -> None:
    page = admin_page
    make_term("vector"), make_term("matrix")
    page.goto(ADD)
    expect(page.locator("#id_name")).to_be_focused()
    page.keyboard.type("tensor")
    press_to(page, "id_senses-0-definition")
    page.keyboard.type("Numbers in an array.")
    press_to(page, "id_senses-0-examples")
    page.keyboard.type("A picture is a tensor.")
    for number, name in enumerate(["vector", "matrix"]):
        press_to(page, f"id_relations_out-{number}-kind")
        page.keyboard.press("Tab")
        choose(page, f"#select2-id_relations_out-{number}-to_term-container", name)
    with page.expect_navigation():
        page.keyboard.press("Control+s")
    term = Term.objects.get(slug="tensor")
    assert page.url.endswith(f"/{term.pk}/change/")
    entry = entry_of(term)
    assert [sense.examples for sense in entry.senses] == [[("A picture is a tensor.", "")]]
    assert {link.name for link in entry.relations} == {"vector", "matrix"}


def test_keys_add_rows_save_and_go_on_in_the_list_that_one_came_from(admin_page: Page) -> None:
    page = admin_page
    drafts = [make_term(name, status="draft") for name in ("alpha", "gamma")]
    make_term("beta")
    page.goto(f"{LIST}?status__exact=draft")
    with page.expect_navigation():
        page.get_by_role("link", name="alpha").click()
    expect(page.locator("#aliases-group .add-row a")).to_be_visible()  # Django's scripts are done
    page.keyboard.press("Alt+Shift+A")
    expect(page.locator("#id_aliases-0-name")).to_be_focused()
    page.keyboard.type("first letter")
    page.select_option("#id_status", "published")
    with page.expect_navigation(url=f"**/{drafts[1].pk}/change/**"):
        page.keyboard.press("Control+Enter")
    assert drafts[0].aliases.get().name == "first letter"
    expect(page.locator(".messagelist")).to_contain_text("“alpha” is saved")
    with page.expect_navigation(url="**/admin/terms/term/?status__exact=draft"):
        page.keyboard.press("Alt+ArrowRight")
    expect(page.locator(".messagelist")).to_contain_text("The list ends here")


def test_the_palette_finds_drafts_and_all_keys_can_be_switched_off(admin_page: Page) -> None:
    page = admin_page
    draft = make_term("secret plan", status="draft")
    page.goto(LIST)
    page.keyboard.press("Control+k")
    page.keyboard.type("secret")
    expect(page.locator("[data-palette] [role=option]")).to_contain_text("secret plan")
    with page.expect_navigation(url=f"**/{draft.pk}/change/"):
        page.keyboard.press("Enter")
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="What keys do")).to_be_visible()
    page.keyboard.press("Escape")
    page.get_by_label("keys on").uncheck()
    page.reload()
    page.locator("#id_name").focus()
    page.keyboard.press("Alt+Shift+A")
    page.locator("h1").click()
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page.locator("#id_aliases-0-name")).to_have_count(0)


def test_what_was_typed_survives_a_closed_tab_and_is_gone_once_it_is_saved(
    admin_page: Page,
) -> None:
    page = admin_page
    term, other = make_term("token", "A unit."), make_term("word")
    open_term(page, term)
    page.fill("#id_senses-0-definition", "A small unit.")
    page.keyboard.press("Alt+Shift+S")
    page.keyboard.type("A coin.")
    page.keyboard.press("Alt+Shift+R")
    page.keyboard.press("Tab")
    choose(page, "#select2-id_relations_out-0-to_term-container", "word")
    expect(page.locator("[data-draft-state]")).to_contain_text("Draft kept")
    again = page.context.new_page()
    page.close()
    open_term(again, term)
    expect(again.locator("#id_senses-0-definition")).to_have_value("A unit.")
    expect(again.locator("[data-draft]")).to_contain_text("You left unsaved changes of")
    again.get_by_role("button", name="Restore").click()
    expect(again.locator("#id_senses-0-definition")).to_have_value("A small unit.")
    assert entry_of(term).senses[0].definition == "A unit."
    with again.expect_navigation():
        again.keyboard.press("Control+s")
    assert [sense.definition for sense in entry_of(term).senses] == ["A small unit.", "A coin."]
    assert entry_of(term).relations[0].name == other.name
    assert not FormDraft.objects.exists()
    open_term(again, term)
    again.wait_for_load_state("networkidle")
    expect(again.locator("[data-draft]")).to_be_hidden()


def test_a_restored_draft_meets_what_others_saved_since(admin_page: Page) -> None:
    page = admin_page
    term = make_term("token", "A unit.")
    open_term(page, term)
    page.fill("#id_name", "Token")
    page.fill("#id_senses-0-definition", "My unit.")
    expect(page.locator("[data-draft-state]")).to_contain_text("Draft kept")
    page.goto(LIST)
    entry = entry_of(term)
    entry.senses[0].definition = "Their unit."
    editing.save(entry, term, by=User.objects.get())
    open_term(page, term)
    page.get_by_role("button", name="Restore").click()
    with page.expect_navigation():
        page.keyboard.press("Control+s")
    expect(page.get_by_role("heading", name="Which text stays?")).to_be_visible()
    page.get_by_label("As you wrote it").check()
    assert broken(page, "which text stays") == []
    with page.expect_navigation():
        page.get_by_role("button", name="Keep these").click()
    now = entry_of(term)
    assert (now.name, now.senses[0].definition) == ("Token", "My unit.")


def test_what_was_typed_without_a_connection_survives_a_closed_tab(admin_page: Page) -> None:
    page, context = admin_page, admin_page.context
    term = make_term("token", "A unit.")
    open_term(page, term)
    page.wait_for_load_state("networkidle")
    context.set_offline(True)
    page.fill("#id_senses-0-definition", "A unit without a net.")
    expect(page.locator("[data-draft-state]")).to_contain_text("No connection: the draft of")
    page.close()
    context.set_offline(False)
    assert not FormDraft.objects.exists()
    again = context.new_page()
    open_term(again, term)
    again.get_by_role("button", name="Restore").click()
    expect(again.locator("#id_senses-0-definition")).to_have_value("A unit without a net.")
    expect(again.locator("[data-draft-state]")).to_contain_text("Draft kept at")
    assert FormDraft.objects.get().term == term


def test_a_draft_that_is_too_long_says_so_and_stays_in_the_browser(admin_page: Page) -> None:
    page = admin_page
    term, long = make_term("token", "A unit."), "x" * FormDraft.MAX_BYTES
    open_term(page, term)
    page.fill("#id_senses-0-examples", long)
    expect(page.locator("[data-draft-state]")).to_contain_text("too long to be kept as a draft")
    assert not FormDraft.objects.exists()
    open_term(page, term)
    page.get_by_role("button", name="Restore").click()
    expect(page.locator("#id_senses-0-examples")).to_have_value(long)


def test_a_discarded_draft_does_not_come_back(admin_page: Page) -> None:
    page = admin_page
    page.goto(ADD)
    page.fill("#id_name", "half a thought")
    expect(page.locator("[data-draft-state]")).to_contain_text("Draft kept")
    page.goto(ADD)
    with page.expect_response("**/draft/"):
        page.get_by_role("button", name="Discard").click()
    page.goto(ADD)
    page.wait_for_load_state("networkidle")
    expect(page.locator("[data-draft]")).to_be_hidden()


def test_a_second_click_on_save_makes_no_second_term(admin_page: Page) -> None:
    page = admin_page
    page.goto(ADD)
    page.fill("#id_name", "tensor")
    page.fill("#id_senses-0-definition", "Numbers in an array.")
    page.locator("input[name=_save]").last.click(click_count=2, delay=40)
    page.wait_for_url(f"**{LIST}")
    assert Term.objects.count() == 1


def test_senses_and_examples_change_places_without_a_mouse(admin_page: Page) -> None:
    page = admin_page
    term = make_term("bank", "A shore.")
    make_sense(term, "A house of money.")
    open_term(page, term)
    page.fill("#id_senses-0-examples", "One.\n\nTwo.")
    page.keyboard.press("Alt+ArrowUp")
    page.locator("#senses-1").get_by_role("button", name="Move up this sense").focus()
    page.keyboard.press("Enter")
    with page.expect_navigation():
        page.keyboard.press("Control+s")
    first, second = entry_of(term).senses
    assert (first.definition, second.definition) == ("A house of money.", "A shore.")
    assert [text for text, _ in second.examples] == ["Two.", "One."]


def test_a_sense_that_is_dragged_to_another_place_is_saved_there(admin_page: Page) -> None:
    page = admin_page
    term = make_term("bank", "A shore.")
    make_sense(term, "A house of money."), make_sense(term, "A row of keys.")
    page.set_viewport_size({"width": 1280, "height": 2400})
    open_term(page, term)
    head = page.locator("#senses-2 h3")
    expect(head).to_have_attribute("draggable", "true")
    head.hover()
    page.mouse.down()
    for _ in range(2):  # the first move begins to drag, and is over nothing yet
        page.locator("#senses-0 h3").hover()
    page.mouse.up()
    places = [page.locator(f"#id_senses-{row}-position") for row in range(3)]
    assert [place.input_value() for place in places] == ["2", "3", "1"]
    with page.expect_navigation():
        page.keyboard.press("Control+s")
    definitions = [sense.definition for sense in entry_of(term).senses]
    assert definitions == ["A row of keys.", "A shore.", "A house of money."]


def test_a_definition_is_shown_with_its_links_while_one_writes_it(admin_page: Page) -> None:
    page = admin_page
    make_term("vector space")
    page.goto(ADD)
    page.fill("#id_senses-0-definition", "A *point* of a vector space.")
    expect(page.locator(".seen em")).to_have_text("point")
    link = page.locator(".seen a.mention")
    expect(link).to_have_attribute("href", "/en/define/vector-space")
