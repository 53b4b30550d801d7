"""REST writes terms as editors do: of a version, all or nothing, and within their rights."""

import json
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client, override_settings

from terms.models import Relation, Term
from terms.restoring import changes
from terms.roles import CONTRIBUTORS
from tests.factories import make_alias, make_editor, make_term, make_token, make_topic, make_user

pytestmark = pytest.mark.django_db
TERMS = "/api/v1/terms"
CIRCLE = f"{TERMS}/en/circle"
WHOLE = {
    "name": "circle",
    "status": "published",
    "aliases": [{"name": "ring"}],
    "senses": [
        {
            "definition": "A round line.",
            "part_of_speech": "noun",
            "examples": [{"text": "Draw a circle.", "source": "A book"}],
            "topics": ["geometry"],
            "sources": [{"title": "Elements", "url": "https://example.org/"}],
        }
    ],
    "relations": [{"kind": "broader", "term": {"slug": "curve"}}],
}


class Api:
    """A program that shows a token."""

    def __init__(self, owner: User, *scopes: str) -> None:
        _, secret = make_token(*(scopes or ("edit",)), owner=owner)
        self.client = Client(headers={"authorization": f"Bearer {secret}"})

    def ask(self, method: str, url: str, data: Any = None, **headers: str) -> Any:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        more = {} if data is None else {"data": data, "content_type": "application/json"}
        return getattr(self.client, method)(url, headers=named, **more)


@pytest.fixture
def editor() -> User:
    return make_editor(make_topic("geometry"), username="Ada")


@pytest.fixture
def api(editor: User) -> Api:
    return Api(editor)


@pytest.fixture
def circle(api: Api) -> dict[str, Any]:
    make_term("curve")
    body: dict[str, Any] = api.ask("post", TERMS, WHOLE).json()
    return body


def is_problem(response: Any, status: int) -> dict[str, Any]:
    assert response.status_code == status, response.content
    assert response["Content-Type"] == "application/problem+json"
    body: dict[str, Any] = response.json()
    assert body["status"] == status
    assert {"type", "title", "detail"} <= set(body)
    return body


def paths(response: Any) -> list[str]:
    return [error["path"] for error in is_problem(response, 422)["errors"]]


# Creating


def test_it_makes_a_term_with_all_that_belongs_to_it(api: Api) -> None:
    make_term("curve")
    response = api.ask("post", f"{TERMS}?reason=as+in+print", WHOLE)
    body = response.json()
    assert (response.status_code, response["Location"]) == (201, CIRCLE)
    assert response["ETag"] == f'"v{body["version"]}"'
    assert response["Cache-Control"] == "private, no-store"
    term = Term.objects.get(slug="circle")
    assert term.version == body["version"]
    assert body["url"] == "http://testserver/en/define/circle"
    assert body["aliases"] == [{"kind": "synonym", "name": "ring", "slug": ""}]
    assert body["senses"][0]["examples"] == WHOLE["senses"][0]["examples"]  # type: ignore[index]
    assert body["senses"][0]["topics"] == ["geometry"]
    assert body["relations"][0]["term"] == {"language": "en", "slug": "curve", "name": "curve"}
    assert {(change.who, change.why) for change in changes(term)} == {("Ada", "as in print")}


def test_it_makes_a_draft_unless_told_and_leads_editors_to_it(api: Api) -> None:
    response = api.ask("post", TERMS, {"name": "rhombus"})
    assert response.json()["status"] == "draft"
    assert Client().get(f"{TERMS}/en/rhombus").status_code == 404
    again = api.ask("get", response["Location"])
    assert (again.json(), again["ETag"]) == (response.json(), response["ETag"])


def test_it_refuses_an_address_that_is_taken(api: Api) -> None:
    make_term("circle")
    is_problem(api.ask("post", TERMS, {"name": "Circle", "slug": "circle"}), 409)
    assert api.ask("post", TERMS, {"name": "circle"}).json()["slug"] == "circle-2"


