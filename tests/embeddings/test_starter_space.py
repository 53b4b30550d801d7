"""The starter glossary in the real model's space: it answers, and says nothing twice."""

import io
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connection, transaction

from embeddings import cartography, operations
from embeddings.hints import hints_of
from embeddings.lab import backdrop, graph, load
from embeddings.lab.direction import measured
from embeddings.lab.given import read as read_given
from embeddings.lab.groups import gather
from embeddings.lab.surgery import chance, share
from embeddings.lab.workspace import Workspace
from embeddings.lookup import Strength, look_up
from embeddings.meaning_diff import meaning_diff
from embeddings.models import Space
from embeddings.questions import read
from embeddings.vectors import Matrix
from terms import starter
from terms.entry import Entry, SenseText, entries_of, entry_of
from terms.hints import Kind
from terms.models import Glossary, Term
from terms.text import slugify

pytestmark = [pytest.mark.model, pytest.mark.django_db]

QUESTIONS = Path(settings.BASE_DIR) / "data" / "questions"
TWINS_FROM = 0.8  # cosine of two entries, from which they may be one concept told twice
# Pairs beyond it that are two concepts, each with what tells them apart.
TOLD_APART = {
    ("accuracy", "precision"): "all answers beside the positive ones; their formulas share words",
    ("gloss", "glossary"): "one explanation beside the list that holds many",
    ("token", "tokenizer"): "the piece beside the program that cuts it",
}

APART = ["language-and-terminology", "training"]


@pytest.fixture(scope="module")
def space(django_db_setup: None, django_db_blocker: Any) -> Iterator[Space]:
    """The starter glossary, embedded by the shipped model; taken back after the module."""
    with django_db_blocker.unblock(), transaction.atomic():
        Glossary.objects.get_or_create(id=1)  # tests that empty every table may have run before
        starter.load()
        space = Space.objects.begin("sentence_transformers", state="active")
        call_command("export_onnx", stdout=io.StringIO())
        call_command("embed", stdout=io.StringIO())
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")  # as PostgreSQL does by itself for what is committed
        yield space
        transaction.set_rollback(True)


@pytest.fixture(scope="module")
def figures(space: Space) -> dict[str, Any]:
    """Of the lab, as a worker measures them."""
    made = backdrop.measure(space, "en")
    assert made is not None
    return made.figures


def test_look_up_holds_its_floors(space: Space, capsys: pytest.CaptureFixture[str]) -> None:
    out = io.StringIO()
    try:
        call_command("evaluate", stdout=out)
    finally:
        with capsys.disabled():
            print(f"\n{out.getvalue()}")
    assert "labelled questions" in out.getvalue()
    assert "Every floor of floors.toml is held" in out.getvalue()


def test_no_two_entries_say_the_same(space: Space) -> None:
    entries = space.embeddings.filter(view="entry").order_by("sense__term__name", "sense_id")
    names = list(entries.values_list("sense__term__name", flat=True))
    vectors = np.array([np.asarray(each.vector) for each in entries])
    near = np.triu(vectors @ vectors.T, 1) >= TWINS_FROM
    pairs = {(names[i], names[j]) for i, j in np.argwhere(near) if names[i] != names[j]}
    assert pairs == TOLD_APART.keys()


def test_every_answer_of_the_questions_is_a_headword(space: Space) -> None:
    slugs = {slugify(name) for name in space.embeddings.values_list("sense__term__name", flat=True)}
    unknown = {(q.kind, slug) for q in read(QUESTIONS) for slug in q.gains if slug not in slugs}
    assert unknown == set()


def test_nothing_is_asked_in_both_halves(space: Space) -> None:
    asked: dict[str, set[str]] = {"develop": set(), "sealed": set()}
    for question in read(QUESTIONS):
        asked[question.half].add(question.asked.casefold())
    assert not asked["develop"] & asked["sealed"]


def test_the_map_can_be_trusted_and_stays(space: Space) -> None:
    made = cartography.lay_out(space, "en")
    assert made is not None
    assert made.trustworthiness >= 0.80
    assert all(len(cluster["words"]) >= 3 for cluster in made.clusters)
    made.points.filter(rank__lt=3).delete()  # one in a hundred is new
    again = cartography.lay_out(space, "en")
    assert again is not None
    assert again.trustworthiness >= 0.80
    assert again.procrustes is not None
    assert again.procrustes <= 0.001


@pytest.mark.parametrize(
    ("definition", "meant"),
    [
        (
            "How surprised a language model is by a text: the exponential of the average negative"
            " log-probability of its tokens.",
            "perplexity",
        ),
        (
            "A model that encodes a question and a document apart from each other, each into its"
            " own vector, and compares the two vectors.",
            "bi-encoder",
        ),
    ],
)
def test_a_reworded_entry_is_told_to_be_there(space: Space, definition: str, meant: str) -> None:
    hints = hints_of(space, Entry("a name of no entry", senses=[SenseText(definition)]))
    told = [hint.sentence for hint in hints if hint.kind == Kind.DUPLICATE]
    assert [sentence.split("”")[0] for sentence in told] == [f"“{meant}"]


def test_hints_are_few_where_nothing_is_wrong(space: Space) -> None:
    """Of every third entry of the starter glossary; docs/editor.md has the figures."""
    terms = Term.objects.order_by("id")
    pairs = list(zip(terms, entries_of(terms), strict=True))[::3]
    kinds = Counter(hint.kind for term, entry in pairs for hint in hints_of(space, entry, term.pk))
    assert kinds[Kind.DUPLICATE] <= 0.15 * len(pairs)
    assert kinds[Kind.TOPIC] <= 0.3 * len(pairs)
    assert kinds[Kind.RELATION] <= 2 * len(pairs)
    assert kinds[Kind.EXAMPLE] <= 0.05 * len(pairs)


