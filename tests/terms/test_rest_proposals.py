"""REST takes proposals, tells their proposers what became of them, and lets editors decide."""

from typing import Any

import pytest
from django.contrib.auth.models import User

from terms import rates
from terms.editing import save
from terms.entry import Entry, SenseText, entry_of, place_of
from terms.entry_json import from_json, to_json
from terms.models import Proposal, Relation, Term
from terms.roles import CONTRIBUTORS
from tests.factories import (
    make_alias,
    make_editor,
    make_proposal,
    make_term,
    make_topic,
    make_user,
    relate,
)
from tests.terms.test_rest_writing import Api, is_problem, paths

pytestmark = pytest.mark.django_db
PROPOSALS = "/api/v1/proposals"
NOWHERE = {"kind": "related", "term": {"slug": "nothing"}}
TO_DRAFT = {"kind": "related", "term": {"slug": "secret-draft"}}


@pytest.fixture
def term() -> Term:
    term = make_term("circle", "A round line.")
    term.senses.get().topics.add(make_topic("geometry"))
    make_alias(term, "ring")
    make_alias(term, "old circle", kind="former")
    relate(term, make_term("curve"), "broader", provenance="import")
    relate(term, make_term("secret draft", status="draft"))
    term.refresh_from_db()
    return term


@pytest.fixture
def ada() -> User:
    return make_user(CONTRIBUTORS, username="ada")


@pytest.fixture
def api(ada: User) -> Api:
    return Api(ada, "propose")


@pytest.fixture
def grace(term: Term) -> Api:
    topics = term.senses.get().topics.all()
    return Api(make_editor(*topics, username="grace"), "edit")


def edit(term: Term, **entry: Any) -> dict[str, Any]:
    return {"term": {"slug": term.slug}, "version": term.version, "entry": entry}


def reworded(term: Term, definition: str) -> dict[str, Any]:
    sense = term.senses.get()
    topics = [topic.slug for topic in sense.topics.all()]
    return edit(term, senses=[{"key": sense.key, "definition": definition, "topics": topics}])


def test_it_takes_a_new_term(api: Api) -> None:
    make_topic("music")
    make_term("tone")
    entry = {
        "name": "chord",
        "senses": [{"definition": "Tones at once.", "topics": ["music"], "register": "music"}],
        "relations": [{"kind": "related", "term": {"slug": "tone", "name": "harmless"}}],
    }
    response = api.ask("post", PROPOSALS, {"entry": entry, "note": "It is missing."})
    proposal = Proposal.objects.get()
    assert (response.status_code, response["Location"]) == (201, f"{PROPOSALS}/{proposal.pk}")
    assert response["Cache-Control"] == "private, no-store"
    body = response.json()
    assert (body["state"], body["name"], body["proposer"]) == ("open", "chord", "ada")
    assert (body["term"], body["version"], body["note"]) == (None, None, "It is missing.")
    assert body["entry"] == proposal.entry
    assert body["entry"]["relations"][0]["term"]["name"] == "tone"
    assert proposal.base is None


def test_what_an_edit_leaves_out_stays_as_it_is(api: Api, term: Term) -> None:
    api.ask("post", PROPOSALS, reworded(term, "A curved line."))
    proposal = Proposal.objects.get()
    stored = to_json(entry_of(term))
    assert (proposal.base, proposal.version, proposal.term) == (stored, term.version, term)
    assert proposal.entry["relations"] == stored["relations"]
    assert proposal.entry["senses"][0]["definition"] == "A curved line."


def test_what_was_read_is_sent_back_without_losing_what_readers_do_not_see(
    api: Api, term: Term
) -> None:
    body = api.client.get("/api/v1/terms/en/circle").json()
    same = {"term": {"slug": "circle"}, "version": body["version"], "entry": body}
    assert "already" in api.ask("post", PROPOSALS, same).content.decode()
    body["senses"][0]["definition"] = "A curved line."
    assert api.ask("post", PROPOSALS, same).status_code == 201
    proposal, stored = Proposal.objects.get(), entry_of(term)
    entry = from_json(proposal.entry)
    assert entry.aliases == stored.aliases
    assert sorted(entry.relations, key=place_of) == stored.relations
    shown = api.ask("get", f"{PROPOSALS}/{proposal.pk}").content.decode()
    assert "curve" in shown
    assert "secret" not in shown


