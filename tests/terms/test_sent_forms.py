"""Forms that are sent twice, too late, or with signs that cannot be kept: nothing is lost."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from terms.entry import Entry, SenseText, entry_of
from terms.entry_json import to_json
from terms.models import Proposal, Term
from terms.roles import CONTRIBUTORS
from tests.factories import make_editor, make_proposal, make_term, make_user
from tests.terms.test_accounts import PASSWORD, try_password
from tests.terms.test_proposals import act, filled, logged_in

pytestmark = pytest.mark.django_db
FORM, QUEUE = "/en/propose/circle", "/accounts/proposals/"
OVERRIDE = "nice \u202e words"


@pytest.fixture
def term() -> Term:
    return Term.objects.get(pk=make_term("circle", "A round line.").pk)


@pytest.fixture
def contributor() -> Client:
    return logged_in(make_user(CONTRIBUTORS, username="ada", password=PASSWORD))


@pytest.fixture
def editor() -> Client:
    return logged_in(make_editor(whole=True, username="grace"))


def written_in(client: Client, **fields: Any) -> dict[str, Any]:
    return filled(client.get(FORM)) | {"senses-0-definition": "A curved line.", **fields}


def test_a_form_that_is_sent_twice_proposes_once(contributor: Client, term: Term) -> None:
    form = written_in(contributor)
    for _ in range(2):
        assert "Thank you" in contributor.post(FORM, form, follow=True).text
    assert Proposal.objects.count() == 1
    contributor.post(FORM, form | {"note": "Another reason."})
    assert Proposal.objects.count() == 2
    Proposal.objects.all().delete()
    contributor.post("/en/propose", form | {"name": "arc"})
    contributor.post("/en/propose", form | {"name": "arc"})
    assert Proposal.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_of_many_that_come_at_once_one_is_kept(space: Any) -> None:
    entry = to_json(Entry("arc", senses=[SenseText("A part of a circle.")]))
    ada = make_user(CONTRIBUTORS)

    def keep(_: int) -> None:
        Proposal.objects.keep(term=None, base=None, entry=entry, note="", proposer_id=ada.pk)
        connection.close()

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(keep, range(16)))
    assert Proposal.objects.count() == 1


def test_a_note_that_cannot_be_kept_is_refused_at_its_field(
    contributor: Client, term: Term
) -> None:
    answer = contributor.post(FORM, written_in(contributor, note=OVERRIDE))
    assert answer.status_code == 400
    assert "a bidi override (U+202E) at character 6" in answer.text
    assert not Proposal.objects.exists()


@pytest.mark.parametrize("what", ["accept", "decline"])
@pytest.mark.parametrize("answer", [OVERRIDE, "nice \x00 words"])
def test_an_answer_that_cannot_be_kept_decides_nothing(
    editor: Client, term: Term, what: str, answer: str
) -> None:
    proposal = make_proposal(entry_of(term), term=term, version=term.version)
    page = act(editor, proposal, what, answer=answer)
    assert "In what the proposer would read is a" in page.text
    assert Proposal.objects.get().is_open


def test_a_word_to_the_proposer_stays_when_an_amendment_is_refused(
    editor: Client, term: Term
) -> None:
    url = f"{QUEUE}{make_proposal(entry_of(term), term=term, version=term.version).pk}/"
    form = filled(editor.get(url)) | {"senses-0-topics": "astrology", "answer": "Well seen."}
    assert ">Well seen.</textarea>" in editor.post(url, form).text


def test_who_accepts_twice_is_told_that_it_is_accepted(editor: Client, term: Term) -> None:
    proposal = make_proposal(entry_of(term), term=term, version=term.version)
    act(editor, proposal, "accept")
    page = act(editor, proposal, "accept")
    assert "“circle” is accepted." in page.text
    assert "was first" not in page.text


@pytest.mark.parametrize("path", [FORM, f"{QUEUE}1/"])
def test_what_was_written_is_shown_to_who_was_logged_out_meanwhile(path: str, term: Term) -> None:
    form = {"note": "An hour's work.", "senses-0-definition": "A curved line.", "version": "1"}
    page = Client().post(path, form, headers={"referer": f"http://testserver{path}"})
    assert page.status_code == 403
    assert page.context["written"] == ["An hour's work.", "A curved line."]
    assert f'href="http://testserver{path}"' in page.text
    assert "no-store" in page["Cache-Control"]
    assert Client().post(path, {"version": "1"}).status_code == 302


def test_a_token_of_an_earlier_log_in_loses_no_text_and_shows_no_password(term: Term) -> None:
    late = Client(enforce_csrf_checks=True)
    foreign = {"referer": "https://elsewhere.example/"}
    page = late.post(FORM, {"note": "Why not?", "password": "secret"}, headers=foreign)
    assert page.status_code == 403
    assert page.context["written"] == ["Why not?"]
    assert "secret" not in page.text
    assert 'href="/accounts/"' in page.text
    assert "elsewhere" not in page.text


def test_a_log_in_by_two_tabs_ends_where_the_first_did(contributor: Client) -> None:
    late = Client(enforce_csrf_checks=True)
    assert try_password(late, PASSWORD).status_code == 403
    late.cookies = contributor.cookies
    assert try_password(late, PASSWORD)["Location"] == "/accounts/"


def test_a_private_glossary_loses_no_text_either(settings: Any, term: Term) -> None:
    settings.MIDDLEWARE = [*settings.MIDDLEWARE, "glossary.middleware.LogInToRead"]
    page = Client().post(f"{QUEUE}1/decline/", {"answer": "Known already."})
    assert page.context["written"] == ["Known already."]
    assert Client().get(FORM)["Location"].startswith("/accounts/login/")
