"""From a reader's form to the history of a term: proposed, decided once, merged, told."""

import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from redis import ConnectionError as RedisAway

from terms import rates, rights
from terms.editing import save
from terms.entry import AliasText, Citation, Entry, Link, SenseText, entry_of
from terms.entry_json import from_json, to_json
from terms.models import Proposal, Source, Term
from terms.proposing import decisions, queue
from terms.proposing.decisions import Decided
from terms.restoring import changes
from terms.roles import CONTRIBUTORS
from tests.factories import (
    make_alias,
    make_editor,
    make_example,
    make_proposal,
    make_sense,
    make_term,
    make_topic,
    make_user,
    relate,
)

pytestmark = pytest.mark.django_db
NEW = "/en/propose"
QUEUE = "/accounts/proposals/"


@pytest.fixture
def term() -> Term:
    topic = make_topic("geometry")
    term = make_term("circle", "A round line.")
    term.senses.get().topics.add(topic)
    make_example(term.senses.get(), "A wheel is one.", source="A book")
    make_alias(term, "ring")
    relate(term, make_term("secret draft", status="draft"))
    term.refresh_from_db()
    return term


@pytest.fixture
def contributor() -> Client:
    return logged_in(make_user(CONTRIBUTORS, username="ada"))


@pytest.fixture
def editor(term: Term) -> Client:
    return logged_in(make_editor(*term.senses.get().topics.all(), username="grace"))


def logged_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def filled(page: Any) -> dict[str, Any]:
    """What a browser sends back of the forms of a page."""
    forms = page.context["forms"]
    sent: dict[str, Any] = {}
    for form in [forms.words, *forms.senses, *forms.aliases, *forms.relations]:
        sent |= {field.html_name: field.value() or "" for field in form}
    for formset in (forms.senses, forms.aliases, forms.relations):
        sent |= {field.html_name: field.value() for field in formset.management_form}
    if found := re.search(r'name="version" value="(\d+)"', page.text):
        sent["version"] = found[1]
    return {name: value for name, value in sent.items() if not name.endswith("DELETE")}


def proposed_edit(term: Term, definition: str, **fields: Any) -> Proposal:
    base = entry_of(term)
    entry = replace(base, senses=[replace(base.senses[0], definition=definition)])
    fields = {"term": term, "version": term.version, "base": to_json(base)} | fields
    return make_proposal(entry, **fields)


def act(client: Client, proposal: Proposal, what: str, **data: Any) -> Any:
    return client.post(f"{QUEUE}{proposal.pk}/{what}/", data, follow=True)


def test_an_edit_keeps_all_that_the_form_does_not_ask_for(contributor: Client, term: Term) -> None:
    page = contributor.get("/en/propose/circle")
    assert "secret draft" not in page.text
    form = filled(page) | {"senses-0-definition": "A *round* line.", "note": "stress"}
    answer = contributor.post("/en/propose/circle", form, follow=True)
    assert "Thank you" in answer.text
    proposal = Proposal.objects.get()
    stored = to_json(entry_of(term))
    assert (proposal.base, proposal.version, proposal.note) == (stored, term.version, "stress")
    stored["senses"][0]["definition"] = "A *round* line."
    assert proposal.entry == stored
    assert "waits for an editor" in answer.text


def test_a_new_term_has_what_was_written(contributor: Client) -> None:
    make_topic("music")
    form = filled(contributor.get(f"{NEW}?name=chord"))
    assert form["name"] == "chord"
    form |= {
        "senses-0-definition": "Tones at once.",
        "senses-0-examples": "C, E and G.\nSource: A book",
        "senses-0-topics": "Music",
        "aliases-0-name": "triad",
        "aliases-0-kind": "synonym",
    }
    contributor.post(NEW, form)
    assert decisions.merged(Proposal.objects.get(), None).entry == Entry(
        "chord",
        senses=[SenseText("Tones at once.", [("C, E and G.", "A book")], topics=["music"])],
        aliases=[AliasText("synonym", "triad")],
        status="draft",
    )
    assert str(Proposal.objects.get().proposer) == "ada"


