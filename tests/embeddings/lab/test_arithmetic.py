"""Sums and analogies beside their control."""

from collections.abc import Callable
from itertools import islice, permutations
from typing import Any

import numpy as np
import pytest
from django.test import Client

from embeddings.lab import analogy, backdrop, load
from embeddings.lab.arithmetic import Answer
from embeddings.lab.backdrop import Sample
from embeddings.lab.workspace import Workspace
from embeddings.operations import Impossible
from embeddings.vectors import Matrix, unit
from terms.models import Relation, Term
from tests.factories import make_term, relate

pytestmark = pytest.mark.django_db


def answer(workspace: Workspace, of: str, **asked: Any) -> Answer:
    operation = load("arithmetic")
    fields = operation.Asked(data={"of": of, **asked}, context={"workspace": workspace})
    fields.is_valid(raise_exception=True)
    found = operation.answer(workspace, **fields.validated_data)
    assert isinstance(found, Answer)
    return found


def names(found: Answer) -> list[str]:
    return [each.hit.term.name for each in found.ranked]


def test_one_input_by_itself_finds_what_the_control_finds(workspace: Workspace) -> None:
    found = answer(workspace, "cat")
    assert [each.hit for each in found.ranked] == found.alone
    assert [each.alone for each in found.ranked] == list(range(1, len(found.alone) + 1))
    assert (found.new, found.lost) == (set(), set())


def test_no_input_is_an_answer_or_in_the_control(workspace: Workspace) -> None:
    for method in ("sum", "3cosadd", "3cosmul"):
        found = answer(workspace, "cat - dog + invoice", method=method)
        shown = {*names(found), *(hit.term.name for hit in found.alone)}
        assert shown
        assert not shown & {"cat", "dog", "invoice"}
    found = answer(workspace, "cat", method="offset", pairs="invoice > bank\nbill > loan")
    assert not {"cat", "invoice", "bank", "bill", "loan"} & set(names(found))


def test_weights_move_the_sum_toward_what_weighs_more(workspace: Workspace) -> None:
    assert names(answer(workspace, "cat + 9 invoice"))[0] == "receipt"
    assert names(answer(workspace, "9 cat + invoice"))[0] in {"dog", "mouse"}


def test_3cosadd_ranks_as_the_plain_sum_does(workspace: Workspace) -> None:
    summed = answer(workspace, "cat - dog + invoice")
    assert names(answer(workspace, "cat - 0.5 dog + 3 invoice", method="3cosadd")) == names(summed)


def test_3cosmul_ranks_by_the_product_whatever_the_index_found(workspace: Workspace) -> None:
    found = answer(workspace, "cat + invoice - dog", method="3cosmul")
    scores = [each.score for each in found.ranked]
    assert scores == sorted(scores, reverse=True)
    one, other, away = (each.given.vector for each in found.of)
    best = workspace.entries([found.ranked[0].hit.sense.pk])[0]
    product = (1 + best @ one) * (1 + best @ other) / 4 / ((1 + best @ away) / 2 + 1e-3)
    assert scores[0] == pytest.approx(product, abs=1e-3)


def test_none_of_the_learned_way_is_the_control(workspace: Workspace) -> None:
    found = answer(workspace, "cat", method="offset", pairs="invoice > bank", amount=0)
    assert [each.hit for each in found.ranked] == found.alone


def test_what_cancels_out_is_told(client: Client, workspace: Workspace) -> None:
    with pytest.raises(Impossible, match="cancel"):
        answer(workspace, "cat - cat")
    assert client.get("/en/lab/arithmetic", {"of": "cat - cat"}).status_code == 400


def test_a_map_is_refused_below_a_hundred_pairs(workspace: Workspace) -> None:
    backdrop.measure(workspace.space, "en")
    with pytest.raises(Impossible, match=r"100 pairs or more; there are \d"):
        answer(workspace, "dog", method="map", pairs="relation:related")
    with pytest.raises(Impossible, match="there are 1"):
        answer(workspace, "dog", method="map", pairs="cat > vet")


def test_a_map_is_learned_from_a_hundred_pairs_of_the_readers_own(workspace: Workspace) -> None:
    texts = [f"the animal of number {n}" for n in range(15)]
    pairs = [" > ".join(pair) for pair in islice(permutations(texts, 2), 100)]
    found = answer(workspace, "dog", method="map", pairs="\n".join(pairs))
    assert found.pairs == 100
    assert "dog" not in names(found)
    assert found.ranked


