"""Groups, the direction between two, and directions that are kept by a name."""

from typing import Any

import numpy as np
import pytest
from django.test import Client

from embeddings import tasks
from embeddings.lab import load
from embeddings.lab.direction import Told
from embeddings.lab.given import NotGiven
from embeddings.lab.groups import OF_TOPIC, gather
from embeddings.lab.workspace import Workspace
from embeddings.models import Direction, LearnedDirection, Space
from embeddings.operations import Impossible
from terms.models import Glossary, Term
from tests.embeddings.lab.asking import embed_all
from tests.factories import make_editor, make_sense, make_term, make_topic

pytestmark = pytest.mark.django_db

BEASTS = ["cat", "dog", "wolf", "mouse", "horse", "goat"]
MONEY = ["invoice", "receipt", "bill", "loan", "cheque", "fee"]
ASKED = {"toward": "topic:beasts", "away": "topic:money"}


@pytest.fixture
def workspace(space: Space) -> Workspace:
    """Two topics of six, and a term of neither near to each."""
    Glossary.objects.get_or_create(id=1)
    for topic, names, text in (
        ("beasts", BEASTS, "An animal with fur that runs and eats"),
        ("money", MONEY, "A paper that says how much money is owed"),
    ):
        made = make_topic(topic)
        for number, name in enumerate(names):
            make_term(name, f"{text}, number {number}.").senses.get().topics.add(made)
    make_term("fox", "An animal with fur that runs and hides.")
    make_term("debt", "How much money is owed.")
    embed_all(space)
    return Workspace(space, "en")


def told(workspace: Workspace, **asked: Any) -> Told:
    operation = load("direction")
    fields = operation.Asked(data=ASKED | asked, context={"workspace": workspace})
    fields.is_valid(raise_exception=True)
    found = operation.answer(workspace, **fields.validated_data)
    assert isinstance(found, Told)
    return found


# Groups


def test_a_group_is_lines_or_commas_and_each_member_is_there_once(workspace: Workspace) -> None:
    for asked in (["cat", "Cat", "term:dog", "cat"], ["cat", "dog"]):
        group = gather(workspace, asked)
        assert [member.name for member in group.members] == ["cat", "dog"]
        assert group.vectors.shape == (2, workspace.space.dimensions)


def test_a_topic_stands_for_its_public_senses(workspace: Workspace) -> None:
    Term.objects.filter(name="wolf").update(status="draft")
    group = gather(workspace, ["topic:beasts", "fox"])
    assert {member.name for member in group.members} == {*BEASTS, "fox"} - {"wolf"}
    assert len(group.members) <= OF_TOPIC


@pytest.mark.parametrize(
    ("asked", "why"),
    [
        (["topic:nothing"], "no topic “nothing”"),
        (["term:unicorn"], "no term “unicorn”"),
        ([f"cat {n}" for n in range(51)], "up to 50 lines"),
        (["x" * 1_001], "up to 1000 characters"),
        ([{"a": 1}], "a name, words of your own, or a list"),
        ([[1.0, 2.0]], "2 numbers"),
    ],
)
def test_a_group_says_what_is_wrong_with_it(
    workspace: Workspace, asked: list[Any], why: str
) -> None:
    with pytest.raises(NotGiven, match=why):
        gather(workspace, asked)


def test_a_group_of_fifty_terms_takes_few_queries(
    workspace: Workspace, django_assert_max_num_queries: Any
) -> None:
    for number in range(50):
        make_term(f"thing {number}")
    embed_all(workspace.space)
    with django_assert_max_num_queries(2):
        assert len(gather(workspace, [f"thing {n}" for n in range(50)]).members) == 50


# The direction


def test_it_tells_its_groups_apart_better_than_chance(workspace: Workspace) -> None:
    found = told(workspace)
    assert found.figures.auc > 0.95 >= found.figures.chance_95
    assert 0.3 < found.figures.chance < 0.7
    assert found.figures.stability > 0.9
    assert (found.toward.astray, found.away.astray) == (0, 0)


def test_what_means_nothing_is_told_to_be_no_better_than_chance(workspace: Workspace) -> None:
    mixed = {"toward": BEASTS[::2] + MONEY[::2], "away": BEASTS[1::2] + MONEY[1::2]}
    assert told(workspace, **mixed).figures.is_chance


def test_turned_round_it_is_the_same_the_other_way(workspace: Workspace) -> None:
    there, back = told(workspace), told(workspace, toward=ASKED["away"], away=ASKED["toward"])
    assert np.allclose(there.vectors["direction"], -back.vectors["direction"], atol=1e-5)
    assert there.toward.hits == back.away.hits


def test_its_ends_are_of_neither_group(workspace: Workspace) -> None:
    found = told(workspace)
    assert found.toward.hits[0].term.name == "fox"
    assert found.away.hits[0].term.name == "debt"
    for side in found.sides:
        assert not {hit.term.name for hit in side.hits} & {*BEASTS, *MONEY}


def test_the_drawing_has_every_member(workspace: Workspace) -> None:
    drawn = told(workspace).drawn
    assert (len(drawn["toward"]), len(drawn["away"])) == (len(BEASTS), len(MONEY))
    assert {0.0, 600.0} <= {*drawn["toward"], *drawn["away"]}
    assert min(drawn["toward"]) > drawn["middle"] > max(drawn["away"])


