"""Who proposed is mailed what became of it: once, and never at the cost of the decision."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core import mail
from django.utils import timezone

from terms.entry import Entry, SenseText
from terms.models import Proposal
from terms.proposing import decisions
from terms.proposing.outcomes import tell_proposers
from terms.tasks import tell_proposers as task
from tests.factories import make_editor, make_proposal, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def mailing(settings: Any) -> None:
    settings.EMAIL_HOST = "mail.example.org"


@pytest.fixture
def ada() -> User:
    return make_user(username="ada", email="ada@example.org")


@pytest.fixture
def grace() -> User:
    return make_editor(whole=True, username="grace", email="grace@example.org")


def proposed(by: User | None, language: str = "en") -> Proposal:
    chord = Entry("chord & <line>", senses=[SenseText("Straight.")], language=language)
    return make_proposal(chord, proposer=by)


def accept(proposal: Proposal, by: User) -> None:
    decisions.accept(proposal, decisions.merged(proposal, None).entry, by=by)


def test_a_reason_is_mailed_once(ada: User, grace: User) -> None:
    decisions.decline(proposed(ada), by=grace, answer="It's known.")
    task()
    assert tell_proposers() == 0
    [message] = mail.outbox
    assert (message.to, message.subject) == (["ada@example.org"], "Declined: chord & <line>")
    assert "It's known." in message.body
    assert "/accounts/" in message.body


def test_an_accepted_one_leads_to_the_entry_in_its_language(ada: User, grace: User) -> None:
    accept(proposed(ada, "de"), grace)
    tell_proposers()
    [message] = mail.outbox
    assert "/de/define/chord-line" in message.body
    assert message.subject.startswith("Angenommen")


def test_nobody_else_is_written_to(ada: User, grace: User, settings: Any) -> None:
    proposed(ada)
    decisions.withdraw(proposed(ada))
    for by in (None, grace, make_user(), make_user(email="x@example.org", is_active=False)):
        decisions.decline(proposed(by), by=grace, answer="No.")
    old = proposed(ada)
    decisions.decline(old, by=grace, answer="No.")
    Proposal.objects.filter(pk=old.pk).update(decided_at=timezone.now() - timedelta(days=2))
    assert tell_proposers() == 0
    settings.EMAIL_HOST = ""
    decisions.decline(proposed(ada), by=grace, answer="No.")
    assert tell_proposers() == 0
    assert mail.outbox == []


def test_what_no_server_takes_is_tried_again(
    ada: User, grace: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    decisions.decline(proposed(ada), by=grace, answer="No.")
    with monkeypatch.context() as patched:

        def down(*_: Any) -> None:
            raise ConnectionRefusedError

        patched.setattr("django.core.mail.backends.locmem.EmailBackend.send_messages", down)
        assert tell_proposers() == 0
    assert tell_proposers() == 1