def test_register_sources_and_relations_are_asked_for_and_kept(
    contributor: Client, term: Term
) -> None:
    sense = term.senses.get()
    sense.sources.add(Source.objects.create(title="Elements", licence="CC0"))
    make_term("curve")
    make_term("Kreis", language="de")
    relate(term, make_term("line"), "broader", provenance="import")
    form = filled(contributor.get("/en/propose/circle"))
    assert (form["senses-0-sources"], form["relations-0-term"]) == ("Elements", "line")
    assert form["relations-0-kind"] == "broader"
    assert "Nothing is changed" in contributor.post("/en/propose/circle", form).text
    form |= {"senses-0-register": "geometry", "more": "relations"}
    form |= {"senses-0-sources": "Elements\nA page https://example.org/"}
    form = filled(contributor.post("/en/propose/circle", form))
    form |= {"relations-1-term": "Curve", "relations-1-kind": "related"}
    form |= {"relations-2-term": "de: Kreis", "relations-2-kind": "translation"}
    contributor.post("/en/propose/circle", form)
    entry = from_json(Proposal.objects.get().entry)
    said = entry.senses[0]
    assert said.register == "geometry"
    assert said.sources == [
        Citation("Elements", "", "CC0"),
        Citation("A page", "https://example.org/"),
    ]
    assert {(link.kind, link.slug, link.provenance) for link in entry.relations} == {
        ("broader", "line", "import"),
        ("related", "curve", "editor"),
        ("translation", "kreis", "editor"),
        ("related", "secret-draft", "editor"),
    }


def test_an_editor_sees_them_in_the_queue_and_amends_them(editor: Client, term: Term) -> None:
    make_term("curve")
    entry = entry_of(term)
    entry.senses[0].sources = [Citation("Elements", "https://example.org/")]
    proposal = make_proposal(entry, term=term, base=to_json(entry_of(term)), version=term.version)
    assert "Elements" in editor.get(QUEUE).text
    new = Entry("arc", senses=[SenseText("A part.", register="geometry")], status="draft")
    new.senses[0].sources = [Citation("A book")]
    new.relations = [Link("broader", "curve", "en", "curve")]
    make_proposal(new)
    page = editor.get(QUEUE).text
    assert all(words in page for words in ("A book", "curve", "geometry"))
    form = filled(editor.get(f"{QUEUE}{proposal.pk}/"))
    assert form["relations-0-term"] == "secret draft"
    form |= {"relations-0-term": "", "relations-1-term": "curve", "relations-1-kind": "related"}
    editor.post(f"{QUEUE}{proposal.pk}/", form)
    assert [link.slug for link in entry_of(term).relations] == ["curve"]
    assert [str(source) for source in term.senses.get().sources.all()] == ["Elements"]


def test_senses_and_names_are_added_and_removed_without_scripts(
    contributor: Client, term: Term
) -> None:
    url = "/en/propose/circle"
    more = contributor.post(url, filled(contributor.get(url)) | {"more": "senses"})
    assert len(more.context["forms"].senses) == 2
    form = filled(more) | {"senses-1-definition": "A group of people.", "more": "aliases"}
    more = contributor.post(url, form)
    assert len(more.context["forms"].aliases) == 3
    form = filled(more) | {"senses-0-DELETE": "on", "aliases-2-name": "hoop"}
    contributor.post(url, form)
    entry = decisions.merged(Proposal.objects.get(), entry_of(term)).entry
    assert [sense.definition for sense in entry.senses] == ["A group of people."]
    assert [alias.name for alias in entry.aliases] == ["ring", "hoop"]


@pytest.mark.parametrize(
    ("field", "value", "place", "words"),
    [
        ("name", "", "words", "cannot be blank"),
        ("name", "cir\u202ecle", "words", "bidi override"),
        ("senses-0-definition", " ", "senses", "cannot be blank"),
        ("senses-0-definition", "x" * 20_001, "senses", "at most 20000"),
        ("senses-0-examples", "Source: alone", "senses", "without an example"),
        ("senses-0-topics", "astrology", "senses", "There is no topic"),
        ("aliases-1-name", "ring", "aliases", "there already"),
        ("senses-0-sources", "https://example.org/", "senses", "cannot be blank"),
        ("relations-0-term", "nothing", "relations", "There is no term"),
        ("relations-0-term", "secret draft", "relations", "There is no term"),
        ("relations-0-term", "circle", "relations", "not related to itself"),
    ],
)
def test_what_is_wrong_is_told_at_its_field(
    contributor: Client, term: Term, field: str, value: str, place: str, words: str
) -> None:
    form = filled(contributor.get("/en/propose/circle")) | {field: value}
    answer = contributor.post("/en/propose/circle", form)
    assert answer.status_code == 400
    found = getattr(answer.context["forms"], place)
    name = field.rpartition("-")[2]
    errors = [found] if place == "words" else list(found)
    assert any(words in str(form.errors.get(name)) for form in errors)
    assert not Proposal.objects.exists()


