"""The map's mathematics: pure functions, on vectors whose groups are known."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from embeddings import clusters, drawing, layout
from embeddings.clusters import NO_CLUSTER
from embeddings.vectors import Matrix, unit

GROUPS = 6
PLACES = st.integers(10, 80).flatmap(
    lambda n: arrays(np.float32, (n, 2), elements=st.floats(-50, 50, width=32))
)


def grouped_vectors(count: int, seed: int = 1) -> Matrix:
    """Unit vectors in 32 dimensions about GROUPS directions, one after the other."""
    random = np.random.default_rng(seed)
    centres = np.random.default_rng(0).normal(size=(GROUPS, 32))
    noise = random.normal(size=(count, 32)) * 0.6
    return unit(centres[np.arange(count) % GROUPS] + noise)


@pytest.fixture(scope="module")
def vectors() -> Matrix:
    return grouped_vectors(300)


@pytest.fixture(scope="module")
def plane(vectors: Matrix) -> layout.Plane:
    return layout.afresh(vectors)


def test_it_keeps_neighbours_and_groups_together(vectors: Matrix, plane: layout.Plane) -> None:
    assert layout.trustworthiness(vectors, plane) >= 0.85
    middles = np.stack([plane[group::GROUPS].mean(axis=0) for group in range(GROUPS)])
    nearest = np.linalg.norm(plane[:, None] - middles[None], axis=2).argmin(axis=1)
    assert (nearest == np.arange(300) % GROUPS).mean() > 0.95


def test_it_says_of_chance_that_it_is_chance(vectors: Matrix) -> None:
    chance = np.random.default_rng(2).normal(size=(300, 2)).astype(np.float32)
    assert layout.trustworthiness(vectors, chance) < 0.6


def test_it_draws_the_same_map_twice(vectors: Matrix, plane: layout.Plane) -> None:
    assert np.array_equal(layout.afresh(vectors), plane)


def test_old_terms_stay_when_one_in_a_hundred_is_new(vectors: Matrix, plane: layout.Plane) -> None:
    grown = np.vstack([vectors, grouped_vectors(3, seed=9)])
    before = np.vstack([plane, np.full((3, 2), np.nan, np.float32)])
    after = layout.continued(grown, before)
    assert layout.moved(plane, after[:300]) <= 0.001
    assert layout.trustworthiness(grown, after) >= 0.85


def test_a_large_glossary_is_placed_among_a_sample(
    vectors: Matrix, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(layout, "SAMPLE", 150)
    plane = layout.afresh(vectors)
    assert np.isfinite(plane).all()
    assert layout.trustworthiness(vectors, plane) >= 0.8
    assert np.array_equal(layout.continued(vectors, plane), plane)


def test_many_terms_are_compared_by_their_principal_components(
    vectors: Matrix, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(layout, "ALL_PAIRS", 100)
    monkeypatch.setattr(layout, "COMPONENTS", 10)
    assert layout.trustworthiness(vectors, layout.afresh(vectors)) >= 0.85


@given(PLACES, st.data())
def test_a_new_term_is_placed_among_its_nearest(plane: layout.Plane, data: st.DataObject) -> None:
    vectors = grouped_vectors(len(plane))
    new = data.draw(st.integers(0, len(plane) - 1))
    before = plane.copy()
    before[new] = np.nan
    after = layout.placed(vectors, before)
    cosines = vectors @ vectors[new]
    cosines[new] = -np.inf
    nearest = plane[np.argsort(-cosines)[: layout.ANCHORS]]
    assert np.allclose(after[new], nearest.mean(axis=0), atol=1e-3)
    assert np.array_equal(np.delete(after, new, axis=0), np.delete(plane, new, axis=0))


@given(st.floats(0, 6.28), st.floats(0.1, 10), st.booleans())
def test_a_map_is_turned_onto_the_one_before(angle: float, scale: float, mirrored: bool) -> None:
    plane = np.random.default_rng(3).normal(size=(30, 2)).astype(np.float32)
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    other = (scale * plane @ turn + 5).astype(np.float32)
    if mirrored:
        other[:, 0] *= -1
    assert layout.moved(plane, other) < 1e-6
    towards = plane.copy()
    towards[::7] = np.nan
    assert np.allclose(layout.turned(other, towards), plane, atol=1e-3)


@given(PLACES)
@settings(max_examples=50)
def test_the_order_of_drawing_has_every_point_once(plane: layout.Plane) -> None:
    assert sorted(layout.spread(plane)) == list(range(len(plane)))


def test_the_first_points_are_spread_over_the_map() -> None:
    random = np.random.default_rng(4)
    crowd = random.normal(size=(5_000, 2)) * 0.02 + 0.5
    plane = np.vstack([crowd, random.random((1_000, 2))]).astype(np.float32)
    first = plane[layout.spread(plane)[:100]]
    cells = {tuple(cell) for cell in (first * 6).astype(int)}
    assert len(cells) >= 32


def test_it_finds_the_groups_and_keeps_their_numbers(vectors: Matrix, plane: layout.Plane) -> None:
    none = np.full(300, NO_CLUSTER)
    labels = clusters.by_place(clusters.clustered(vectors, none), plane)
    assert labels.max() + 1 == clusters.suitable_count(300)
    purity = [np.bincount(np.arange(300)[labels == c] % GROUPS).max() for c in set(labels)]
    assert sum(purity) >= 290
    grown = np.vstack([vectors, grouped_vectors(3, seed=9)])
    again = clusters.clustered(grown, np.append(labels, [NO_CLUSTER] * 3))
    assert (again[:300] == labels).mean() >= 0.95


def test_a_cluster_that_lost_all_its_members_is_no_fault(vectors: Matrix) -> None:
    count = clusters.suitable_count(300)
    before = np.arange(300) % (count - 1)
    before[before == 2] = count - 1
    assert clusters.clustered(vectors, before).max() < count


def test_clusters_are_numbered_around_the_map() -> None:
    plane = np.array([[1, 0], [-1, 0.1], [0, 1], [0, -1]] * 3, dtype=np.float32)
    labels = np.array([0, 1, 2, 3] * 3)
    assert clusters.by_place(labels, plane)[:4].tolist() == [1, 3, 2, 0]


def test_clusters_are_named_by_words_of_their_own() -> None:
    names = ["cat", "dog", "cow", "violin", "piano", "flute"]
    texts = [
        "cat\nan animal with soft fur",
        "dog\nan animal that barks",
        "cow\nan animal with milk",
        "violin\nan instrument with strings for music",
        "piano\nan instrument with keys for music",
        "flute\nan instrument one blows for music",
    ]
    labels = np.array([0, 0, 0, 1, 1, 1])
    animals, music = clusters.named(clusters.read_words(names, texts, english=True), labels, 2)
    assert "animal" in animals
    assert {"instrument", "music"} & {part for word in music for part in word.split()}
    for words, group in ((animals, 0), (music, 1)):
        text = " ".join(texts[3 * group : 3 * group + 3]).replace("\n", " ")
        assert 3 <= len(words) <= 4
        assert all(part in text for word in words for part in word.split())
        assert not {"an", "with", "for", "that"} & set(words)


@pytest.mark.parametrize("texts", [["", ""], ["the", "of"]])
def test_without_words_a_cluster_has_no_name(texts: list[str]) -> None:
    words = clusters.read_words(texts, texts, english=True)
    assert clusters.named(words, np.array([0, 1]), 2) == [[], []]


def test_the_web_process_finds_the_groups_by_itself(vectors: Matrix) -> None:
    start = clusters.far_apart(vectors, GROUPS, seed=1)
    labels, fit = clusters.kmeans(vectors, start)
    purity = [np.bincount(np.arange(300)[labels == c] % GROUPS).max() for c in range(GROUPS)]
    assert sum(purity) >= 290
    again, same_fit = clusters.kmeans(vectors, clusters.means(vectors, labels, GROUPS))
    assert np.array_equal(again, labels)
    assert same_fit == pytest.approx(fit)


@given(st.integers(0, 2**32 - 1), st.integers(1, 12))
@settings(max_examples=25)
def test_each_vector_is_in_the_cluster_whose_middle_is_nearest(seed: int, count: int) -> None:
    vectors = grouped_vectors(40, seed)
    labels, _fit = clusters.kmeans(vectors, clusters.far_apart(vectors, count, seed))
    middles = clusters.means(vectors, labels, count)
    distances = np.linalg.norm(vectors[:, None] - middles[None], axis=2)
    assert np.allclose(distances[np.arange(40), labels], distances.min(axis=1), atol=1e-4)


def test_copies_of_one_vector_are_as_many_clusters_as_they_can() -> None:
    vectors = np.repeat(grouped_vectors(1), 5, axis=0)
    labels, fit = clusters.kmeans(vectors, clusters.far_apart(vectors, 3, seed=0))
    assert set(labels) == {0}
    assert fit == pytest.approx(1)


@given(
    st.lists(st.tuples(st.floats(0, 100), st.floats(0, 100)), min_size=1, max_size=8),
    st.floats(1, 30),
)
def test_names_are_pushed_apart(places: list[tuple[float, float]], width: float) -> None:
    sizes = np.full((len(places), 2), (width, 5.0))
    centres = drawing.kept_apart(np.array(places), sizes)
    apart = np.abs(centres[:, None] - centres[None]) + 0.05 >= (sizes[:, None] + sizes[None]) / 2
    assert (apart.any(axis=2) | np.eye(len(places), dtype=bool)).all()