@pytest.mark.parametrize(
    ("data", "path"),
    [
        ({}, "entry"),
        ([], ""),
        ({"entry": {}}, "entry.name"),
        ({"entry": {"name": "x", "nome": "y"}}, "entry.nome"),
        ({"entry": {"name": "x\x00"}}, "entry.name"),
        ({"entry": {"name": "x", "senses": [{"definition": " "}]}}, "entry.senses[0].definition"),
        ({"entry": {"name": "x", "status": "published"}}, "entry.status"),
        ({"entry": {"name": "x", "slug": "y"}}, "entry.slug"),
        ({"entry": {"name": "x", "replaced_by": {"slug": "circle"}}}, "entry.replaced_by"),
        ({"entry": {"name": "Circle"}}, "entry.name"),
        ({"entry": {"name": "x"}, "note": "n" * 2001}, "note"),
        ({"entry": {"name": "x"}, "term": "circle"}, "term"),
        ({"entry": {"name": "x"}, "version": 0}, "version"),
        *(
            (
                {
                    "entry": {
                        "name": "x",
                        "relations": [{"kind": "related", "term": {"slug": slug}}],
                    }
                },
                "entry.relations[0].term",
            )
            for slug in ("nothing", "secret-draft")
        ),
    ],
)
def test_it_says_by_path_what_is_wrong(api: Api, term: Term, data: Any, path: str) -> None:
    assert path in paths(api.ask("post", PROPOSALS, data))
    assert not Proposal.objects.exists()


def test_an_edit_is_of_a_version_and_of_a_term_that_readers_see(api: Api, term: Term) -> None:
    wrong = reworded(term, "Round.")
    stale = is_problem(api.ask("post", PROPOSALS, wrong | {"version": term.version + 1}), 412)
    assert stale["version"] == term.version
    is_problem(api.ask("post", PROPOSALS, wrong | {"version": None}), 428)
    for slug in ("nothing", "secret-draft"):
        is_problem(api.ask("post", PROPOSALS, wrong | {"term": {"slug": slug}}), 404)
    related = {"kind": "related", "term": {"slug": "circle"}}
    itself = edit(term, relations=[related])
    assert paths(api.ask("post", PROPOSALS, itself)) == ["entry.relations[0].term"]


def test_a_request_that_is_sent_again_proposes_once(api: Api, term: Term) -> None:
    data = reworded(term, "Round.")
    first, again = (api.ask("post", PROPOSALS, data, Idempotency_Key="k") for _ in range(2))
    assert (first.json(), first["Location"]) == (again.json(), again["Location"])
    assert again["Idempotency-Replayed"] == "true"
    assert Proposal.objects.count() == 1


def test_an_account_proposes_within_a_rate(
    api: Api, ada: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rates, "PROPOSE_BY_REST", rates.Rate(f"by {ada.pk}", most=1, seconds=60))
    sent = [{"entry": {"name": name, "senses": [{"definition": "A thing."}]}} for name in "ab"]
    assert api.ask("post", PROPOSALS, sent[0]).status_code == 201
    is_problem(api.ask("post", PROPOSALS, sent[1]), 429)


def test_it_takes_the_scope_and_the_right(ada: User, term: Term) -> None:
    data = reworded(term, "Round.")
    is_problem(Api(ada, "read", "edit").ask("post", PROPOSALS, data), 403)
    is_problem(Api(make_user(), "propose").ask("post", PROPOSALS, data), 403)
    is_problem(Api(ada, "propose").ask("get", f"{PROPOSALS}?queue=true"), 403)


def test_each_proposer_lists_and_reads_their_own(api: Api, term: Term) -> None:
    number = api.ask("post", PROPOSALS, reworded(term, "Round.")).json()["id"]
    other = Api(make_user(CONTRIBUTORS), "propose")
    assert [row["id"] for row in api.ask("get", PROPOSALS).json()["results"]] == [number]
    assert api.ask("get", f"{PROPOSALS}?state=declined").json()["results"] == []
    assert other.ask("get", PROPOSALS).json()["results"] == []
    is_problem(other.ask("get", f"{PROPOSALS}/{number}"), 404)
    is_problem(api.ask("get", f"{PROPOSALS}?state=lost"), 400)


def test_what_readers_do_not_see_takes_the_scope_of_editors(term: Term) -> None:
    editor = make_editor(whole=True)
    number = make_proposal(entry_of(term), term=term, version=1, proposer=editor).pk
    for scope, sees in (("propose", False), ("edit", True)):
        shown = Api(editor, scope).ask("get", f"{PROPOSALS}/{number}").content.decode()
        assert ("secret" in shown) is sees


def test_editors_list_what_is_theirs_to_decide(grace: Api, term: Term) -> None:
    rose = make_term("rose")
    ours, _ = (make_proposal(entry_of(each), term=each, version=1) for each in (term, rose))
    listed = grace.ask("get", f"{PROPOSALS}?queue=true").json()["results"]
    assert [row["id"] for row in listed] == [ours.pk]
    assert grace.ask("get", f"{PROPOSALS}/{ours.pk}").json()["name"] == "circle"


