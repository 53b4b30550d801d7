"""Pinned questions: what must find its term, held by evaluate, activate and the admin."""

import io
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from embeddings.meaning_diff import meaning_diff
from embeddings.models import Embedding, PinnedQuestion, Space
from terms.entry import Entry, SenseText
from terms.models import Term
from tests.factories import make_term, make_user

pytestmark = pytest.mark.django_db
ASKED = "a database that keeps vectors for search"


def command(*arguments: str) -> str:
    out = io.StringIO()
    call_command(*arguments, stdout=out)
    return out.getvalue()


@pytest.fixture
def pin(space: Space) -> PinnedQuestion:
    store = make_term("store", "A database that keeps vectors.")
    make_term("shop", "Where one buys bread and milk.")
    command("embed")
    return PinnedQuestion.objects.create(term=store, question=ASKED, max_rank=1)


def break_it() -> None:
    """Another entry answers the question better."""
    make_term("depot", "A database that keeps vectors for search.")
    command("embed")


def test_it_is_held_as_long_as_the_term_is_found(pin: PinnedQuestion, space: Space) -> None:
    assert pin.rank_in(space) == 1
    break_it()
    assert pin.rank_in(space) == 2
    assert not pin.holds_in(space)
    pin.max_rank = 2
    assert pin.holds_in(space)


def test_evaluate_obeys(pin: PinnedQuestion, tmp_path: Path) -> None:
    assert "Every pinned question is answered, 1 of 1" in command("evaluate", "--pinned")
    break_it()
    with pytest.raises(CommandError, match=r"not answered:\n“a database.*finds store among"):
        command("evaluate", "--pinned")
    (tmp_path / "develop").mkdir()
    (tmp_path / "develop" / "names.txt").write_text("store => store\n")
    with pytest.raises(CommandError, match="not answered:"):
        command("evaluate", "--questions", str(tmp_path))
    Term.objects.filter(slug="store").update(status="draft")
    assert command("evaluate", "--pinned") == "", "what is no longer public is not asked for"


def test_activate_refuses_a_space_that_breaks_what_is_answered(
    pin: PinnedQuestion, space: Space
) -> None:
    command("spaces", "create", "second", "--encoder", "hashing")
    command("embed")
    Embedding.objects.filter(space__name="second", sense__term=pin.term).delete()
    with pytest.raises(CommandError, match=r"that are answered now:\n“a database.*\n--force"):
        command("spaces", "activate", "second")
    assert "active    second" in command("spaces", "activate", "second", "--force")


def test_activate_asks_no_more_than_the_present_space_gives(pin: PinnedQuestion) -> None:
    break_it()
    command("spaces", "create", "second", "--encoder", "hashing")
    command("embed")
    assert "active    second" in command("spaces", "activate", "second")


def test_an_edit_tells_which_pinned_question_it_breaks(pin: PinnedQuestion, space: Space) -> None:
    entry = Entry("depot", senses=[SenseText("A database that keeps vectors for search.")])
    [broken] = [c for c in meaning_diff(space, entry, None).changed if c.kind == "pinned"]
    assert (broken.answer, broken.before, broken.after) == ("store", 1, 2)


def test_editors_pin_on_the_terms_page(client: Client, space: Space) -> None:
    client.force_login(user := make_user("editors", is_superuser=True))
    term = make_term("store", "A database that keeps vectors.")
    page = client.get(f"/admin/terms/term/{term.pk}/change/")
    forms = [page.context["adminform"].form]
    for inline in page.context["inline_admin_formsets"]:
        forms += [inline.formset.management_form, *inline.formset.forms]
    form = {field.html_name: field.value() for each in forms for field in each}
    form = {name: value for name, value in form.items() if value is not None}
    form |= {
        "pinned_questions-TOTAL_FORMS": 1,
        "pinned_questions-0-question": ASKED,
        "pinned_questions-0-max_rank": 3,
    }
    answer = client.post(f"/admin/terms/term/{term.pk}/change/", form)
    assert answer.status_code == 302
    pin = PinnedQuestion.objects.get()
    assert (pin.question, pin.pinned_by) == (ASKED, user)
    listed = client.get("/admin/embeddings/pinnedquestion/").content.decode()
    assert "not found: broken" in listed
    command("embed")
    assert "broken" not in client.get("/admin/embeddings/pinnedquestion/").content.decode()