def test_relations_are_learned_from_without_the_term_that_is_asked_for(
    workspace: Workspace, terms: dict[str, Term]
) -> None:
    for one, other in (("cat", "dog"), ("invoice", "bill"), ("bank", "loan")):
        relate(terms[one], terms[other], "broader")
    with pytest.raises(Impossible, match="still being read"):
        answer(workspace, "mouse", method="offset", pairs="relation:broader")
    backdrop.measure(workspace.space, "en")
    workspace = Workspace(workspace.space, "en")
    assert answer(workspace, "mouse", method="offset", pairs="relation:broader").pairs == 3
    assert answer(workspace, "cat", method="offset", pairs="relation:broader").pairs == 2
    Term.objects.filter(name="bank").update(status="draft")
    assert answer(workspace, "mouse", method="offset", pairs="relation:broader").pairs == 2


def test_the_page_says_what_differs_and_what_analogies_are_worth(
    client: Client, terms: dict[str, Term], django_assert_max_num_queries: Any
) -> None:
    client.get("/en/lab/arithmetic")
    with django_assert_max_num_queries(24):
        page = client.get("/en/lab/arithmetic", {"of": "cat + invoice - dog"})
    text = page.content.decode()
    assert page.status_code == 200
    assert "Control: near what is added, alone" in text
    assert "finds less than the neighbours of its third term alone" in text


def test_rest_tells_the_control_and_vectors_on_request(
    client: Client, terms: dict[str, Term]
) -> None:
    asked = {"of": "cat + invoice", "vectors": "true"}
    told = client.get("/api/v1/lab/arithmetic", asked).json()
    assert told["results"][0].keys() >= {"term", "sense", "cosine", "score", "alone"}
    assert told["alone"]
    assert len(told["vectors"]["point"]) == 384


def test_what_was_measured_is_told_whatever_of_it_there_is(
    client: Client, workspace: Workspace
) -> None:
    made = backdrop.measure(workspace.space, "en")
    assert made is not None
    both_ways = {"kind": "related", "pairs": 12, "alone": 0.5, "one_pair": 0.25}
    broader = {**both_ways, "kind": "broader", "offset": 0.75, "map": 0.125}
    made.figures["analogy"] = {"kinds": [both_ways, broader]}
    made.save()
    told = client.get("/api/v1/lab/arithmetic", {"of": "cat"}).json()
    assert told["analogies"] == [both_ways, broader]
    page = client.get("/en/lab/arithmetic", {"of": "cat"}).content.decode()
    assert "<td>–</td>" in page
    assert "<td>75</td>" in page


D = 24
WAY = np.random.default_rng(7).standard_normal(D)
TURN = np.linalg.qr(np.random.default_rng(8).standard_normal((D, D)))[0]


def related_sample(kind: str, pairs: int, move: Callable[[Matrix], Matrix]) -> Sample:
    """Terms related to others, which lie where the move takes them."""
    made = [make_term() for _ in range(2 * pairs)]
    ones = unit(np.random.default_rng(3).standard_normal((pairs, D)))
    for one, other in zip(made[:pairs], made[pairs:], strict=True):
        relate(one, other, kind)
    ids = np.array([term.pk for term in made])
    vectors = np.concatenate([ones, unit(move(ones))])
    return Sample(ids, ids, vectors, np.empty((0, 2), dtype=np.int64))


def along(ones: Matrix) -> Matrix:
    return np.asarray(ones + 2 * WAY, dtype=np.float32)


def turned(ones: Matrix) -> Matrix:
    return np.asarray(ones @ TURN, dtype=np.float32)


def test_a_common_way_is_found_again_by_pairs_and_not_without(db: None) -> None:
    [figures] = analogy.worth(related_sample("broader", 40, along))["kinds"]
    assert (figures["kind"], figures["pairs"]) == ("broader", 40)
    assert figures["offset"] > figures["alone"] + 0.3
    assert "map" not in figures


def test_a_map_is_measured_from_a_hundred_pairs_on(db: None) -> None:
    [figures] = analogy.worth(related_sample("broader", 110, turned))["kinds"]
    assert figures["map"] > figures["alone"] + 0.3


def test_a_kind_that_goes_both_ways_has_no_mean_way(db: None) -> None:
    [figures] = analogy.worth(related_sample("related", 12, along))["kinds"]
    assert "offset" not in figures
    assert figures.keys() == {"kind", "pairs", "alone", "one_pair"}


def test_too_few_pairs_are_not_measured(db: None) -> None:
    assert analogy.worth(related_sample("broader", 9, along)) == {"kinds": []}
    assert not Relation.objects.exclude(kind="broader").exists()
