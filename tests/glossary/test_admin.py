"""The editor's way in, through the forms as a browser would send them."""

import re
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth.models import Permission, User
from django.template.loader import render_to_string
from django.test import Client
from django.urls import reverse

from embeddings import pipeline
from embeddings.encoders.hashing import HashingEncoder
from embeddings.models import Embedding, Pending, Space
from terms.models import Miss, Relation, Term
from terms.roles import ADMINISTRATORS
from tests.factories import (
    make_alias,
    make_example,
    make_sense,
    make_term,
    make_topic,
    make_user,
    relate,
)

pytestmark = pytest.mark.django_db
ADD = "/admin/terms/term/add/"
LIST = "/admin/terms/term/"


@pytest.fixture
def editor(client: Client, space: Space) -> Client:
    client.force_login(make_user(ADMINISTRATORS, username="ada"))
    User.objects.get().responsibilities.create(topic=None)
    return client


def change(term: Term) -> str:
    return reverse("admin:terms_term_change", args=[term.pk])


def filled(response: Any) -> dict[str, Any]:
    """What the browser would send back if the form were not touched."""
    forms = [response.context["adminform"].form]
    for inline in response.context["inline_admin_formsets"]:
        forms += [inline.formset.management_form, *inline.formset.forms]
    values = {field.html_name: field.value() for form in forms for field in form}
    return {name: value for name, value in values.items() if value is not None}


def with_sense(form: dict[str, Any], number: int = 0, **fields: Any) -> dict[str, Any]:
    sense = {"position": number + 1, "definition": "A unit.", "examples": "", **fields}
    return {
        **form,
        "senses-TOTAL_FORMS": number + 1,
        **{f"senses-{number}-{name}": value for name, value in sense.items()},
    }


def embed(space: Space) -> None:
    while pipeline.embed_due(space, HashingEncoder()):
        pass


def test_it_adds_a_term_with_senses_and_examples(editor: Client) -> None:
    form = filled(editor.get(ADD)) | {"name": "token", "status": "published"}
    examples = "One token.\n\nTwo tokens,\non two lines.\nSource: A book"
    form = with_sense(form, 0, definition="A unit of text.", examples=examples)
    form = with_sense(form, 1, definition="A coin.", examples="")
    assert editor.post(ADD, form).status_code == 302
    term = Term.objects.get(slug="token")
    first, second = term.senses.order_by("position")
    assert [(e.text, e.source) for e in first.examples.all()] == [
        ("One token.", ""),
        ("Two tokens,\non two lines.", "A book"),
    ]
    assert second.definition == "A coin."
    assert Pending.objects.count() == 2
    assert Client().get("/en/define/token").status_code == 200


def test_it_changes_nothing_when_a_form_is_sent_back_untouched(editor: Client) -> None:
    term, other = make_term("token"), make_term("vector")
    make_example(term.senses.get(), "An example.", source="A book")
    make_alias(term, "tok")
    relate(term, other)
    before = Term.objects.get(pk=term.pk)
    response = editor.post(change(term), filled(editor.get(change(term))))
    assert response.status_code == 302
    after = Term.objects.get(pk=term.pk)
    assert (after.slug, after.name) == (before.slug, before.name)
    assert term.senses.get().examples.get().text == "An example."
    assert Relation.objects.get().provenance == "editor"


def test_it_swaps_two_senses_and_takes_an_example_away(editor: Client) -> None:
    term = make_term("token", "First.")
    second = make_sense(term, "Second.")
    make_example(second, "Gone soon.")
    form = filled(editor.get(change(term)))
    form |= {"senses-0-position": 2, "senses-1-position": 1, "senses-1-examples": ""}
    response = editor.post(change(term), form)
    assert response.status_code == 302, response.context["errors"]
    assert [sense.definition for sense in term.senses.all()] == ["Second.", "First."]
    assert not second.examples.exists()


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("name", "to\u202eken", "bidi override (U+202E) at character 3"),
        ("name", "", "required"),
        ("senses-0-definition", "a\x00b", "Null characters"),
        ("senses-0-definition", "a\x1bb", "control character (U+001B) at character 2"),
        ("senses-0-definition", "   ", "required"),
        ("senses-0-definition", "x" * 20_001, "at most 20000"),
        ("senses-0-examples", "a\u2066b", "bidi override (U+2066) at character 2"),
        ("senses-0-examples", "Source: alone", "without an example"),
        ("slug", "Not Normal", "lower-case letters"),
        ("slug", "vector", "has this address"),
        ("language", "klingon!", "language tag"),
        ("replaced_by", "other", "Only a deprecated term"),
    ],
)
def test_it_says_what_is_wrong_where_it_is_wrong(
    editor: Client, field: str, value: str, words: str
) -> None:
    other, term = make_term("vector"), make_term("token", "A unit.")
    form = filled(editor.get(change(term))) | {field: str(other.pk) if value == "other" else value}
    response = editor.post(change(term), form)
    assert response.status_code == 200
    assert words in response.content.decode()
    assert Term.objects.get(pk=term.pk).slug == "token"


def test_it_publishes_deprecates_and_embeds_again_in_bulk(editor: Client, space: Space) -> None:
    terms = [make_term(status="draft") for _ in range(3)]
    empty = Term.objects.create(name="without a sense")
    chosen = [str(term.pk) for term in [*terms, empty]]
    editor.post(LIST, {"action": "publish", "_selected_action": chosen})
    assert Term.objects.published().count() == 3
    embed(space)
    editor.post(LIST, {"action": "embed_again", "_selected_action": chosen})
    assert (Embedding.objects.count(), Pending.objects.count()) == (0, 3)
    editor.post(LIST, {"action": "deprecate", "_selected_action": chosen[:1]})
    terms[0].refresh_from_db()
    assert terms[0].status == "deprecated"