@pytest.mark.parametrize(
    "sent",
    [
        {},
        {"senses-TOTAL_FORMS": "x", "more": "senses"},
        {"senses-TOTAL_FORMS": "99999", "senses-INITIAL_FORMS": "0", "aliases-TOTAL_FORMS": "-1"},
        {"more": "nonsense", "name": "\x00"},
        {"version": "9" * 50, "senses-0-key": "klingon!"},
    ],
)
def test_forms_that_no_browser_sends_are_no_fault(
    contributor: Client, term: Term, sent: dict[str, str]
) -> None:
    for url in (NEW, "/en/propose/circle"):
        assert contributor.post(url, sent).status_code in {200, 400}
    assert not Proposal.objects.exists()


def test_nothing_changed_and_what_is_there_already_are_no_proposals(
    contributor: Client, term: Term
) -> None:
    same = filled(contributor.get("/en/propose/circle"))
    assert "Nothing is changed" in contributor.post("/en/propose/circle", same).text
    form = filled(contributor.get(NEW)) | {"name": "Circle", "senses-0-definition": "Round."}
    assert "Suggest an edit of it instead" in contributor.post(NEW, form).text
    draft = form | {"name": "secret draft"}
    assert contributor.post(NEW, draft).status_code == 302


def test_who_writes_while_the_entry_changes_is_asked_to_look_again(
    contributor: Client, term: Term
) -> None:
    form = filled(contributor.get("/en/propose/circle")) | {"senses-0-definition": "Round."}
    form["version"] = str(term.version - 1)
    answer = contributor.post("/en/propose/circle", form)
    assert "has changed since" in answer.text
    assert not Proposal.objects.exists()


def test_only_public_terms_can_be_edited_so(contributor: Client, term: Term) -> None:
    assert contributor.get("/en/propose/secret-draft").status_code == 404
    assert contributor.get("/en/propose/nothing").status_code == 404
    assert contributor.get("/en/propose/ring")["Location"] == "/en/propose/circle"


