"""Clusters in the lab: groups that are there are found, named, and told beside chance."""

from typing import Any

import numpy as np
import pytest
from django.test import Client

from embeddings import tasks
from embeddings.lab import grouping
from embeddings.models import Space
from terms.models import Glossary, Term
from tests.embeddings.lab.asking import embed_all
from tests.factories import make_layout, make_term, make_topic

pytestmark = pytest.mark.django_db

URL = "/api/v1/lab/cluster"
SUBJECTS = ["river water flowing", "music sound playing", "metal iron forging"]


@pytest.fixture
def terms(space: Space) -> list[Term]:
    Glossary.objects.get_or_create(id=1)
    terms = [
        make_term(f"thing{n}", f"{SUBJECTS[n % 3]} and {SUBJECTS[n % 3]} number{n}")
        for n in range(30)
    ]
    embed_all(space)
    tasks.set_backdrop()
    return terms


def asked(client: Client, **parameters: Any) -> dict[str, Any]:
    answer: dict[str, Any] = client.get(URL, parameters).json()
    return answer


def test_it_finds_the_groups_and_names_them_better_than_chance(
    client: Client, terms: list[Term]
) -> None:
    answer = asked(client, k=3)
    assert [group["size"] for group in answer["results"]] == [10, 10, 10]
    words = [set(" ".join(group["words"]).split()) for group in answer["results"]]
    assert all(sum(bool(group & set(s.split())) for group in words) == 1 for s in SUBJECTS)
    for group in answer["results"]:
        assert group["fit"]["named"] == 1
        assert group["fit"]["named_outside"] == 0
        assert group["fit"]["cosine"] > group["fit"]["cosine_outside"]
    gains = [answer[of]["named"] - answer[of]["named_outside"] for of in ("fit", "chance")]
    assert gains[0] > gains[1]
    assert answer["fit"]["cosine"] > answer["chance"]["cosine"]


def test_as_many_as_suit_unless_told_and_the_same_each_time(
    client: Client, terms: list[Term]
) -> None:
    assert asked(client)["k"] == 4
    assert asked(client) == asked(client)


def test_a_hidden_term_is_in_no_cluster_and_names_none(client: Client, terms: list[Term]) -> None:
    asked(client, k=3)
    Term.objects.filter(pk__in=[term.pk for term in terms[::3]]).update(status="draft")
    answer = asked(client, k=2)
    assert answer["of"] == 20
    assert "river" not in str(answer["results"])
    assert "thing0'" not in str(answer["results"])


def test_it_keeps_to_a_topic_and_to_what_is_near(client: Client, terms: list[Term]) -> None:
    topic = make_topic("Rivers", slug="rivers")
    for term in terms[:21]:
        term.senses.get().topics.add(topic)
    assert asked(client, k=3, topic="rivers")["of"] == 21
    assert asked(client, k=2, near="text: music sound", among=10)["of"] == 10
    both = asked(client, k=2, near="text: music sound", among=10, topic="rivers")
    assert (both["of"], both["topic"], both["near"]["kind"]) == (10, "rivers", "text")


def test_it_goes_on_from_the_map_and_is_drawn_on_it(
    client: Client, space: Space, terms: list[Term]
) -> None:
    make_layout(space, *terms)
    assert asked(client, k=2)["goes_on"]
    assert not asked(client, k=3)["goes_on"]
    page = client.get("/en/lab/cluster", {"k": 3}).content.decode()
    assert "map-frame" in page
    assert page.count('class="cluster-name"') == 3


@pytest.mark.parametrize(
    "wrong",
    [
        *({"k": k} for k in (1, 41, "x", 10**9, 20)),
        *[{"among": 3}, {"topic": "no\x00ne"}, {"near": "term:none"}],
    ],
)
def test_what_has_no_answer_is_refused(
    client: Client, terms: list[Term], wrong: dict[str, Any]
) -> None:
    for address in (URL, "/en/lab/cluster"):
        assert client.get(address, wrong).status_code == 400


def test_its_page_answers_at_once_and_says_when_it_cannot(client: Client, space: Space) -> None:
    Glossary.objects.get_or_create(id=1)
    page = client.get("/en/lab/cluster")
    assert page.status_code == 200
    assert "Nothing is measured yet" in page.content.decode()


def test_its_page_shows_the_clusters(client: Client, terms: list[Term]) -> None:
    page = client.get("/en/lab/cluster").content.decode()
    assert "30 senses in 4 clusters" in page
    assert "by chance" in page


def test_cohesion_is_that_of_all_pairs() -> None:
    vectors = np.random.default_rng(0).standard_normal((12, 5)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    labels = np.array([0, 1, 2] * 4)
    inside, outside = grouping.cohesion(vectors, labels, 3)
    cosines = vectors @ vectors.T
    same = cosines[np.ix_(labels == 1, labels == 1)]
    assert inside[1] == pytest.approx(float((same.sum() - 4) / 12), abs=1e-5)
    assert outside[1] == pytest.approx(float(cosines[labels == 1][:, labels != 1].mean()), abs=1e-5)