def test_it_lists_many_proposals_with_as_few_queries_as_one(
    api: Api, ada: User, term: Term, django_assert_max_num_queries: Any
) -> None:
    for most in (1, 9):
        for _ in range(most):
            make_proposal(entry_of(term), term=term, version=1, proposer=ada)
        with django_assert_max_num_queries(8):
            api.ask("get", PROPOSALS)


def test_an_accepted_proposal_is_in_the_term_and_told(api: Api, grace: Api, term: Term) -> None:
    number = api.ask("post", PROPOSALS, reworded(term, "A curved line.")).json()["id"]
    done = grace.ask("post", f"{PROPOSALS}/{number}/accept", {"answer": "Better."})
    assert done.status_code == 200
    assert term.senses.get().definition == "A curved line."
    assert Relation.objects.of(term).count() == 2
    told = api.ask("get", f"{PROPOSALS}/{number}").json()
    assert (told["state"], told["answer"], told["decided_by"]) == ("accepted", "Better.", "grace")
    assert told["term"]["slug"] == "circle"
    assert told["decided_at"]
    is_problem(grace.ask("post", f"{PROPOSALS}/{number}/decline", {"answer": "No."}), 409)


def test_a_new_term_that_waits_in_review_is_shown_to_editors_alone(api: Api, grace: Api) -> None:
    data = {"entry": {"name": "chord", "senses": [{"definition": "A straight line."}]}}
    number = api.ask("post", PROPOSALS, data).json()["id"]
    assert grace.ask("post", f"{PROPOSALS}/{number}/accept", {}).json()["term"]["slug"] == "chord"
    assert Term.objects.get(slug="chord").status == "review"
    assert api.ask("get", f"{PROPOSALS}/{number}").json()["term"] is None


def test_what_both_changed_is_asked(api: Api, grace: Api, term: Term) -> None:
    number = api.ask("post", PROPOSALS, reworded(term, "A curved line.")).json()["id"]
    entry = entry_of(term)
    entry.senses[0].definition = "A closed line."
    save(entry, term, by=make_editor(whole=True))
    url = f"{PROPOSALS}/{number}/accept"
    [row] = is_problem(grace.ask("post", url, {}), 409)["conflicts"]
    assert (row["mine"], row["theirs"]) == ("A curved line.", "A closed line.")
    assert grace.ask("post", url, {"choices": {row["path"]: "mine"}}).status_code == 200
    assert term.senses.get().definition == "A curved line."


def test_declining_takes_a_reason(api: Api, grace: Api, term: Term) -> None:
    number = api.ask("post", PROPOSALS, reworded(term, "Wrong.")).json()["id"]
    url = f"{PROPOSALS}/{number}/decline"
    assert paths(grace.ask("post", url, {"answer": " "})) == ["answer"]
    assert grace.ask("post", url, {"answer": "It is not so."}).json()["state"] == "declined"
    assert api.ask("get", f"{PROPOSALS}/{number}").json()["answer"] == "It is not so."


def test_what_cannot_be_read_is_refused_beside_a_proposal_too(
    api: Api, grace: Api, term: Term
) -> None:
    hidden = "a \u202etxet"
    response = api.ask("post", PROPOSALS, edit(term, name="ring") | {"note": hidden})
    assert paths(response) == ["note"]
    path = f"{PROPOSALS}/{make_proposal(entry_of(term), term=term).pk}/decline"
    assert paths(grace.ask("post", path, {"answer": hidden})) == ["answer"]


def test_who_is_not_responsible_decides_nothing(api: Api, term: Term) -> None:
    proposal = make_proposal(entry_of(term), term=term, version=term.version)
    other = Api(make_editor(make_topic("botany")), "edit")
    for what in ("accept", "decline"):
        is_problem(other.ask("post", f"{PROPOSALS}/{proposal.pk}/{what}", {"answer": "No."}), 403)
    is_problem(api.ask("post", f"{PROPOSALS}/{proposal.pk}/accept", {}), 403)
    is_problem(other.ask("post", f"{PROPOSALS}/0/accept", {}), 404)


def test_an_edit_of_a_deleted_term_can_only_be_declined(grace: Api, term: Term) -> None:
    proposal = make_proposal(Entry("circle", senses=[SenseText("Round.")]), version=1)
    is_problem(grace.ask("post", f"{PROPOSALS}/{proposal.pk}/accept", {}), 410)
    proposal.refresh_from_db()
    assert proposal.is_open
