"""Many writes in one request, and requests that are sent twice."""

import threading
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.utils import timezone

from terms.models import KeptAnswer, Term
from terms.models.answer import claim
from terms.tasks import forget_answers
from tests.factories import make_editor, make_example, make_term, make_topic, make_user
from tests.terms.test_rest_writing import TERMS, Api, is_problem

pytestmark = pytest.mark.django_db
BULK = f"{TERMS}/bulk"


@pytest.fixture
def api() -> Api:
    return Api(make_editor(whole=True))


def drafted(name: str) -> dict[str, Any]:
    return {"op": "create", "entry": {"name": name, "senses": [{"definition": f"A {name}."}]}}


def every_kind() -> list[dict[str, Any]]:
    """One item of each kind, over three terms that are made here."""
    put, patched, deleted = (make_term(name) for name in ("put", "patched", "deleted"))
    for term in (put, patched, deleted):
        term.refresh_from_db()
    return [
        drafted("made"),
        {"op": "put", "slug": "put", "version": put.version, "entry": drafted("Put")["entry"]},
        {
            "op": "patch",
            "slug": "patched",
            "version": patched.version,
            "entry": {"relations": [{"kind": "related", "term": {"slug": "made"}}]},
        },
        {"op": "delete", "slug": "deleted", "version": deleted.version},
    ]


def names() -> set[str]:
    return set(Term.objects.values_list("name", flat=True))


def test_it_does_all_and_tells_each_version_as_it_is_in_the_end(api: Api) -> None:
    response = api.ask("post", BULK, {"items": every_kind()})
    body = response.json()
    assert (response.status_code, body["is_written"]) == (200, True)
    assert [row["status"] for row in body["results"]] == [201, 200, 200, 204]
    assert [row["index"] for row in body["results"]] == [0, 1, 2, 3]
    assert names() == {"made", "Put", "patched"}
    for row in body["results"][:3]:
        read = api.ask("get", row["address"].removeprefix("http://testserver") + "?status=all")
        assert read.json()["version"] == row["version"]


def test_an_item_that_is_wrong_undoes_all_unless_told(api: Api) -> None:
    items = [
        drafted("good"),
        {"op": "create", "entry": {"name": "bad", "senses": [{"definition": ""}]}},
        {"op": "put", "slug": "nothing", "version": 1, "entry": {"name": "x"}},
        {"op": "patch", "slug": "there", "entry": {"name": "x"}},
        {"op": "patch", "slug": "there", "version": 77, "entry": {"name": "x"}},
        {"op": "explode", "slug": "there"},
    ]
    make_term("there")
    body = is_problem(api.ask("post", BULK, {"items": items}), 422)
    statuses = [201, 422, 404, 428, 412, 422]
    assert [row["status"] for row in body["results"]] == statuses
    assert body["results"][1]["errors"][0]["path"] == "entry.senses[0].definition"
    assert body["results"][5]["errors"][0]["path"] == "op"
    assert names() == {"there"}
    body = api.ask("post", BULK, {"items": items, "atomic": False}).json()
    assert [row["status"] for row in body["results"]] == statuses
    assert body["is_written"]
    assert names() == {"there", "good"}


@pytest.mark.parametrize("atomic", [True, False])
def test_a_dry_run_tells_and_writes_nothing(api: Api, atomic: bool) -> None:
    items = [*every_kind(), {"op": "create", "entry": {}}]
    before = names()
    response = api.ask("post", BULK, {"items": items, "atomic": atomic, "dry_run": True})
    body = response.json()
    assert (response.status_code, body["is_written"]) == (200, False)
    assert [row["status"] for row in body["results"]] == [201, 200, 200, 204, 422]
    assert names() == before


@pytest.mark.parametrize(
    ("data", "path"),
    [
        ({}, "items"),
        ({"items": []}, "items"),
        ({"items": [{}] * 1001}, "items"),
        ({"items": ["x"]}, "items"),
        ({"items": [drafted("x")], "atomic": "perhaps"}, "atomic"),
        ([], ""),
    ],
)
def test_it_refuses_what_is_no_list_of_items(api: Api, data: Any, path: str) -> None:
    body = is_problem(api.ask("post", BULK, data), 422)
    assert body["errors"][0]["path"].startswith(path)


def test_each_item_takes_its_own_right(api: Api) -> None:
    drafter = Api(make_editor())
    make_term("theirs")
    items = [drafted("mine"), {"op": "delete", "slug": "theirs", "version": 1}]
    items[1]["version"] = Term.objects.get().version
    body = drafter.ask("post", BULK, {"items": items, "atomic": False}).json()
    assert [row["status"] for row in body["results"]] == [201, 403]
    is_problem(Api(make_user("contributors")).ask("post", BULK, {"items": items}), 403)
    is_problem(Api(make_editor(), "read").ask("post", BULK, {"items": items}), 403)


# Sent twice


