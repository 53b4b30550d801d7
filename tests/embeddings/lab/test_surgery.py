"""A meaning moved along a direction or robbed of it, beside the same by chance."""

from typing import Any

import numpy as np
import pytest
from django.test import Client

from embeddings.lab import backdrop, load
from embeddings.lab.backdrop import Sample
from embeddings.lab.erasure import related
from embeddings.lab.surgery import AMOUNTS, Cut
from embeddings.lab.workspace import Workspace
from embeddings.models import Direction
from embeddings.operations import Impossible
from terms.models import Term

pytestmark = pytest.mark.django_db

ASKED = {"of": "vet", "toward": "invoice, receipt, bill", "away": "cat, dog, wolf"}


def cut(workspace: Workspace, **asked: Any) -> Cut:
    operation = load("surgery")
    fields = operation.Asked(data=ASKED | asked, context={"workspace": workspace})
    fields.is_valid(raise_exception=True)
    found = operation.answer(workspace, **fields.validated_data)
    assert isinstance(found, Cut)
    return found


def test_moved_by_nothing_all_stays(workspace: Workspace) -> None:
    found = cut(workspace, amount=0)
    assert found.before == found.after == found.control
    assert found.moved == set()


def test_what_is_operated_on_is_left_out(workspace: Workspace) -> None:
    found = cut(workspace)
    for hits in (found.before, found.after, found.control):
        assert "vet" not in {hit.term.name for hit in hits}


def test_a_shift_goes_up_the_direction_and_the_other_way_down(workspace: Workspace) -> None:
    way = cut(workspace).vectors["direction"]
    heights = [cut(workspace, amount=amount).vectors["result"] @ way for amount in (-0.5, 0, 0.5)]
    assert heights == sorted(heights)
    assert heights[0] < heights[1] < heights[2]


def test_the_curve_has_every_amount_with_its_control(workspace: Workspace) -> None:
    found = cut(workspace, amount=0.3)
    assert [point.amount for point in found.curve] == AMOUNTS
    assert found.curve[AMOUNTS.index(0.3)] == found.here
    assert found.curve[AMOUNTS.index(0)] == found.none
    assert (found.curve[0].x, found.curve[-1].x) == (0, 600)


def test_dampened_nothing_is_left_along_the_direction(workspace: Workspace) -> None:
    found = cut(workspace, how="dampen")
    assert abs(found.vectors["result"] @ found.vectors["direction"]) < 1e-5
    assert found.curve == []
    assert found.erasure is not None
    assert found.erasure.probe_after <= found.erasure.probe
    assert found.erasure.guess == 0.5
    assert found.erasure.related is None


def test_dampening_is_weighed_on_the_curated_relations(workspace: Workspace) -> None:
    backdrop.measure(workspace.space, "en")
    found = Workspace(workspace.space, "en")
    erasure = cut(found, how="dampen").erasure
    assert erasure is not None
    assert erasure.related is not None
    assert 0 < erasure.related <= 1


def test_related_ndcg_is_1_where_each_relation_is_nearest() -> None:
    vectors = np.eye(4, dtype=np.float32)
    vectors[1], vectors[3] = vectors[0], vectors[2]
    sample = Sample(np.arange(4), np.arange(4), vectors, np.array([[0, 1], [2, 3]]))
    assert related(sample, vectors) == 1
    alone = Sample(sample.senses, sample.terms, vectors, np.zeros((0, 2), dtype=np.int64))
    assert related(alone, vectors) is None


def test_what_is_all_direction_cannot_be_dampened(workspace: Workspace) -> None:
    way = cut(workspace).vectors["direction"]
    with pytest.raises(Impossible, match="nothing of it would be left"):
        cut(workspace, of="vector:" + ",".join(map(str, way)), how="dampen")


@pytest.mark.parametrize(
    ("asked", "why"),
    [
        ({"amount": "0.7"}, "less than or equal to 0.5"),
        ({"amount": "nan"}, "valid number"),
        ({"how": "burn"}, "not a valid choice"),
        ({"toward": ""}, "Name the members"),
        ({"direction": "no-such"}, "no direction “no-such”"),
        ({"toward": "cat, dog"}, "within the other"),
        ({"of": ""}, "Name a term"),
    ],
)
def test_what_has_no_answer_is_told_why(
    workspace: Workspace, client: Client, asked: dict[str, str], why: str
) -> None:
    page = client.get("/en/lab/surgery", ASKED | asked)
    assert page.status_code == 400
    assert why in page.content.decode()
    assert client.get("/api/v1/lab/surgery", ASKED | asked).status_code == 400


def test_a_kept_direction_stands_for_its_groups(workspace: Workspace, client: Client) -> None:
    groups = {side: ASKED[side] for side in ("toward", "away")}
    made = Direction.objects.create(name="Papers", slug="papers", **groups)
    made.learn(workspace.space)
    by_name = client.get("/api/v1/lab/surgery", {"of": "vet", "direction": "papers"}).json()
    by_groups = client.get("/api/v1/lab/surgery", ASKED).json()
    assert by_name["direction"] == "Papers"
    assert by_name["results"] == by_groups["results"]
    assert by_name["curve"] == by_groups["curve"]


def test_the_page_shows_the_control_beside_it(workspace: Workspace, client: Client) -> None:
    page = client.get("/en/lab/surgery", ASKED).content.decode()
    assert "Along a random direction" in page
    assert 'polyline class="control"' in page
    dampened = client.get("/en/lab/surgery", ASKED | {"how": "dampen"}).content.decode()
    assert "linear information" in dampened
    assert "a guess: 50%" in dampened


def test_drafts_are_near_nothing(workspace: Workspace) -> None:
    Term.objects.filter(name="loan").update(status="draft")
    found = cut(workspace)
    assert "loan" not in {hit.term.name for hit in [*found.before, *found.after, *found.control]}