@pytest.mark.parametrize(
    ("toward", "away", "why"),
    [
        ("cat", "topic:money", "two members or more"),
        ("cat, dog, fox", "fox, debt, cat, bill", "In both groups: cat, fox"),
        ("cat, dog", "topic:beasts", "within the other: cat, dog"),
    ],
)
def test_groups_that_have_no_direction_say_why(
    workspace: Workspace, client: Client, toward: str, away: str, why: str
) -> None:
    with pytest.raises(Impossible, match=why):
        told(workspace, toward=toward, away=away)
    page = client.get("/en/lab/direction", {"toward": toward, "away": away})
    assert page.status_code == 400
    assert why in page.content.decode()


def test_groups_with_one_middle_have_no_direction(workspace: Workspace) -> None:
    one, other = np.eye(workspace.space.dimensions)[:2].tolist()
    group = [one, [-x for x in one]]
    with pytest.raises(Impossible, match="same middle"):
        told(workspace, toward=group, away=[other, [-x for x in other]])


@pytest.mark.parametrize("asked", [{}, {"toward": "cat, dog"}, {"toward": " ,\n", "away": "a, b"}])
def test_an_empty_group_is_named(workspace: Workspace, client: Client, asked: Any) -> None:
    answer = client.get("/api/v1/lab/direction", asked)
    assert answer.status_code == 400
    assert {"toward", "away"} & answer.json().keys() or "errors" in answer.json()


def test_the_page_and_rest_tell_the_same(workspace: Workspace, client: Client) -> None:
    page = client.get("/en/lab/direction", ASKED).content.decode()
    answer = client.get("/api/v1/lab/direction", ASKED | {"vectors": "1"}).json()
    assert f"orders {round(100 * answer['figures']['auc'])}% of the pairs" in page
    assert len(answer["vectors"]["direction"]) == workspace.space.dimensions
    assert answer["toward"]["results"][0]["term"]["slug"] == "fox"
    assert client.post(
        "/api/v1/lab/direction", {"toward": BEASTS, "away": MONEY}, content_type="application/json"
    ).json()["figures"]["fewest"] == len(MONEY)


# Kept by a name


@pytest.fixture
def kept(workspace: Workspace) -> Direction:
    made = Direction.objects.create(name="Living", slug="living", **ASKED)
    made.learn(workspace.space)
    return made


def test_an_editor_keeps_one_from_the_address_of_the_page(
    workspace: Workspace, client: Client
) -> None:
    client.force_login(editor := make_editor(whole=True))
    form = client.get("/admin/embeddings/direction/add/", ASKED)
    assert "topic:beasts" in form.content.decode()
    client.post("/admin/embeddings/direction/add/", ASKED | {"name": "Living", "language": "en"})
    made = Direction.objects.get()
    assert (made.slug, made.made_by) == ("living", editor)
    learned = made.learned.get()
    assert learned.figures["auc"] > 0.95
    assert np.allclose(learned.vector, told(workspace).vectors["direction"], atol=1e-5)


def test_one_that_cannot_be_learned_is_not_kept(workspace: Workspace, client: Client) -> None:
    client.force_login(make_editor(whole=True))
    sent = {"name": "No", "language": "en", "toward": "topic:none", "away": "cat, dog"}
    form = client.post("/admin/embeddings/direction/add/", sent).content.decode()
    assert "no topic “none”" in form
    assert not Direction.objects.exists()


def test_it_is_learned_anew_when_vectors_change(kept: Direction, space: Space) -> None:
    before = np.asarray(kept.learned.get().vector)
    for term in Term.objects.filter(senses__topics__slug="beasts"):
        sense = term.senses.get()
        sense.definition = f"A beast with feathers that sings, {term.name}."
        sense.save()
    embed_all(space)
    tasks.set_backdrop()
    after = np.asarray(kept.learned.get().vector)
    assert not np.allclose(before, after, atol=1e-3)


def test_a_new_space_learns_its_own(kept: Direction, space: Space) -> None:
    other = Space.objects.begin("hashing", name="another")
    embed_all(other)
    other.activate()
    embed_all(other)
    tasks.set_backdrop()
    assert {learned.space for learned in LearnedDirection.objects.all()} == {space, other}


def test_one_whose_members_are_gone_says_so_and_is_not_shown(
    kept: Direction, space: Space, client: Client
) -> None:
    Term.objects.filter(senses__topics__slug="beasts").update(status="draft")
    assert "no topic “beasts”" in kept.learn(space).error
    assert client.get("/api/v1/lab/directions").json()["results"] == []


def test_it_is_listed_on_the_page_and_by_rest(kept: Direction, client: Client) -> None:
    assert "Living" in client.get("/en/lab/direction").content.decode()
    [row] = client.get("/api/v1/lab/directions").json()["results"]
    assert (row["slug"], row["toward"], row["figures"]["fewest"]) == ("living", "topic:beasts", 6)
    assert "vector" not in row
    [row] = client.get("/api/v1/lab/directions?vectors=1").json()["results"]
    assert np.linalg.norm(row["vector"]) == pytest.approx(1, abs=1e-3)


def test_a_second_sense_may_be_in_the_other_group(workspace: Workspace) -> None:
    bill = Term.objects.get(name="bill")
    make_sense(bill, "The mouth of an animal that eats, with feathers.")
    embed_all(workspace.space)
    keys = [sense.key for sense in bill.senses.order_by("position")]
    found = told(workspace, toward=f"topic:beasts\nsense:{keys[1]}")
    assert len(found.toward.placed) == len(BEASTS) + 1