def test_the_open_form_takes_proposals_of_everybody_within_a_rate(
    client: Client, term: Term, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert client.get("/en/propose/circle").status_code == 302
    settings.PROPOSALS_OPEN = True
    monkeypatch.setattr(rates, "PROPOSE", rates.Rate("a test", most=2, seconds=60))
    form = filled(client.get("/en/propose/circle")) | {"senses-0-definition": "Round."}
    trapped = client.post("/en/propose/circle", form | {"website": "https://spam.example"})
    assert (trapped.status_code, Proposal.objects.count()) == (400, 0)
    notes = [form | {"note": f"Reason {number}."} for number in range(3)]
    statuses = [client.post("/en/propose/circle", each).status_code for each in notes]
    assert statuses == [200, 200, 429]
    assert [each.proposer for each in Proposal.objects.all()] == [None, None]


def test_without_redis_only_who_is_logged_in_writes(
    client: Client,
    contributor: Client,
    term: Term,
    settings: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def away(*_: Any) -> bool:
        raise RedisAway("away")

    monkeypatch.setattr(rates.Rate, "allows", away)
    settings.PROPOSALS_OPEN = True
    form = filled(client.get("/en/propose/circle")) | {"senses-0-definition": "Round."}
    assert client.post("/en/propose/circle", form).status_code == 503
    assert not Proposal.objects.exists()
    assert contributor.post("/en/propose/circle", form).status_code == 302


def test_a_preview_is_sanitised(contributor: Client) -> None:
    sent = {"definition": "*so* <script>alert(1)</script> [x](javascript:alert)"}
    html = contributor.post("/accounts/preview/", sent).text
    assert "<em>so</em>" in html
    assert "<script" not in html
    assert "href" not in html


def test_the_queue_shows_the_oldest_first_with_the_words_that_change(
    editor: Client, term: Term
) -> None:
    ada = make_user(CONTRIBUTORS, username="ada")
    proposed_edit(term, "A square line.", proposer=ada, note="Look closely.")
    make_proposal(Entry("chord", senses=[SenseText("Tones *at once*.")]))
    page = editor.get(QUEUE).text
    for words in ("square", "round", "Look closely.", "ada", "<em>at once</em>"):
        assert words in page
    assert page.index("square") < page.index("at once")
    assert "secret" not in page


def test_the_queue_has_pages_and_a_decision_leads_back_to_its_own(
    editor: Client, term: Term, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queue, "PAGE", 2)
    numbers = [proposed_edit(term, f"Edit {number}.").pk for number in range(3)]
    first, second = editor.get(QUEUE), editor.get(f"{QUEUE}?page=2")
    assert [row.proposal.pk for row in first.context["waiting"]] == numbers[:2]
    assert [row.proposal.pk for row in second.context["waiting"]] == numbers[2:]
    assert "?page=2" in first.text
    url = f"{QUEUE}{numbers[2]}/decline/?page=2"
    assert f'action="{url}"' in second.text
    done = editor.post(url, {"answer": "No."})
    assert done["Location"] == f"{QUEUE}?page=2"
    assert len(editor.get(done["Location"]).context["waiting"]) == 2
    for page in ("0", "-1", "x", "9" * 30, "\u0663"):
        assert editor.get(QUEUE, {"page": page}).status_code == 200


def test_it_asks_the_database_as_often_for_ten_proposals_as_for_one(
    editor: Client, term: Term, django_assert_max_num_queries: Any
) -> None:
    for most in (1, 9):
        for number in range(most):
            proposed_edit(term, f"Edit {number}.", proposer=make_user())
        with django_assert_max_num_queries(25):
            editor.get(QUEUE)


def test_each_editor_sees_what_they_may_decide_and_nothing_else(term: Term) -> None:
    geometry = term.senses.get().topics.get()
    below = make_term("chord line")
    below.senses.get().topics.add(make_topic("lines", parent=geometry))
    other, draft = make_term("rose"), make_term("bud", status="draft")
    other.senses.get().topics.add(make_topic("botany"))
    for each in (term, below, other, draft):
        proposed_edit(each, "Changed.")
    make_proposal(Entry("new"))
    users = [
        make_editor(geometry),
        make_editor(),
        make_editor(whole=True),
        make_user(CONTRIBUTORS),
        User.objects.create_superuser("root"),
    ]
    for user in users:
        seen = set(rights.decidable_by(user, Proposal.objects.open()))
        assert seen == {each for each in Proposal.objects.all() if rights.may_decide(user, each)}
    assert len(rights.decidable_by(users[0], Proposal.objects.all())) == 4


def test_accepting_changes_the_term_and_names_both_in_its_history(
    editor: Client, term: Term
) -> None:
    ada = make_user(CONTRIBUTORS, username="ada")
    proposal = proposed_edit(term, "A curved line.", proposer=ada, note="More exact.")
    assert "accepted and published" in act(editor, proposal, "accept").text
    assert term.senses.get().definition == "A curved line."
    assert term.relations_out.count() == 1
    told = {(change.who, change.why) for change in changes(term)}
    assert ("grace", "Proposed by ada. More exact.") in told
    assert "accepted" in logged_in(ada).get("/accounts/").text


def test_declining_takes_a_reason_that_the_proposer_reads(editor: Client, term: Term) -> None:
    ada = make_user(CONTRIBUTORS, username="ada")
    proposal = proposed_edit(term, "Wrong.", proposer=ada)
    assert "Say why" in act(editor, proposal, "decline", answer=" ").text
    act(editor, proposal, "decline", answer="It is not so.")
    page = logged_in(ada).get("/accounts/").text
    assert "It is not so." in page
    assert "grace" in page
    assert term.senses.get().definition == "A round line."


def test_of_two_editors_one_wins_and_the_other_is_told(editor: Client, term: Term) -> None:
    proposal = proposed_edit(term, "A curved line.")
    act(editor, proposal, "accept")
    other = logged_in(make_editor(whole=True))
    for what in ("accept", "decline"):
        assert "grace was first" in act(other, proposal, what, answer="No.").text
    assert str(Proposal.objects.get().decided_by) == "grace"


@pytest.mark.django_db(transaction=True)
def test_of_many_decisions_at_once_one_is_taken(space: Any) -> None:
    term = make_term("circle", "A round line.")
    term.refresh_from_db()
    proposal = proposed_edit(term, "A curved line.")
    editors = [make_editor(whole=True) for _ in range(4)]

    def decide(editor: User) -> bool:
        try:
            decisions.accept(proposal, entry_of(term), by=editor, version=term.version)
        except Decided:
            return False
        finally:
            connection.close()
        return True

    with ThreadPoolExecutor(4) as together:
        assert sorted(together.map(decide, editors)) == [False, False, False, True]


def test_who_is_not_responsible_decides_nothing(term: Term) -> None:
    proposal = proposed_edit(term, "A curved line.")
    other = logged_in(make_editor(make_topic("botany")))
    for what in ("accept", "decline"):
        assert act(other, proposal, what, answer="No.").status_code == 403
    assert other.get(f"{QUEUE}{proposal.pk}/").status_code == 403
    assert proposal.is_open


def test_what_changed_elsewhere_since_stays_beside_what_is_accepted(
    editor: Client, term: Term
) -> None:
    proposal = proposed_edit(term, "A curved line.")
    make_sense(term, "A group of people.")
    act(editor, proposal, "accept")
    told = [sense.definition for sense in term.senses.order_by("position")]
    assert told == ["A curved line.", "A group of people."]


@pytest.mark.parametrize(
    ("side", "kept"), [("mine", "A curved line."), ("theirs", "A closed line.")]
)
def test_what_both_changed_is_shown_to_choose(
    editor: Client, term: Term, side: str, kept: str
) -> None:
    proposal = proposed_edit(term, "A curved line.")
    entry = entry_of(term)
    entry.senses[0].definition = "A closed line."
    save(entry, term, by=make_editor(whole=True))
    asked = act(editor, proposal, "accept")
    assert asked.status_code == 409
    [row] = asked.context["rows"]
    assert (row.title, row.theirs) == ("Definition of sense 1", "A closed line.")
    term.refresh_from_db()
    stale = act(editor, proposal, "accept", version=1, **{row.path: side})
    assert stale.status_code == 409
    act(editor, proposal, "accept", version=term.version, **{row.path: side})
    assert term.senses.get().definition == kept
    assert Proposal.objects.get().state == "accepted"


def test_a_proposal_is_amended_before_it_is_accepted(editor: Client, term: Term) -> None:
    proposal = proposed_edit(term, "A curvd line.")
    url = f"{QUEUE}{proposal.pk}/"
    form = filled(editor.get(url))
    wrong = editor.post(url, form | {"senses-0-topics": "astrology"})
    assert wrong.status_code == 400
    editor.post(url, form | {"senses-0-definition": "A curved line.", "answer": "One letter."})
    assert term.senses.get().definition == "A curved line."
    assert Proposal.objects.get().answer == "One letter."


@pytest.mark.parametrize(("topics", "status"), [(["geometry"], "published"), ([], "review")])
def test_a_new_term_is_published_where_the_editor_may(
    editor: Client, topics: list[str], status: str
) -> None:
    new = Entry("chord", senses=[SenseText("A straight line.", topics=topics)], status="draft")
    act(editor, make_proposal(new), "accept")
    chord = Term.objects.get(slug="chord")
    assert chord.status == status
    assert Proposal.objects.get().term == chord


def test_an_edit_of_a_deleted_term_can_only_be_declined(editor: Client, term: Term) -> None:
    proposal = proposed_edit(term, "A curved line.")
    term.delete()
    assert "was deleted" in act(editor, proposal, "accept").text
    assert not Term.objects.filter(name="circle").exists()
    act(editor, proposal, "decline", answer="It is gone.")
    assert Proposal.objects.get().state == "declined"


def test_only_the_proposer_withdraws(contributor: Client, editor: Client, term: Term) -> None:
    proposal = proposed_edit(term, "Wrong.", proposer=User.objects.get(username="ada"))
    assert act(editor, proposal, "withdraw").status_code == 404
    act(contributor, proposal, "withdraw")
    assert Proposal.objects.get().state == "withdrawn"


def test_readers_pages_lead_there_and_stay_the_same_for_everybody(
    contributor: Client, term: Term, space: Any
) -> None:
    page = Client().get("/en/define/circle")
    assert 'href="/en/propose/circle"' in page.text
    assert page.content == contributor.get("/en/define/circle").content
    missed = Client().get("/en/search?q=nothing+like+it").text
    assert 'href="/en/propose?name=nothing%20like%20it"' in missed