@pytest.mark.parametrize(
    ("data", "path"),
    [
        ({}, "name"),
        ([], ""),
        ({"name": "x", "nome": "y"}, "nome"),
        ({"name": "x\x00"}, "name"),
        ({"name": "x", "status": "\ud800"}, "status"),
        ({"name": "x", "status": "\x00"}, "status"),
        ({"name": "x", "\ud800": 1}, "\\ud800"),
        ({"name": "x", "slug": "Not A Slug"}, ""),
        ({"name": "x", "senses": [{"definition": " "}]}, "senses[0].definition"),
        ({"name": "x", "senses": [{"definition": "d", "topics": ["t"]}]}, "senses[0].topics[0]"),
        ({"name": "x", "senses": "many"}, "senses"),
        (
            {"name": "x", "relations": [{"term": {"slug": "n"}, "kind": "related"}]},
            "relations[0].term",
        ),
        (
            {
                "name": "x",
                "relations": [{"term": {"slug": "n"}, "kind": "related", "score": 1e999}],
            },
            "relations[0].score",
        ),
        (
            {
                "name": "x",
                "relations": [{"term": {"slug": "n"}, "kind": "related", "score": "nan"}],
            },
            "relations[0].score",
        ),
        ({"name": "x", "replaced_by": {"slug": "nothing"}}, "replaced_by"),
        ({"name": "x", "replaced_by": {"slug": "x"}}, "replaced_by"),
    ],
)
def test_it_says_by_path_what_is_wrong(api: Api, data: Any, path: str) -> None:
    body = json.dumps(data).replace("Infinity", "1e999")
    response = api.client.post(TERMS, body, content_type="application/json")
    assert path in paths(response)
    assert Term.objects.count() == 0


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        ("{", "application/json", 400),
        ("[" * 100_000, "application/json", 400),
        ("\ufeff{}", "application/json", 400),
        ("{}", "text/plain", 415),
        ("name=x", "application/x-www-form-urlencoded", 415),
    ],
)
def test_it_refuses_what_is_no_json(api: Api, body: str, kind: str, status: int) -> None:
    is_problem(api.client.post(TERMS, body, content_type=kind), status)


def test_it_refuses_more_than_it_takes_at_once(api: Api) -> None:
    with override_settings(DATA_UPLOAD_MAX_MEMORY_SIZE=100):
        is_problem(api.ask("post", TERMS, {"name": "x" * 100}), 413)


# Changing


def test_it_replaces_the_whole_and_keeps_what_an_address_is(
    api: Api, circle: dict[str, Any]
) -> None:
    whole = {"name": "Circle", "senses": [{"definition": "Round.", "topics": ["geometry"]}]}
    response = api.ask("put", CIRCLE, whole, if_match=f'"v{circle["version"]}"')
    body = response.json()
    assert (response.status_code, body["slug"], body["status"]) == (200, "circle", "published")
    assert (body["aliases"], body["relations"]) == ([], [])
    assert body["senses"][0]["key"] == circle["senses"][0]["key"]
    assert response["ETag"] == f'"v{body["version"]}"' != f'"v{circle["version"]}"'


def test_what_was_read_can_be_sent_back(api: Api, circle: dict[str, Any]) -> None:
    read = api.ask("get", f"{CIRCLE}?status=all")
    response = api.ask("put", CIRCLE, read.json(), if_match=read["ETag"])
    assert response.json() == read.json() == circle


def test_it_merges_a_patch_and_replaces_lists_whole(api: Api, circle: dict[str, Any]) -> None:
    patch: dict[str, Any] = {"name": "Circle", "aliases": None, "relations": []}
    response = api.client.patch(
        CIRCLE,
        patch,
        content_type="application/merge-patch+json",
        headers={"if-match": f'W/"v{circle["version"]}"'},  # as compression leaves it
    )
    body = response.json()
    same = ("senses", "status", "slug", "language", "is_linked")
    assert {name: body[name] for name in same} == {name: circle[name] for name in same}
    assert (body["name"], body["aliases"], body["relations"]) == ("Circle", [], [])


def test_a_new_address_leads_on_from_the_old_one(api: Api, circle: dict[str, Any]) -> None:
    etag = f'"v{circle["version"]}"'
    body = api.ask("patch", CIRCLE, {"slug": "ring-line"}, if_match=etag).json()
    assert body["slug"] == "ring-line"
    assert Client().get(CIRCLE)["Location"] == f"{TERMS}/en/ring-line"
    is_problem(api.ask("patch", CIRCLE, {}, if_match=etag), 404)


def test_it_deletes_and_says_that_it_did(api: Api, circle: dict[str, Any]) -> None:
    response = api.ask("delete", CIRCLE, if_match=f'"v{circle["version"]}"')
    assert (response.status_code, response.content) == (204, b"")
    for method in ("get", "delete", "put"):
        is_problem(api.ask(method, CIRCLE), 410)
    is_problem(api.ask("delete", f"{TERMS}/en/nothing"), 404)


@pytest.mark.parametrize("method", ["put", "patch", "delete"])
def test_it_writes_only_the_version_that_was_seen(
    api: Api, circle: dict[str, Any], method: str
) -> None:
    for header in ({}, {"if_match": "*"}):
        assert "If-Match" in is_problem(api.ask(method, CIRCLE, WHOLE, **header), 428)["detail"]
    page = Client().get(CIRCLE)["ETag"]
    for etag in ('"v0"', page, 'W/"v99999999999999"', "3", "garbage"):
        body = is_problem(api.ask(method, CIRCLE, WHOLE, if_match=etag), 412)
        assert body["version"] == circle["version"]
    assert Term.objects.get(slug="circle").version == circle["version"]


