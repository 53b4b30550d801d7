"""One box for names and meanings; related terms; what is said when there is no model."""

import re

import numpy as np
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from embeddings import calibration, indexes, nearest, pipeline
from embeddings.calibration import Calibration
from embeddings.encoders import EncoderUnavailable, load
from embeddings.lookup import Meaning, Mode, Ranked, Strength, Why, graded, look_up, merge
from embeddings.models import Space
from embeddings.nearest import Near
from embeddings.related import suggestions
from terms.search import Hit, Stage
from tests.factories import make_alias, make_sense, make_term, make_topic, relate


def embed_all(space: Space) -> None:
    while pipeline.embed_due(space, load(space.encoder)):
        pass


def near(term: int, score: float, strength: Strength = Strength.WEAK) -> Ranked:
    return Ranked(term, term, score, strength, Why("meaning", "definition", ""))


def test_it_puts_whole_names_first_then_meaning_for_a_description() -> None:
    names = [Hit(1, Stage.NAME, "a", 1.0), Hit(2, Stage.PREFIX, "ab", 0.5)]
    meaning = [near(3, 0.7), near(2, 0.6)]
    assert [hit.term_id for hit in merge(names, meaning, [], described=True)] == [1, 3, 2]
    assert [hit.term_id for hit in merge(names, meaning, [], described=False)] == [1, 2, 3]


def test_it_goes_on_with_the_closest_marked_as_no_match() -> None:
    far = [near(n, 0.1, Strength.NONE) for n in range(2, 12)]
    order = merge([Hit(1, Stage.PREFIX, "ab", 0.5)], far, [], described=False)
    assert [hit.strength for hit in order] == [Strength.WEAK] + [Strength.NONE] * 10


def test_it_fills_nothing_where_a_name_is_meant() -> None:
    far = [near(2, 0.1, Strength.NONE)]
    for name in (Hit(1, Stage.ALIAS, "a", 1.0), Hit(1, Stage.MISSPELT, "tokne", 0.8)):
        assert [hit.term_id for hit in merge([name], far, [], described=False)] == [1]


def test_it_calls_only_a_first_hit_strong_that_stands_clear() -> None:
    limits = Calibration(none_below=0.3, strong_gap=0.12)
    clear = [Near(1, 1, 0.8), Near(2, 2, 0.5), Near(3, 3, 0.2)]
    close = [Near(1, 1, 0.55), Near(2, 2, 0.5), Near(3, 3, 0.5)]
    assert [hit.strength for hit in graded(clear, limits)] == ["strong", "weak", "none"]
    assert graded(close, limits)[0].strength == "weak"
    rivals = [Near(1, 1, 0.8), Near(2, 2, 0.76), Near(3, 3, 0.2), Near(4, 4, 0.2)]
    assert graded(rivals, limits)[0].strength == "weak"
    assert graded([Near(1, 1, 0.34), Near(2, 2, 0.1)], limits)[0].strength == "weak"
    assert graded([], limits) == []


@pytest.mark.django_db
@pytest.mark.parametrize("count", [0, 6, 40])
def test_it_works_with_none_with_six_and_with_forty(
    space: Space, client: Client, count: int
) -> None:
    for number in range(count):
        make_term(f"word {number}", f"Meaning number {number} of a thing called word.")
    embed_all(space)
    calibration.refresh(space)
    answer = look_up("a thing called word")
    assert answer.meaning == Meaning.READY
    assert bool(answer.hits) == bool(count)
    assert client.get("/en/search?q=a+thing+called+word").status_code == 200
    assert client.get("/").status_code == 200


@pytest.mark.django_db
def test_it_answers_by_names_and_words_without_a_model(
    space: Space, monkeypatch: pytest.MonkeyPatch, client: Client
) -> None:
    def unavailable(key: str) -> None:
        raise EncoderUnavailable("not there yet")

    make_term("token", "A small unit of text.")
    monkeypatch.setattr("embeddings.lookup.load_for_query", unavailable)
    answer = look_up("token")
    assert (answer.meaning, answer.hits[0].why.stage) == (Meaning.LOADING, "name")
    assert look_up("units of texts").hits[0].why.stage == "words"
    assert client.get("/api/v1/search?q=token").json()["meaning"] == "loading"
    assert client.get("/en/search?q=token").status_code == 200


@pytest.mark.django_db
def test_it_is_off_in_a_language_that_the_model_does_not_know(space: Space) -> None:
    Space.objects.update(languages=["en"])
    make_term("Haus", "Ein Gebäude.", language="de")
    answer = look_up("Haus", "de")
    assert (answer.meaning, answer.hits[0].why.stage) == (Meaning.OFF, "name")


@pytest.mark.django_db
def test_it_shows_the_sense_that_answered(space: Space) -> None:
    term = make_term("bank", "A house that keeps money for people.")
    other = make_sense(term, "The raised ground along a river or a lake.")
    embed_all(space)
    hit = look_up("raised ground along a river", mode=Mode.MEANING).hits[0]
    assert (hit.term, hit.sense) == (term, other)


