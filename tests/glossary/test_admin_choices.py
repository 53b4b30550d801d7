"""Fields that search: what cannot be an id is an error on the form, never one of the server."""

from typing import Any

import pytest
from django.test import Client

from terms.roles import ADMINISTRATORS
from tests.factories import make_term, make_user, relate
from tests.glossary.test_admin import change, filled

pytestmark = pytest.mark.django_db
NO_IDS = ["x", "-1", "1.5", "²", "9" * 40, "a\x00b", "<b>"]


@pytest.fixture
def editor(client: Client, space: object) -> Client:
    user = make_user(ADMINISTRATORS, is_superuser=True)
    client.force_login(user)
    return client


@pytest.mark.parametrize("sent", NO_IDS)
def test_a_form_is_shown_again_with_what_is_wrong(editor: Client, sent: str) -> None:
    term = make_term()
    relate(term, make_term())
    form: dict[str, Any] = filled(editor.get(change(term)))
    for field in ("replaced_by", "senses-0-topics", "senses-0-sources", "relations_out-0-to_term"):
        answer = editor.post(change(term), form | {field: sent})
        assert answer.status_code == 200, field
        assert answer.context["errors"], field


@pytest.mark.parametrize("sent", NO_IDS)
def test_every_form_that_searches_answers(editor: Client, sent: str) -> None:
    term = make_term()
    user = make_user()
    merging = editor.post(f"/admin/terms/term/{term.pk}/merge/", {"into": sent})
    assert (merging.status_code, list(merging.context["form"].errors)) == (200, ["into"])
    many = {"action": "change_many", "_selected_action": [term.pk], "apply": "1", "to_term": sent}
    assert editor.post("/admin/terms/term/", many).status_code == 200
    new = {
        "/admin/terms/topic/add/": {"name": "geometry", "parent": sent},
        "/admin/embeddings/pinnedquestion/add/": {"question": "What?", "term": sent},
        "/admin/terms/bundle/add/": rows("entries", title="First steps", term=sent),
        f"/admin/auth/user/{user.pk}/change/": rows("responsibilities", topic=sent),
    }
    for address, form in new.items():
        answer = editor.post(address, form)
        assert answer.status_code == 200, address
        assert answer.context["errors"], address


def rows(prefix: str, title: str = "", **fields: str) -> dict[str, Any]:
    row = {f"{prefix}-0-{name}": value for name, value in fields.items()}
    return {"title": title, f"{prefix}-TOTAL_FORMS": 1, f"{prefix}-INITIAL_FORMS": 0, **row}


def test_a_term_is_chosen_by_its_name_first(editor: Client) -> None:
    for name in ("anchor", "a vector store", "vector", "Vectors", "zebra"):
        make_term(name, "It has to do with a vector.")
    asked = {"app_label": "terms", "model_name": "term", "field_name": "replaced_by"}
    rows = editor.get("/admin/autocomplete/", asked | {"term": "véctor"}).json()["results"]
    assert [row["text"] for row in rows] == []
    rows = editor.get("/admin/autocomplete/", asked | {"term": "Vector"}).json()["results"]
    told = [row["text"] for row in rows]
    assert told == ["vector", "Vectors", "a vector store", "anchor", "zebra"]
    assert len(editor.get("/admin/terms/term/", {"q": "vector"}).context["cl"].result_list) == 5
