"""Four people with four roles, each from their first page to their last, through pages alone."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.core.handlers.wsgi import WSGIHandler
from django.utils import timezone
from playwright.sync_api import Page, expect

from embeddings.models import Space
from terms import planned
from terms.entry import entry_of
from terms.entry_json import to_json
from terms.models import Bundle, Glossary, PlannedPublication, Proposal, Term, Topic
from terms.roles import ADMINISTRATORS, CONTRIBUTORS, EDITORS, ROLES
from tests.e2e.steps import (
    PASSWORD,
    entered,
    invite,
    log_in,
    post,
    press,
    says,
    set_password,
    status_of,
)
from tests.factories import (
    make_editor,
    make_group,
    make_proposal,
    make_term,
    make_topic,
    make_user,
)

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

Open = Callable[..., Page]
LIST = "/admin/terms/term/"
LOG_IN_TO_READ = "glossary.middleware.LogInToRead"
BUNDLE = Path(__file__).parent.parent / "fixtures" / "bundle.txt"
MINE, QUEUE = "/accounts/", "/accounts/proposals/"


@pytest.fixture
def expected(expected: list[str]) -> list[str]:
    """These people try what they may not, and send forms that are refused."""
    return [*expected, "400 (Bad Request)", "403 (Forbidden)"]


@pytest.fixture(autouse=True)
def glossary(db: None) -> None:
    Glossary.objects.get_or_create(id=1)
    Space.objects.ensure_default()
    for role in ROLES:
        make_group(role)


@pytest.fixture
def private(live_server: Any, settings: Any) -> Iterator[None]:
    """Reading needs a log-in: what LEXISPACE_PRIVATE=on makes of the settings."""
    settings.PRIVATE = True
    at = settings.MIDDLEWARE.index("pghistory.middleware.HistoryMiddleware")
    settings.MIDDLEWARE = [*settings.MIDDLEWARE[:at], LOG_IN_TO_READ, *settings.MIDDLEWARE[at:]]
    server = live_server.thread.httpd
    public = server.get_app()
    server.set_app(WSGIHandler())
    yield
    server.set_app(public)


def term_in(topic: Topic, name: str, definition: str, **fields: Any) -> Term:
    term = make_term(name, definition, **fields)
    term.senses.get().topics.add(topic)
    return Term.objects.get(pk=term.pk)


def edit_of(term: Term, definition: str, **fields: Any) -> Proposal:
    base, entry = entry_of(term), entry_of(term)
    entry.senses[0].definition = definition
    return make_proposal(entry, term=term, version=term.version, base=to_json(base), **fields)


def choose_topic(page: Page, name: str) -> None:
    page.locator("#senses-0 .field-topics .select2-selection").first.click()
    page.keyboard.type(name)
    expect(page.locator(".select2-results__option--highlighted")).to_contain_text(name)
    page.keyboard.press("Enter")


def draft(page: Page, name: str, definition: str, topic: str) -> Term:
    """Written in the admin, where new terms are drafts."""
    page.goto(f"{LIST}add/")
    page.fill("#id_name", name)
    page.fill("#id_senses-0-definition", definition)
    choose_topic(page, topic)
    press(page, "Save")
    return Term.objects.get(name=name)


def test_a_reader_of_a_private_glossary_reads_and_no_more(open_page: Open, private: None) -> None:
    make_term("circle", "A round line.")
    make_term("circular reasoning", "Not for readers yet.", status="draft")
    make_user(username="rita", password=PASSWORD)
    page = open_page("/en/define/circle")
    log_in(page, "rita", "guessed")
    says(page, "Please enter a correct")
    log_in(page, "rita")
    expect(page).to_have_url(re.compile("/en/define/circle$"))
    says(page, "A round line.")
    for path in ("/en/", "/en/letter/C", "/en/search?q=circular+reasoning", "/en/recent"):
        page.goto(path)
        expect(page.get_by_role("link", name="circular reasoning")).to_have_count(0)
    assert status_of(page, "/en/define/circular-reasoning") == 404
    page.goto("/en/define/circle")
    page.get_by_role("link", name="Suggest an edit").click()
    says(page, "This is not for your account", "has to be a contributor's")
    page.goto("/admin/")
    says(page, "not authorized to access this page")
    page.goto("/en/define/circle")
    Session.objects.all().delete()
    page.reload()
    log_in(page, "rita")
    expect(page).to_have_url(re.compile("/en/define/circle$"))
    page.goto(MINE)
    page.get_by_role("button", name="Log out").click()
    page.goto("/en/define/circle")
    expect(page.get_by_role("heading", name="Log in")).to_be_visible()


def test_a_contributor_is_invited_proposes_and_hears_what_became_of_it(open_page: Open) -> None:
    make_term("circle", "A round line.")
    make_user(ADMINISTRATORS, username="root", password=PASSWORD)
    make_editor(whole=True, username="grace", password=PASSWORD)
    link = invite(entered(open_page, "root"), "ada", CONTRIBUTORS)
    page = open_page(link)
    set_password(page, "12345")
    says(page, "too short", "entirely numeric")
    set_password(page, PASSWORD)
    page.locator("main").get_by_role("link", name="Log in").click()
    log_in(page, "ada")
    says(page, "You have proposed nothing yet.")
    write_while_the_session_ends(page)
    propose(page, "A *curved* line.", "Round says too little.")
    propose(page, "A line.", "Shorter.")
    for path in (QUEUE, f"{QUEUE}{Proposal.objects.earliest('pk').pk}/"):
        assert status_of(page, path) == 403
    desk = entered(open_page, "grace", QUEUE)
    press(desk, "Accept circle")
    desk.locator("summary").click()
    desk.get_by_label("Why?").fill("It says less than before.")
    press(desk, "Decline")
    page.reload()
    latest, first = page.locator("article.proposal").all()
    expect(latest).to_contain_text("declined")
    expect(latest).to_contain_text("It says less than before. — grace")
    expect(first).to_contain_text("accepted")
    expect(page.get_by_role("button", name="Withdraw")).to_have_count(0)
    first.get_by_role("link", name="circle").click()
    says(page, "A curved line.")
    page.goto(link)
    says(page, "This link has been used already")


def write_while_the_session_ends(page: Page) -> None:
    """What was written is there to be copied, and the way leads back to the form."""
    page.goto("/en/propose/circle")
    page.get_by_label("Definition").fill("An hour's work.")
    Session.objects.all().delete()
    press(page, "Propose it")
    says(page, "It was not sent")
    expect(page.get_by_label("What you wrote").nth(1)).to_have_value("An hour's work.")
    page.get_by_role("link", name="Open the page again").click()
    log_in(page, "ada")
    expect(page.get_by_label("Definition")).to_have_value("A round line.")


def propose(page: Page, definition: str, why: str) -> None:
    """An edit of the circle from its page, first without one; seen before it is sent, once."""
    before = Proposal.objects.count()
    page.goto("/en/define/circle")
    page.get_by_role("link", name="Suggest an edit").click()
    press(page, "Propose it")
    says(page, "Nothing is changed yet.")
    page.get_by_label("Definition").fill(definition)
    expect(page.locator(".preview .definition")).to_have_text(definition.replace("*", ""))
    page.get_by_label("Why?").fill(why)
    page.get_by_role("button", name="Propose it").dblclick()
    page.wait_for_url(f"**{MINE}")
    expect(page.locator("article.proposal").first).to_contain_text("waits for an editor")
    assert Proposal.objects.count() == before + 1


def test_an_editor_of_one_topic_decides_drafts_publishes_and_plans(open_page: Open) -> None:
    geometry, botany = make_topic("geometry"), make_topic("botany")
    circle = term_in(geometry, "circle", "A round line.")
    fern = term_in(botany, "fern", "A plant without flowers.")
    mine = edit_of(circle, "A curved line.", proposer=make_user(CONTRIBUTORS, username="ada"))
    theirs = edit_of(fern, "A green plant.")
    make_editor(geometry, username="grace", password=PASSWORD)
    page = entered(open_page, "grace", QUEUE)
    says(page, "1 waits for you")
    amend_by_keys(page, "A closed curved line.")
    page.goto("/en/define/circle")
    says(page, "A closed curved line.")
    square = draft(page, "square", "Four equal sides.", "geometry")
    assert status_of(page, "/en/define/square") == 404
    publish(page, square, "Agreed in May.")
    refused_elsewhere(page, fern, theirs)
    plan(page, draft(page, "ellipse", "A stretched circle.", "geometry"))
    for each in (mine, theirs, fern):
        each.refresh_from_db()
    assert (mine.state, mine.answer, theirs.state) == ("accepted", "Closed, too.", "open")
    assert fern.status == "published"


def amend_by_keys(page: Page, definition: str) -> None:
    """The first of the queue, opened by keys, read beside what it was, and bettered."""
    page.keyboard.press("j")
    focused = page.locator("[data-proposal]:focus")
    expect(focused.locator("del")).to_contain_text("round")
    expect(focused.locator("ins")).to_contain_text("curved")
    page.keyboard.press("e")
    expect(page.get_by_role("heading", name="What the second reader says")).to_be_visible()
    page.get_by_label("Definition").fill(definition)
    page.get_by_label("A word to the proposer").fill("Closed, too.")
    press(page, "Accept it so")
    says(page, "“circle” is accepted and published.", "Nothing waits for you.")


def publish(page: Page, term: Term, why: str) -> None:
    page.goto(f"{LIST}{term.pk}/change/")
    page.select_option("#id_status", "published")
    page.fill("#id_reason", why)
    press(page, "Save")
    page.goto(term.get_absolute_url())
    says(page, term.senses.get().definition)
    page.goto(f"{LIST}{term.pk}/history/")
    says(page, f"grace · {why}")


def refused_elsewhere(page: Page, term: Term, proposal: Proposal) -> None:
    """In a topic of others: by the pages, and by forms that no page has offered."""
    address = f"{LIST}{term.pk}/change/"
    page.goto(address)
    says(page, term.name)
    expect(page.get_by_role("button", name="Save", exact=True)).to_have_count(0)
    page.goto(f"{QUEUE}{proposal.pk}/")
    says(page, "Others are responsible for this proposal.")
    page.goto(f"{LIST}add/")
    steps = [f"{QUEUE}{proposal.pk}/{step}/" for step in ("accept", "decline")]
    own = [f"{LIST}{term.pk}/restore/", f"{LIST}{term.pk}/delete/", address]
    form = {"name": "mine", "answer": "No.", "number": 1, "version": term.version, "post": "yes"}
    assert [post(page, path, **form).status for path in (*steps, *own)] == [403] * 5


def plan(page: Page, term: Term) -> None:
    """Set for a day to come; published when it has come."""
    page.goto(f"{LIST}{term.pk}/change/")
    page.fill("#id_publish_at_0", "2020-01-01")
    page.fill("#id_publish_at_1", "08:00")
    press(page, "Save")
    says(page, "This time has passed.")
    page.fill("#id_publish_at_0", f"{timezone.now().year + 1}-01-01")
    press(page, "Save")
    assert planned.publish_due() == 0
    PlannedPublication.objects.update(at=timezone.now())
    assert planned.publish_due() == 1
    page.goto(term.get_absolute_url())
    says(page, term.senses.get().definition)


def test_an_administrator_sets_up_and_takes_back(open_page: Open) -> None:
    make_topic("geometry")
    circle = term_in(Topic.objects.get(), "circle", "A round line.")
    root = make_user(ADMINISTRATORS, username="root", password=PASSWORD)
    root.responsibilities.create(topic=None)
    page = entered(open_page, "root", "/admin/auth/user/add/")
    make_an_editor(page, "grace")
    try_a_token(page)
    freeze(page, "2026")
    restore_the_first_version(page, circle)
    delete_and_restore(page, circle)
    import_and_undo(page)
    import_a_bundle_and_undo(page)
    import_a_bundle_and_undo(page)
    page.goto("/en/releases/2026/define/circle")
    says(page, "A round line.")


def make_an_editor(page: Page, name: str) -> None:
    """Invited as a contributor, then given a role and a topic."""
    invite(page, name, CONTRIBUTORS)
    page.goto("/admin/auth/user/")
    page.get_by_role("link", name=name).click()
    page.select_option("#id_role", EDITORS)
    page.locator("#responsibilities-group .add-row a").click()
    page.locator(".select2-selection").first.click()
    page.keyboard.type("geometry")
    expect(page.locator(".select2-results__option--highlighted")).to_contain_text("geometry")
    page.keyboard.press("Enter")
    press(page, "Save")
    says(page, "was changed successfully")


def try_a_token(page: Page) -> None:
    """Shown once, of use until it is revoked."""
    page.goto("/admin/terms/apitoken/add/")
    page.get_by_label("Note").fill("A script")
    press(page, "Make the token")
    secret = page.locator(".secret").inner_text()
    bearer = {"Authorization": f"Bearer {secret}"}
    page.get_by_role("link", name="I have kept it").click()
    page.locator("#result_list tbody").get_by_role("link").first.click()
    assert secret not in page.content()
    assert page.request.get("/api/v1/terms", headers=bearer).status == 200
    press(page, "Revoke")
    says(page, "1 token revoked.")
    assert page.request.get("/api/v1/terms", headers=bearer).status == 401


def freeze(page: Page, name: str) -> None:
    page.goto("/admin/terms/release/add/")
    page.fill("#id_name", name)
    press(page, "Save")
    page.goto("/en/releases")
    page.get_by_role("link", name=name, exact=True).click()
    page.locator("main").get_by_role("link", name="circle").click()
    says(page, "This is the entry as in release")


def restore_the_first_version(page: Page, term: Term) -> None:
    page.goto(f"{LIST}{term.pk}/change/")
    page.fill("#id_senses-0-definition", "A mistake.")
    press(page, "Save")
    page.goto(f"{LIST}{term.pk}/history/")
    press(page, "Restore this version")
    says(page, "restored version")
    assert term.senses.get().definition == "A round line."


def delete_and_restore(page: Page, term: Term) -> None:
    page.goto(f"{LIST}{term.pk}/delete/")
    press(page, "Yes, I’m sure")
    assert status_of(page, term.get_absolute_url()) == 410
    page.goto(f"{LIST}deleted/")
    press(page, "Restore circle")
    says(page, "restored the deleted term")
    assert status_of(page, term.get_absolute_url()) == 200


def import_and_undo(page: Page) -> None:
    """A file whose columns have names of their own."""
    content = b"Wort;Sinn;Notiz\nplate;Flat.;x\nplates;More.;y\n"
    page.goto("/admin/terms/importrun/add/")
    file: Any = {"name": "words.csv", "mimeType": "text/csv", "buffer": content}
    page.set_input_files("[name=file]", file)
    press(page, "Look at it")
    says(page, "no column is “name”")
    page.get_by_label("Wort").select_option("name")
    page.get_by_label("Sinn").select_option("definition")
    press(page, "Look again")
    says(page, "2 new")
    press(page, "Import all")
    says(page, "2 added")
    assert Term.objects.count() == 3
    press(page, "Undo this import")
    says(page, "2 terms deleted", "Undone by root")
    assert Term.objects.count() == 1


def import_a_bundle_and_undo(page: Page) -> None:
    page.goto("/admin/terms/importrun/add/")
    page.set_input_files("[name=file]", BUNDLE)
    press(page, "Look at it")
    says(page, "2 new", "They form the bundle")
    press(page, "Import all")
    says(page, "2 added, 1 bundle added")
    page.get_by_role("link", name="as readers see it").click()
    says(page, "A first walk through the words of the trade.", "Contour line")
    page.go_back()
    press(page, "Undo this import")
    says(page, "2 terms deleted", "1 bundle taken back")
    assert (Term.objects.count(), Bundle.objects.count()) == (1, 0)