@pytest.mark.django_db
def test_it_finds_the_sense_whose_definition_is_quoted(space: Space) -> None:
    right = make_term("xylophone", "Wooden bars in a row that are struck.")
    make_term("wooden bars", "Bars that are struck in a row, wooden ones.")
    embed_all(space)
    hit = look_up("Wooden bars in a row that are struck.", mode=Mode.MEANING).hits[0]
    assert hit.term == right
    assert hit.score == pytest.approx(1, abs=0.001)


@pytest.mark.django_db
def test_it_picks_the_sense_by_the_sentence_that_a_name_stands_in(
    space: Space, client: Client
) -> None:
    bank = make_term("bank", "A house that keeps the money of other people.")
    shore = make_sense(bank, "The raised ground along a river.")
    money, river = "my money is kept in that house", "we sat on the ground by the river"
    make_alias(make_term("blood bank", "Blood kept for people in need."), "bank")
    embed_all(space)
    first = look_up("bank", context=river).hits[0]
    assert (first.term, first.sense) == (bank, shore)
    assert look_up("banks", context=money).hits[0].sense == bank.senses.get(position=1)
    blood = look_up("bank", context="blood for people in need").hits[0]
    assert (blood.term.name, blood.why.stage) == ("blood bank", "alias")
    found = client.get("/api/v1/search", {"q": "bank", "context": river}).json()["results"]
    assert found[0]["sense"]["key"] == shore.key
    page = client.get("/en/search", {"q": "bank", "context": river}).content.decode()
    assert f"/en/define/bank#{shore.key}" in page
    assert client.get("/api/v1/search?q=bank&context=" + "x" * 1001).status_code == 400


