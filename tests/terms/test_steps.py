"""The steps of a term in the admin: who may take them, when, why, and of which version."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from terms import planned
from terms.models import PlannedPublication, Term, Topic
from terms.models.history import events_of
from terms.restoring import changes
from tests.factories import make_editor, make_term, make_topic
from tests.glossary.test_admin import ADD, LIST, change, filled, with_sense

pytestmark = pytest.mark.django_db


@pytest.fixture
def geometry() -> Topic:
    return make_topic("geometry")


@pytest.fixture
def ada(geometry: Topic) -> User:
    """An editor, responsible for geometry."""
    return make_editor(geometry, username="ada")


@pytest.fixture
def admin(client: Client, ada: User, space: object) -> Client:
    client.force_login(ada)
    return client


def term_in(*topics: Topic, **fields: Any) -> Term:
    term = make_term(**fields)
    term.senses.get().topics.set(topics)
    term.refresh_from_db()
    return term


def errors(response: Any) -> str:
    return " ".join(str(error) for error in response.context["adminform"].form.errors.values())


def test_an_editor_sends_a_draft_to_review_but_publishes_only_in_own_topics(
    admin: Client, geometry: Topic
) -> None:
    form = with_sense(filled(admin.get(ADD)) | {"name": "circle", "status": "review"})
    assert admin.post(ADD, form).status_code == 302
    term = Term.objects.get()
    refused = admin.post(change(term), filled(admin.get(change(term))) | {"status": "published"})
    assert "no topic that you are responsible for" in errors(refused)
    assert Term.objects.get().status == "review"
    form = filled(admin.get(change(term))) | {"status": "published"}
    form |= {"senses-0-topics": [geometry.pk]}
    assert admin.post(change(term), form).status_code == 302
    assert Term.objects.get().status == "published"


def test_what_was_typed_is_still_there_when_a_step_is_refused(admin: Client) -> None:
    form = with_sense(filled(admin.get(ADD)) | {"name": "circle", "status": "published"})
    refused = admin.post(ADD, form)
    assert filled(refused)["name"] == "circle"
    assert filled(refused)["senses-0-definition"] == "A unit."
    assert not Term.objects.exists()
    assert not events_of(Term).exists()


def test_terms_of_others_can_be_read_not_changed(admin: Client) -> None:
    term = term_in(make_topic("botany"))
    assert "_save" not in admin.get(change(term)).content.decode()
    assert admin.post(change(term), {"name": "mine"}).status_code == 403
    assert admin.post(f"/admin/terms/term/{term.pk}/delete/", {"post": "yes"}).status_code == 403
    for action in ("deprecate", "delete_selected"):
        data = {"action": action, "_selected_action": [term.pk], "post": "yes"}
        admin.post(LIST, data)
    term.refresh_from_db()
    assert term.status == "published"


def test_in_bulk_each_term_takes_its_own_right(admin: Client, geometry: Topic) -> None:
    own = term_in(geometry, status="review")
    other = term_in(make_topic("botany"), status="review")
    chosen = {"action": "publish", "_selected_action": [own.pk, other.pk]}
    page = admin.post(LIST, chosen, follow=True).content.decode()
    assert [term.status for term in Term.objects.order_by("pk")] == ["published", "review"]
    assert "1 term changed" in page
    assert "1 term left as before" in page


def test_a_public_term_keeps_a_sense(admin: Client, geometry: Topic) -> None:
    term = term_in(geometry)
    form = filled(admin.get(change(term))) | {"senses-0-DELETE": "on"}
    assert admin.post(change(term), form).status_code == 200
    assert term.senses.count() == 1


def test_each_step_is_recorded_with_who_and_why(admin: Client, geometry: Topic) -> None:
    term = term_in(geometry, status="review")
    form = filled(admin.get(change(term))) | {"status": "published", "reason": "as agreed"}
    admin.post(change(term), form)
    told = {(change.who, change.why) for change in changes(term)}
    assert ("ada", "as agreed") in told


class TestPlannedPublication:
    def plan(self, admin: Client, term: Term, days: int = 1, **fields: Any) -> Any:
        at = timezone.now() + timedelta(days=days)
        form = filled(admin.get(change(term))) | fields
        form |= {"publish_at_0": at.strftime("%Y-%m-%d"), "publish_at_1": "12:00:00"}
        return admin.post(change(term), form)

    def due(self) -> None:
        PlannedPublication.objects.update(at=timezone.now())

    def test_a_term_is_published_at_its_time(self, admin: Client, geometry: Topic) -> None:
        term = term_in(geometry, status="review")
        assert self.plan(admin, term, reason="with the release").status_code == 302
        assert planned.publish_due() == 0
        self.due()
        assert planned.publish_due() == 1
        term.refresh_from_db()
        assert term.status == "published"
        assert not PlannedPublication.objects.exists()
        assert ("ada", "with the release") in {(c.who, c.why) for c in changes(term)}

    def test_a_time_is_kept_moved_and_dropped(self, admin: Client, geometry: Topic) -> None:
        term = term_in(geometry, status="review")
        self.plan(admin, term)
        at = PlannedPublication.objects.get().at
        admin.post(change(term), form := as_sent(admin.get(change(term))))
        assert PlannedPublication.objects.get().at == at
        admin.post(change(term), form | {"publish_at_0": "", "publish_at_1": ""})
        assert not PlannedPublication.objects.exists()

    def test_it_is_a_time_to_come_and_of_a_term_that_is_not_public(
        self, admin: Client, geometry: Topic
    ) -> None:
        term = term_in(geometry, status="review")
        assert "has passed" in errors(self.plan(admin, term, days=-2))
        assert "public as soon as" in errors(self.plan(admin, term, status="published"))

    def test_only_who_may_publish_sets_one(self, admin: Client) -> None:
        term = term_in(make_topic("botany"), status="review")
        assert "may not publish" in errors(self.plan(admin, term))
        assert not PlannedPublication.objects.exists()

    @pytest.mark.parametrize("cause", ["account", "right", "sense"])
    def test_what_may_not_be_published_any_more_stays_and_says_why(
        self, admin: Client, geometry: Topic, ada: User, cause: str
    ) -> None:
        term = term_in(geometry, status="review")
        self.plan(admin, term)
        match cause:
            case "account":
                User.objects.update(is_active=False)
            case "right":
                ada.responsibilities.all().delete()
            case "sense":
                term.senses.all().delete()
        self.due()
        assert planned.publish_due() == 0
        assert PlannedPublication.objects.get().problem
        assert planned.publish_due() == 0
        assert Term.objects.get().status == "review"


def as_sent(response: Any) -> dict[str, Any]:
    """As a browser sends it back: a time in two fields."""
    form = filled(response)
    if at := form.pop("publish_at", None):
        form |= {"publish_at_0": at.strftime("%Y-%m-%d"), "publish_at_1": at.strftime("%H:%M:%S")}
    return form


def test_the_admin_of_a_term_can_be_reached_by_name() -> None:
    assert reverse("admin:terms_term_add") == ADD


class TestInBulk:
    def send(self, admin: Client, *terms: Term, **wanted: Any) -> str:
        chosen = {"action": "change_many", "_selected_action": [term.pk for term in terms]}
        response = admin.post(LIST, {**chosen, "apply": "1", **wanted}, follow=True)
        return response.content.decode()

    def test_it_asks_what_is_to_change(self, admin: Client, geometry: Topic) -> None:
        term = term_in(geometry, name="circle")
        page = admin.post(LIST, {"action": "change_many", "_selected_action": [term.pk]})
        assert "circle" in page.content.decode()
        assert "Choose what is to change" in self.send(admin, term)
        assert "a kind and a term" in self.send(admin, term, relation="related")

    def test_it_changes_status_topics_and_relations(self, admin: Client, geometry: Topic) -> None:
        shapes, other = make_topic("shapes"), make_term("figure")
        terms = [term_in(geometry) for _ in range(3)]
        done = self.send(
            admin,
            *terms,
            status="deprecated",
            add_topic=shapes.pk,
            remove_topic=geometry.pk,
            relation="broader",
            to_term=other.pk,
            reason="a new order",
        )
        assert "3 terms changed" in done
        for term in Term.objects.exclude(pk=other.pk):
            assert term.status == "deprecated"
            assert list(term.senses.get().topics.all()) == [shapes]
            assert term.relations_out.get().to_term == other
            assert ("ada", "a new order") in {(c.who, c.why) for c in changes(term)}

    def test_what_is_there_already_is_no_hindrance(self, admin: Client, geometry: Topic) -> None:
        term, other = term_in(geometry), make_term("figure")
        for _ in range(2):
            self.send(
                admin, term, other, add_topic=geometry.pk, relation="related", to_term=other.pk
            )
        assert term.relations_out.count() == 1

    def test_it_leaves_alone_what_the_editor_may_not_change(
        self, admin: Client, geometry: Topic
    ) -> None:
        own, foreign = term_in(geometry), term_in(make_topic("botany"))
        draft = term_in(make_topic("poetry"), status="draft")
        said = self.send(admin, own, foreign, draft, status="review")
        assert "1 term left as before" in said
        statuses = [Term.objects.get(pk=term.pk).status for term in (own, foreign, draft)]
        assert statuses == ["review", "published", "review"]
        self.send(admin, draft, status="published")
        assert Term.objects.get(pk=draft.pk).status == "review"