def test_a_write_between_makes_the_next_one_stale(api: Api, circle: dict[str, Any]) -> None:
    etag = f'"v{circle["version"]}"'
    assert api.ask("patch", CIRCLE, {"name": "Circle"}, if_match=etag).status_code == 200
    make_alias(Term.objects.get(slug="circle"), "round")
    is_problem(api.ask("patch", CIRCLE, {"name": "Ring"}, if_match=etag), 412)
    assert Term.objects.get(slug="circle").name == "Circle"


# Rights


def test_it_takes_the_scope_and_the_right(circle: dict[str, Any], editor: User) -> None:
    etag = f'"v{circle["version"]}"'
    is_problem(Client().post(TERMS, {}, content_type="application/json"), 401)
    is_problem(Api(editor, "read", "propose", "admin").ask("post", TERMS, WHOLE), 403)
    for owner in (make_user(), make_user(CONTRIBUTORS)):
        for method, url in (("post", TERMS), ("put", CIRCLE), ("delete", f"{TERMS}/en/nothing")):
            is_problem(Api(owner).ask(method, url, WHOLE, if_match=etag), 403)
    stranger = Api(make_editor(make_topic("botany")))
    body = is_problem(stranger.ask("patch", CIRCLE, {"name": "x"}, if_match=etag), 403)
    assert "others are responsible" in body["detail"]
    is_problem(stranger.ask("delete", CIRCLE, if_match=etag), 403)
    is_problem(stranger.ask("post", TERMS, {**WHOLE, "relations": []}), 403)
    assert Term.objects.get(slug="circle").version == circle["version"]


def test_a_session_writes_with_the_sign_against_forgery(editor: User) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(editor)
    body = is_problem(client.post(TERMS, {"name": "x"}, content_type="application/json"), 403)
    assert "CSRF" in body["detail"]
    client.get("/accounts/login/")
    client.force_login(User.objects.create_superuser("root"))
    token = client.get("/admin/").context["csrf_token"]
    response = client.post(
        TERMS, {"name": "x"}, content_type="application/json", headers={"x-csrftoken": str(token)}
    )
    assert response.status_code == 201


def test_other_origins_may_not_write(api: Api) -> None:
    response = Client().options(
        TERMS,
        headers={
            "origin": "https://elsewhere.example",
            "access-control-request-method": "POST",
            "access-control-request-headers": "authorization,content-type",
        },
    )
    assert "POST" not in response["Access-Control-Allow-Methods"]
    assert "PUT" not in response["Access-Control-Allow-Methods"]


# Reading drafts


def test_editors_read_drafts_and_nobody_else_does(api: Api, editor: User) -> None:
    make_term("secret", status="draft")
    make_term("open")
    shown = api.ask("get", f"{TERMS}?status=draft")
    assert [row["slug"] for row in shown.json()["results"]] == ["secret"]
    assert shown["Cache-Control"] == "private, no-store"
    assert "Authorization" in shown["Vary"]
    assert [row["slug"] for row in api.ask("get", f"{TERMS}?status=all").json()["results"]] == [
        "open",
        "secret",
    ]
    for url in (f"{TERMS}?status=draft", f"{TERMS}/en/secret?status=all"):
        etag = {"if_none_match": Client().get(TERMS)["ETag"]}
        is_problem(Client().get(url), 401)
        is_problem(Api(editor, "read").ask("get", url, **etag), 403)
        is_problem(Api(make_user(CONTRIBUTORS)).ask("get", url), 403)
    is_problem(api.ask("get", f"{TERMS}?status=loud"), 400)
    is_problem(api.ask("get", f"{TERMS}/en/open?status=draft"), 404)


def test_what_everybody_reads_is_the_same_for_an_editor(api: Api, circle: dict[str, Any]) -> None:
    make_term("secret", status="draft")
    for url in (TERMS, CIRCLE, f"{TERMS}/en/secret"):
        given, public = api.ask("get", url), Client().get(url)
        assert given.content == public.content
        assert given.headers.get("ETag") == public.headers.get("ETag")


def test_an_entry_tells_of_relations_to_drafts_too(api: Api, circle: dict[str, Any]) -> None:
    draft, term = make_term("chord", status="draft"), Term.objects.get(slug="circle")
    Relation.objects.create(from_term=term, to_term=draft, kind="broader")
    read = api.ask("get", f"{CIRCLE}?status=all")
    assert {link["term"]["slug"] for link in read.json()["relations"]} == {"curve", "chord"}
    assert api.ask("put", CIRCLE, read.json(), if_match=read["ETag"]).status_code == 200
    assert Relation.objects.of(draft).count() == 1