@pytest.mark.django_db
def test_a_sentence_changes_nothing_without_a_model(
    space: Space, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unavailable(key: str) -> None:
        raise EncoderUnavailable("not there yet")

    term = make_term("bank", "A house for money.")
    monkeypatch.setattr("embeddings.lookup.load_for_query", unavailable)
    assert look_up("bank", context="by the river").hits[0].term == term


@pytest.mark.django_db
def test_it_suggests_the_same_on_page_and_rest_without_what_is_curated(
    space: Space, client: Client
) -> None:
    one, near_one, curated = (
        make_term(name, f"{name} has numbers in a row")
        for name in ("vector", "vectors", "row vector")
    )
    make_term("hidden vector", "vector has numbers in a row", status="draft")
    make_term("old vector", "vector has numbers in a row", status="deprecated")
    relate(one, curated)
    embed_all(space)
    assert [row.term for row in suggestions(space, one)] == [near_one]
    [here], there = suggestions(space, one), suggestions(space, near_one)
    assert [row.score for row in there if row.term == one] == [here.score], "it goes both ways"
    body = client.get("/api/v1/terms/en/vector/related").json()
    assert [row["term"]["slug"] for row in body["results"]] == ["vectors"]
    assert body["model"] == "hashing"
    page = client.get("/en/define/vector").content.decode()
    assert "Near in meaning" in page
    assert 'href="/en/define/vectors"' in page


@pytest.mark.django_db
def test_it_takes_its_thresholds_from_its_own_entries(space: Space) -> None:
    for number in range(12):
        make_term(f"thing {number}", f"The thing that has the number {number}.")
    embed_all(space)
    calibration.refresh(space)
    assert space.calibration["entries"] == 12
    assert 0 < Calibration.of(space).none_below < 1


@pytest.mark.django_db(transaction=True)
def test_it_builds_an_index_that_the_query_uses_and_drops_it_again(
    space: Space, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(indexes, "EXACT_BELOW", 20)
    for number in range(30):
        make_term(f"thing {number}", f"The thing that has the number {number}.")
    embed_all(space)
    indexes.maintain()
    asked = load("hashing").encode(["thing"])[0]
    with CaptureQueriesContext(connection) as captured:
        nearest.to_vector(space, asked, "en", 10)
    with connection.cursor() as cursor:
        cursor.execute("SET enable_seqscan = off; SET enable_bitmapscan = off")
        cursor.execute("SET enable_sort = off")  # thirty rows are sorted sooner than looked up
        cursor.execute("EXPLAIN " + captured[-1]["sql"])
        plan = "\n".join(row[0] for row in cursor.fetchall())
        cursor.execute("RESET enable_seqscan; RESET enable_bitmapscan; RESET enable_sort")
    assert indexes.name_of(space) in plan
    monkeypatch.setattr(indexes, "EXACT_BELOW", 1000)
    indexes.maintain()
    assert indexes._names(indexes.PRESENT) == set()


@pytest.mark.model
@pytest.mark.django_db
def test_it_finds_by_meaning_with_the_real_model() -> None:
    from embeddings.encoders import onnx
    from embeddings.encoders.export import export
    from embeddings.encoders.transformer import SentenceTransformersEncoder

    space = Space.objects.begin("sentence_transformers", state="active")
    term = make_term("overfitting", "Learning the noise of the examples instead of the rule.")
    other = make_term("greenhouse", "A house of glass in which plants are kept warm.")
    make_term("gradient", "The direction in which a function rises fastest.")
    encoder = SentenceTransformersEncoder()
    while pipeline.embed_due(space, encoder):
        pass
    whole = SentenceTransformersEncoder(bfloat16=False)
    assert export(whole, onnx.path(), ["one text", "another, longer text " * 30]) >= 0.9999
    answer = look_up("when a model memorises its training data", mode=Mode.MEANING)
    assert (answer.meaning, answer.hits[0].term) == (Meaning.READY, term)
    definition = "Learning that remembers every noisy example instead of the rule behind them."
    other.senses.update(definition=definition)
    while pipeline.embed_due(space, encoder):
        pass
    assert suggestions(space, term)[0].term == other


@pytest.mark.parametrize("shape", [(2, 3), (3, 2)])
def test_it_refuses_vectors_of_another_shape(shape: tuple[int, int]) -> None:
    from embeddings.vectors import BadVectors, checked

    with pytest.raises(BadVectors, match="shape"):
        checked(np.ones(shape), 3, 3)
    with pytest.raises(BadVectors, match="NaN"):
        checked(np.full((3, 3), np.nan), 3, 3)
    with pytest.raises(BadVectors, match="zero"):
        checked(np.zeros((3, 3)), 3, 3)


@pytest.mark.django_db
def test_it_tells_two_near_hits_apart_by_what_they_do_not_share(
    space: Space, client: Client
) -> None:
    make_term("fear", "An unpleasant emotion about danger that is present.")
    make_term("dread", "An unpleasant emotion about danger that will come.")
    embed_all(space)
    question = "an unpleasant emotion about danger"
    answer = look_up(question)
    assert answer.rivals is not None
    page = client.get("/en/search", {"q": question}).content.decode()
    assert "Which word do you mean?" in page
    body = client.get("/api/v1/search", {"q": question}).json()
    assert {body["contrast"]["one_says"], body["contrast"]["other_says"]} == {"present", "come"}
    assert client.get("/api/v1/search", {"q": "fear"}).json()["contrast"] is None


@pytest.mark.django_db
@pytest.mark.parametrize("few", [0, 5_000])
def test_it_searches_within_a_topic_by_index_and_exactly(
    space: Space, client: Client, monkeypatch: pytest.MonkeyPatch, few: int
) -> None:
    monkeypatch.setattr(nearest, "FEW", few)
    for number in range(9):
        make_term(f"stone {number}", "A hard thing that lies on the ground.")
    inside = make_term("pebble", "A small stone that lies in water.")
    inside.senses.get().topics.add(make_topic("Rivers", slug="rivers"))
    embed_all(space)
    asked = {"q": "a hard thing that lies on the ground", "topic": "rivers"}
    assert [hit["slug"] for hit in client.get("/api/v1/search", asked).json()["results"]] == [
        "pebble"
    ]
    named = client.get("/api/v1/search", {"q": "stone 1", "topic": "rivers", "mode": "names"})
    assert named.json()["results"] == []
    nowhere = client.get("/api/v1/search", {"q": "x", "topic": "nowhere"})
    assert (nowhere.status_code, "topic" in nowhere.content.decode()) == (400, True)


@pytest.mark.django_db
def test_an_empty_question_is_answered_with_examples_of_this_glossary(
    space: Space, client: Client
) -> None:
    assert "There are no entries here yet." in client.get("/en/search").content.decode()
    make_term("lighthouse", "A tower with a lamp. It stands by the sea.")
    beacon = make_term("beacon", "A light that shows the way.")
    make_alias(beacon, "signal fire")
    shown = client.get("/en/search").content.decode()
    asked = re.findall(r"/en/search\?q=([^\"]+)", shown)
    assert asked == ["beacon", "signal%20fire", "beaon", "A%20light%20that%20shows%20the%20way."]


@pytest.mark.django_db
def test_examples_end_with_a_whole_word(space: Space, client: Client) -> None:
    make_term(
        "lighthouse", "A tower that stands by the sea " + "and lights " * 9 + "whatever passes."
    )
    shown = client.get("/en/search").content.decode()
    assert "and lights and …</a>" in shown


@pytest.mark.django_db
def test_no_description_is_asked_for_where_the_model_does_not_know_the_language(
    space: Space, client: Client
) -> None:
    make_term("Leuchtturm", "Ein Turm mit einer Lampe.", language="de")
    make_term("lighthouse", "A tower with a lamp.")
    Space.objects.update(languages=["en"])
    shown = client.get("/de/search?interface=en").content.decode()
    assert "Ein%20Turm" not in shown
    assert len(re.findall(r'class="notice"', shown)) == 1
    assert "A%20tower%20with%20a%20lamp." in client.get("/en/search").content.decode()