def test_it_offers_no_action_to_who_may_only_look(client: Client, space: Space) -> None:
    user = User.objects.create_user("guest", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename="view_term"))
    client.force_login(user)
    term = make_term(status="draft")
    for action in ("publish", "deprecate", "embed_again", "delete_selected"):
        client.post(LIST, {"action": action, "_selected_action": [str(term.pk)]})
    term.refresh_from_db()
    assert term.status == "draft"


def test_it_minds_no_relation_that_is_there_the_other_way_round(editor: Client) -> None:
    one, other = make_term(), make_term()
    relate(one, other)
    form = filled(editor.get(change(other)))
    form |= {"relations_out-TOTAL_FORMS": 1, "relations_out-0-kind": "related"}
    form |= {"relations_out-0-to_term": one.pk, "relations_out-0-from_term": other.pk}
    assert editor.post(change(other), form).status_code in {200, 302}
    assert Relation.objects.count() == 1


def test_it_previews_a_draft_to_editors_only(editor: Client) -> None:
    term = make_term("hidden", "Not yet to be read.", status="draft")
    url = reverse("admin:terms_term_preview", args=[term.pk])
    assert b"Not yet to be read." in editor.get(url).content
    assert Client().get(url).status_code == 302
    assert Client().get("/en/define/hidden").status_code == 404


@pytest.mark.django_db(transaction=True)
def test_it_shows_who_changed_which_words_and_why(editor: Client) -> None:
    term = make_term("token", "A small unit.")
    form = filled(editor.get(change(term))) | {"senses-0-definition": "A big unit."}
    editor.post(change(term), form)
    page = editor.get(f"/admin/terms/term/{term.pk}/history/").content.decode()
    assert "<del>small</del> <ins>big</ins>" in page
    assert "· ada" in page


def test_it_keeps_the_history_of_a_deleted_term(editor: Client) -> None:
    term = make_term("token")
    response = editor.post(f"/admin/terms/term/{term.pk}/delete/", {"post": "yes"})
    assert response.status_code == 302
    assert not Term.objects.exists()
    assert Client().get("/en/define/token").status_code == 410


def test_it_finds_terms_by_definition_status_and_embedding(editor: Client, space: Space) -> None:
    make_term("token", "A quite peculiar unit.").senses.get().topics.add(make_topic("text"))
    embed(space)
    make_term("vector", status="draft")
    parked = make_term("poison").senses.get()
    Pending.objects.filter(sense=parked).update(parked=True, last_error="ValueError: no")

    def names(query: str) -> set[str]:
        found = editor.get(f"{LIST}?{query}").context["cl"].result_list
        return {term.name for term in found}

    assert names("q=peculiar") == {"token"}
    assert names("status__exact=draft") == {"vector"}
    assert names("embedding=embedded") == {"token"}
    assert names("embedding=waiting") == {"vector"}
    assert names("embedding=parked") == {"poison"}
    assert "parked: ValueError: no" in editor.get(change(parked.term)).content.decode()


def test_it_lists_wanted_terms_and_starts_a_draft_with_one_click(editor: Client) -> None:
    for query in ("vector of task", "vector of task", "map & <compass>"):
        Miss.objects.count_one(query)
    page = editor.get("/admin/terms/miss/").content.decode()
    assert page.index("vector of task") < page.index("map &amp; &lt;compass&gt;")
    assert 'href="/admin/terms/term/add/?name=map+%26+%3Ccompass%3E"' in page
    started = filled(editor.get(f"{ADD}?name=map+%26+%3Ccompass%3E"))
    assert (started["name"], started["status"]) == ("map & <compass>", "draft")


def test_it_asks_the_database_as_often_for_thirty_terms_as_for_three(
    editor: Client, django_assert_max_num_queries: Any
) -> None:
    for _ in range(3):
        make_sense(make_term())
    with django_assert_max_num_queries(12) as three:
        editor.get(LIST)
    for _ in range(27):
        make_sense(make_term())
    with django_assert_max_num_queries(12) as thirty:
        editor.get(LIST)
    assert len(three.captured_queries) == len(thirty.captured_queries)


def test_the_admin_says_how_far_a_space_is_and_how_long_it_will_take(
    admin_client: Client, space: Space
) -> None:
    make_term("token")
    make_term("vector")
    pipeline.embed_due(space, HashingEncoder(), limit=1)
    url = reverse("admin:embeddings_space_changelist")
    assert "1 of 2" in admin_client.get(url).text
    space.attend(pace=1 / 600)
    page = admin_client.get(url).text
    assert '<progress max="2" value="1"' in page
    assert "1 of 2, about 10\xa0minutes left" in page
    pipeline.embed_due(space, HashingEncoder())
    assert "left" not in admin_client.get(url).text.split("2 of 2")[1].split("</td>")[0]


def test_the_documentation_has_the_keys_that_the_page_lists() -> None:
    """What each of them does is tried in tests/e2e/test_desk.py."""
    context = {"is_form": True, "original": {"pk": 1}}
    page = render_to_string("admin/terms/term/keys.html", context)
    listed = re.findall(r"<dt>(.*?)</dt><dd>(.*?)</dd>", page)
    rows = [f"| {re.sub('</?kbd>', '`', keys)} | {does} |" for keys, does in listed]
    table = "\n".join(["", "| key | does |", "|---|---|", *rows, ""])
    assert table in (settings.BASE_DIR / "docs" / "editor.md").read_text()