def test_a_request_that_is_sent_again_is_answered_again(api: Api) -> None:
    first, again = (
        api.ask("post", TERMS, {"name": "once"}, idempotency_key="k1") for _ in range(2)
    )
    assert (again.status_code, again.content) == (first.status_code, first.content)
    assert (again["ETag"], again["Location"]) == (first["ETag"], first["Location"])
    assert again["Idempotency-Replayed"] == "true"
    assert "Idempotency-Replayed" not in first
    assert Term.objects.count() == 1


def test_a_key_is_for_one_request_of_one_account(api: Api) -> None:
    api.ask("post", TERMS, {"name": "once"}, idempotency_key="k1")
    is_problem(api.ask("post", TERMS, {"name": "twice"}, idempotency_key="k1"), 422)
    is_problem(api.ask("post", f"{TERMS}?reason=x", {"name": "once"}, idempotency_key="k1"), 422)
    other = Api(make_editor())
    assert other.ask("post", TERMS, {"name": "once"}, idempotency_key="k1").status_code == 201
    for key in ("", "x" * 256, "tab\there"):
        is_problem(api.ask("post", TERMS, {"name": "x"}, idempotency_key=key), 400)


def test_what_failed_may_be_sent_again_mended(api: Api) -> None:
    is_problem(api.ask("post", TERMS, {}, idempotency_key="k1"), 422)
    assert api.ask("post", TERMS, {"name": "x"}, idempotency_key="k1").status_code == 201


def test_many_writes_have_a_key_too(api: Api) -> None:
    for _ in range(2):
        body = api.ask("post", BULK, {"items": [drafted("once")]}, idempotency_key="k1").json()
        assert body["is_written"]
    assert Term.objects.count() == 1


def test_answers_are_forgotten_after_a_day(api: Api) -> None:
    for key in ("old", "new"):
        api.ask("post", TERMS, {"name": key}, idempotency_key=key)
    KeptAnswer.objects.filter(key="old").update(created_at=timezone.now() - timedelta(hours=25))
    forget_answers()
    assert [kept.key for kept in KeptAnswer.objects.all()] == ["new"]


@pytest.mark.django_db(transaction=True)
def test_a_request_that_is_still_running_is_not_done_beside_itself() -> None:
    owner = make_editor()
    holds, may_end = threading.Event(), threading.Event()

    def first() -> None:
        with transaction.atomic():
            assert claim(owner.pk, "k1")
            holds.set()
            may_end.wait(10)
        connection.close()

    thread = threading.Thread(target=first)
    thread.start()
    holds.wait(10)
    running = Api(owner).ask("post", TERMS, {"name": "x"}, idempotency_key="k1")
    may_end.set()
    thread.join()
    is_problem(running, 409)
    assert Api(owner).ask("post", TERMS, {"name": "x"}, idempotency_key="k1").status_code == 201


@pytest.mark.django_db(transaction=True)
def test_of_many_at_once_one_is_done() -> None:
    owner = make_editor()
    apis = [Api(owner) for _ in range(6)]
    start = threading.Barrier(len(apis))
    statuses: list[int] = []

    def send(api: Api) -> None:
        start.wait()
        response = api.ask("post", TERMS, {"name": "once"}, idempotency_key="k1")
        statuses.append(response.status_code)
        connection.close()

    threads = [threading.Thread(target=send, args=[api]) for api in apis]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(statuses) <= {201, 409}
    assert 201 in statuses
    assert Term.objects.count() == 1


def test_rights_and_terms_are_read_once_for_all(
    django_assert_max_num_queries: Any,
) -> None:
    api = Api(make_editor(make_topic("geometry")))
    terms = [make_term(f"item {n}", status="draft") for n in range(20)]
    versions = dict(Term.objects.values_list("slug", "version"))
    items = [
        drafted(term.name) | {"op": "put", "slug": term.slug, "version": versions[term.slug]}
        for term in terms
    ]
    with django_assert_max_num_queries(20 * 13):
        answer = api.ask("post", BULK, {"items": items})
    assert answer.json()["is_written"]


@pytest.mark.django_db(transaction=True)
def test_an_item_sees_what_the_one_before_it_wrote(api: Api, space: object) -> None:
    term, other = make_term("circle", "A round line."), make_term("disc", "What it holds.")
    make_example(other.senses.get(), "A disc.")
    versions = dict(Term.objects.values_list("slug", "version"))
    related = {"kind": "related", "term": {"slug": "disc"}}
    first = drafted("circle")["entry"] | {"relations": [related]}
    put = {"op": "put", "slug": "circle", "version": versions["circle"], "entry": first}
    again = {"op": "put", "slug": "disc", "version": versions["disc"], "entry": {"name": "disc"}}
    wrong = {**put, "entry": {"name": "circle", "senses": [{"definition": ""}]}}
    body = api.ask("post", BULK, {"items": [wrong, put, again], "atomic": False}).json()
    assert [row["status"] for row in body["results"]] == [422, 200, 412]
    assert term.senses.get().definition == "A circle."
    assert other.senses.get().examples.get().text == "A disc."