def test_an_edit_foretells_what_it_loses(space: Space) -> None:
    term = Term.objects.get(slug="perplexity")
    entry = entry_of(term)
    assert meaning_diff(space, entry, term).changed == []
    entry.senses[0].definition = "A feeling of being puzzled."
    diff = meaning_diff(space, entry, term)
    [move] = diff.moves
    assert move.words in {"far", "further than its nearest neighbour"}
    assert diff.gone
    assert any(each.is_worse and each.answer == "perplexity" for each in diff.changed)


@pytest.mark.parametrize(
    ("asked", "sentence", "meant"),
    [
        ("MLM", "BERT hides words of a sentence and learns to fill the gaps", "masked language"),
        ("MLM", "it looks at a photograph and answers questions about it", "multimodal"),
        ("ANN", "the search skips most vectors and returns nearly the closest ones", "neighbo"),
        ("ANN", "layers of artificial neurons joined by weights", "neural network"),
        ("LDA", "each document is a mixture of topics and each topic a mixture of words", "latent"),
        ("LDA", "find the line that best separates the two classes", "discriminant"),
        ("CFG", "a rule rewrites a symbol of the grammar into other symbols", "grammar"),
        ("CFG", "turn the scale up so that the picture follows the prompt closer", "guidance"),
    ],
)
def test_a_sentence_tells_what_an_abbreviation_stands_for(
    space: Space, asked: str, sentence: str, meant: str
) -> None:
    hits = look_up(asked, context=sentence).hits
    assert len([hit for hit in hits if hit.strength == Strength.EXACT]) > 1
    assert meant in hits[0].term.name.lower()


def test_a_direction_tells_topics_apart_and_moves_meanings(space: Space) -> None:
    """Groups of topics; shares of the first one among the neighbours of what is of neither."""
    workspace = Workspace(space, "en")
    toward, away = (gather(workspace, [f"topic:{slug}"]) for slug in APART)
    told = measured(toward, away)
    assert told.auc >= 0.95 > told.chance_95
    assert told.stability >= 0.8
    way = operations.direction(toward.vectors, away.vectors)
    entries = space.embeddings.entries_of("en").exclude(sense__in=toward.senses | away.senses)
    neutral = np.array(list(entries.values_list("vector", flat=True)), dtype=np.float32)

    def share_near(points: Matrix) -> float:
        return float(np.mean([share(hits, toward) for hits in workspace.near_each(points, 10)]))

    before = share_near(neutral)
    assert share_near(operations.shifted(neutral, way, 0.5)) >= 2 * before
    assert share_near(operations.shifted(neutral, chance(way), 0.5)) <= 1.2 * before


def test_ten_members_a_side_teach_a_direction(space: Space) -> None:
    """The mean of thirty draws, asked of all the others."""
    workspace, dice = Workspace(space, "en"), np.random.default_rng(0)
    toward, away = (gather(workspace, [f"topic:{slug}"]).vectors for slug in APART)
    scores = []
    for _draw in range(30):
        one, other = dice.permutation(toward), dice.permutation(away)
        way = operations.direction(one[:10], other[:10])
        scores.append(operations.auc(one[10:] @ way, other[10:] @ way))
    assert np.mean(scores) >= 0.95


def test_the_midpoint_finds_what_links_two_terms(figures: dict[str, Any]) -> None:
    bridge = figures["bridge"]
    assert bridge["midpoint"] >= 1.3 * bridge["end"]


def test_a_third_of_the_dimensions_is_enough_if_they_are_the_principal_ones(
    figures: dict[str, Any],
) -> None:
    rows = {(row["order"], row["k"]): row for row in figures["mask"]["rows"]}
    for of in ("examples", "related"):
        assert rows["principal", 192][of] >= 0.97
        assert rows["principal", 128][of] >= 0.92
        assert rows["first", 64][of] < rows["principal", 64][of]


def test_there_is_a_trail_between_nearly_all_by_steps_that_are_near(space: Space) -> None:
    made = graph.measure(space, "en")
    assert made is not None
    assert made.figures["connected"] >= 0.95
    assert made.figures["weakest"] >= made.figures["direct"] + 0.15


def test_variety_makes_neighbours_less_alike(space: Space) -> None:
    neighbours, workspace = load("neighbours"), Workspace(space, "en")
    less = []
    for slug in Term.objects.order_by("slug").values_list("slug", flat=True)[:20]:
        of = read_given(workspace, f"term:{slug}")
        found: Any = neighbours.answer(workspace, of=of, k=12, balance=0.8)
        less.append(found.alike_plain - found.alike)
    assert np.mean(less) >= 0.01


def test_the_mean_way_to_the_broader_term_is_a_gain_and_the_page_may_say_so(
    figures: dict[str, Any],
) -> None:
    kinds = {each["kind"]: each for each in figures["analogy"]["kinds"]}
    assert kinds["broader"]["offset"] >= kinds["broader"]["alone"] + 0.03
    assert kinds["related"]["one_pair"] < kinds["related"]["alone"]
    company = figures["company"]
    assert company["related"][9] > 3 * company["random"][9]


def test_the_worked_sums_find_what_is_near_none_of_their_parts(space: Space) -> None:
    arithmetic, workspace = load("arithmetic"), Workspace(space, "en")
    for asked, meant in zip(
        arithmetic.examples, ["latent semantic analysis", "nearest neighbor search"], strict=False
    ):
        fields = arithmetic.Asked(data=asked, context={"workspace": workspace})
        fields.is_valid(raise_exception=True)
        found: Any = arithmetic.answer(workspace, **fields.validated_data)
        assert found.ranked[0].hit.term.name == meant
        assert found.ranked[0].alone is None
