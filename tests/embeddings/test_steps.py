"""Guided steps: what marks do to a question, in the look-up, on the page and by REST."""

import re
from collections.abc import Sequence
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from embeddings import indexes, nearest, pipeline
from embeddings.encoders import EncoderUnavailable, load
from embeddings.lookup import Meaning, Mode, Strength, look_up
from embeddings.models import Embedding, Space
from embeddings.steps import MOST, BadMark, Guided, Mark, Toward, address, guided, marks
from terms.models import Sense, Term
from tests.factories import make_sense, make_term, make_topic

pytestmark = pytest.mark.django_db

QUESTION = "an animal that people keep"
ANIMALS = {
    "dog": "An animal that people keep, and that barks at strangers.",
    "cat": "An animal that people keep, and that hunts mice in a barn.",
    "owl": "A bird that hunts mice at night in a barn.",
    "hawk": "A bird that hunts mice at noon in a barn.",
}


def embed_all(space: Space) -> None:
    while pipeline.embed_due(space, load(space.encoder)):
        pass


@pytest.fixture
def animals(space: Space) -> dict[str, Sense]:
    """Four animals, and so much else that an answer has more than the first ten."""
    for number in range(20):
        make_term(f"thing {number}", f"Number {number} of the things to keep.")
    senses = {name: make_term(name, text).senses.get() for name, text in ANIMALS.items()}
    embed_all(space)
    return senses


def names(answer: Guided) -> list[str]:
    return [hit.term.name for hit in answer.hits]


def closer(sense: Sense) -> Mark:
    return Mark(Toward.CLOSER, sense)


def unmeant(sense: Sense) -> Mark:
    return Mark(Toward.NOT, sense)


@pytest.mark.parametrize("mode", Mode)
def test_without_marks_it_is_the_look_up(animals: dict[str, Sense], mode: Mode) -> None:
    for question in ("dog", QUESTION):
        plain, answer = look_up(question, mode=mode), guided(question, mode=mode)
        assert (answer.hits, answer.meaning, answer.path) == (plain.hits, plain.meaning, [])


def test_it_moves_toward_what_is_marked(animals: dict[str, Sense]) -> None:
    before = guided(QUESTION, mode=Mode.MEANING, limit=30)
    after = guided(QUESTION, limit=30, marked=[closer(animals["owl"])])
    assert names(after).index("hawk") < names(before).index("hawk")
    assert "owl" in names(after)
    step = after.path[0]
    assert 0 < step.cosine < 1
    assert "hawk" in [term.name for term in step.entered]
    assert step.gained


def test_it_leaves_out_what_is_not_meant_and_moves_away_from_it(
    animals: dict[str, Sense],
) -> None:
    before = guided(QUESTION, mode=Mode.MEANING, limit=30)
    after = guided(QUESTION, limit=30, marked=[unmeant(animals["owl"])])
    assert "owl" not in names(after)
    scores = [{hit.term.name: hit.score for hit in answer.hits} for answer in (before, after)]
    assert scores[1]["hawk"] < scores[0]["hawk"]
    assert len(after.hits) == len(before.hits) - 1


def test_another_sense_of_a_term_may_still_be_meant(
    space: Space, animals: dict[str, Sense]
) -> None:
    bark = make_sense(animals["dog"].term, "An animal that people keep on a chain.")
    embed_all(space)
    hit = next(
        hit
        for hit in guided(QUESTION, marked=[unmeant(animals["dog"])]).hits
        if hit.term.name == "dog"
    )
    assert hit.sense == bark


def test_the_same_marks_give_the_same_answer_in_any_order(animals: dict[str, Sense]) -> None:
    marked = [closer(animals["owl"]), unmeant(animals["dog"]), closer(animals["cat"])]
    one, other = guided(QUESTION, marked=marked), guided(QUESTION, marked=marked[::-1])
    assert one.hits == other.hits
    assert [step.mark for step in other.path] == marked[::-1]


def test_walking_back_restores_the_answer(animals: dict[str, Sense]) -> None:
    there = [closer(animals["owl"])]
    before = guided(QUESTION, marked=there)
    further = guided(QUESTION, marked=[*there, unmeant(animals["dog"])])
    assert further.hits != before.hits
    assert further.path[0] == before.path[0]
    assert guided(QUESTION, marked=there) == before


def test_a_step_by_which_nothing_comes_in_says_so(space: Space) -> None:
    senses = [make_term(name, text).senses.get() for name, text in ANIMALS.items()]
    embed_all(space)
    step = guided(QUESTION, marked=[closer(senses[2])]).path[0]
    assert (step.gained, step.entered) == (False, [])


def test_a_sense_that_is_not_embedded_yet_moves_nothing(animals: dict[str, Sense]) -> None:
    Embedding.objects.filter(sense=animals["owl"]).delete()
    step = guided(QUESTION, marked=[closer(animals["owl"])]).path[0]
    assert step.cosine == pytest.approx(1)
    assert not step.gained


def test_a_mark_does_not_make_itself_sure(space: Space) -> None:
    alone = make_term("owl", ANIMALS["owl"]).senses.get()
    embed_all(space)
    answer = guided(ANIMALS["owl"], marked=[closer(alone)])
    assert answer.path[0].strength == Strength.NONE
    assert answer.hits[0].strength == Strength.WEAK


def test_it_keeps_to_a_topic_and_to_a_language(space: Space, animals: dict[str, Sense]) -> None:
    birds = make_topic("Birds")
    animals["hawk"].topics.add(birds)
    make_term("Eule", ANIMALS["owl"], language="de")
    embed_all(space)
    marked = [closer(animals["owl"])]
    assert names(guided(QUESTION, topics=[birds.pk], marked=marked)) == ["hawk"]
    assert names(guided(QUESTION, "de", marked=marked)) == ["Eule"]


def test_without_a_model_names_answer_and_there_is_no_path(
    animals: dict[str, Sense], monkeypatch: pytest.MonkeyPatch, client: Client
) -> None:
    def unavailable(key: str) -> None:
        raise EncoderUnavailable("not there yet")

    monkeypatch.setattr("embeddings.lookup.load_for_query", unavailable)
    answer = guided("owl", marked=[closer(animals["cat"])])
    assert (answer.meaning, answer.path, names(answer)) == (Meaning.LOADING, [], ["owl"])
    page = client.get("/en/search?" + address("owl", answer_marks("closer", animals["cat"])))
    assert page.status_code == 200
    assert "Not this" not in page.content.decode()


def test_several_vectors_find_what_each_finds(space: Space, animals: dict[str, Sense]) -> None:
    asked = load("hashing").encode([QUESTION, "a bird at night", "a thing"])
    alone = [nearest.to_vector(space, vector, "en", 10) for vector in asked]
    together = nearest.to_vectors(space, asked, "en", 10)
    assert [nearest.by_term(near)[:10] for near in together] == alone


@pytest.mark.django_db(transaction=True)
def test_several_vectors_are_found_by_the_index(
    space: Space, animals: dict[str, Sense], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(indexes, "EXACT_BELOW", 20)
    indexes.maintain()
    asked = load("hashing").encode(["thing", "bird"])
    with CaptureQueriesContext(connection) as captured:
        nearest.to_vectors(space, asked, "en", 10)
    with connection.cursor() as cursor:
        cursor.execute("SET enable_seqscan = off; SET enable_bitmapscan = off")
        cursor.execute("SET enable_sort = off")  # thirty rows are sorted sooner than looked up
        cursor.execute("EXPLAIN " + captured[-1]["sql"])
        plan = "\n".join(row[0] for row in cursor.fetchall())
        cursor.execute("RESET enable_seqscan; RESET enable_bitmapscan; RESET enable_sort")
    assert indexes.name_of(space) in plan
    monkeypatch.setattr(indexes, "EXACT_BELOW", 1000)
    indexes.maintain()


# What is written in an address


def answer_marks(toward: str, *senses: Sense) -> list[str]:
    return [f"{toward}:{sense.key}" for sense in senses]


def draft() -> Sense:
    return make_term("secret", "A drafted animal that people keep.", status="draft").senses.get()


def refused() -> dict[str, tuple[list[str], str]]:
    """Marks, and what is said of them."""
    one, secret = make_term("owl").senses.get(), draft()
    return {
        "no way": ([one.key], f"“{one.key}” is no mark"),
        "another way": ([f"nearer:{one.key}"], f"“nearer:{one.key}” is no mark"),
        "no key": (["closer:"], "“closer:” is no mark"),
        "long": (["closer:" + "x" * 5_000], "is no mark"),
        "unknown": (["not:abcdefgh"], "no sense “abcdefgh”"),
        "draft": (answer_marks("closer", secret), f"no sense “{secret.key}”"),
        "both ways": (
            [f"closer:{one.key}", f"not:{one.key}"],
            f"“{one.key}” is marked more than once",
        ),
        "too many": (answer_marks("closer", *[one] * (MOST + 1)), f"up to {MOST} marks"),
    }


CASES = (
    "no way",
    "another way",
    "no key",
    "long",
    "unknown",
    "draft",
    "both ways",
    "too many",
)


@pytest.mark.parametrize("case", CASES)
def test_a_bad_mark_is_a_400_that_says_which_and_why(
    space: Space, client: Client, case: str
) -> None:
    written, said = refused()[case]
    asked = {"q": QUESTION, "mark": written}
    page, rest = client.get("/en/search", asked), client.get("/api/v1/search", asked)
    assert (page.status_code, rest.status_code) == (400, 400)
    assert said in page.content.decode()
    assert "secret" not in page.content.decode()
    assert said in str(rest.json())
    with pytest.raises(BadMark, match=re.escape(said)):
        marks(written)


def test_marks_that_cancel_the_question_out_are_a_400(
    space: Space, animals: dict[str, Sense], client: Client
) -> None:
    asked = load("hashing").encode([QUESTION])[0]
    Embedding.objects.filter(sense=animals["owl"], view="entry").update(vector=-asked)
    for path in ("/en/search", "/api/v1/search"):
        answer = client.get(path, {"q": QUESTION, "mark": answer_marks("closer", animals["owl"])})
        assert answer.status_code == 400
        assert "The marks cancel out" in answer.content.decode()


@pytest.mark.parametrize("mode", ["names", "words"])
def test_marks_need_meaning(animals: dict[str, Sense], client: Client, mode: str) -> None:
    asked = {"q": "owl", "mode": mode, "mark": answer_marks("closer", animals["owl"])}
    answer = client.get("/api/v1/search", asked)
    assert (answer.status_code, "mode=" + mode in answer.content.decode()) == (400, True)


def test_a_draft_never_comes_in_by_a_step(animals: dict[str, Sense], client: Client) -> None:
    Term.objects.filter(name="hawk").update(status="draft")
    asked = {"q": QUESTION, "mark": answer_marks("closer", animals["owl"])}
    for path in ("/en/search", "/api/v1/search"):
        answer = client.get(path, asked)
        assert answer.status_code == 200
        assert "hawk" not in answer.content.decode()


def path_by_rest(client: Client, *written: str) -> Any:
    return client.get("/api/v1/search", {"q": QUESTION, "mark": written}).json()["path"]


def test_rest_tells_the_path(animals: dict[str, Sense], client: Client) -> None:
    owl, dog = animals["owl"], animals["dog"]
    assert path_by_rest(client) == []
    first, second = path_by_rest(client, f"closer:{owl.key}", f"not:{dog.key}")
    assert (first["mark"], first["slug"], first["sense"]["key"]) == ("closer", "owl", owl.key)
    assert (second["mark"], second["sense"]["key"]) == ("not", dog.key)
    assert first["gained"] is True
    assert "hawk" in first["entered"]
    assert 0 < second["cosine"] < 1
    assert path_by_rest(client, f"closer:{owl.key}") == [first]


# The page


def page_of(client: Client, *written: str, question: str = QUESTION) -> str:
    return client.get("/en/search?" + address(question, written)).content.decode()


def links(page: str, words: str) -> Sequence[str]:
    return [
        href.replace("&amp;", "&")
        for href in re.findall(rf'href="([^"]+)"[^>]*>{re.escape(words)}</a>', page)
    ]


def test_each_hit_can_be_marked_by_a_link(animals: dict[str, Sense], client: Client) -> None:
    page = page_of(client)
    assert len(links(page, "Closer")) == len(links(page, "Not this")) == page.count("data-strength")
    further = client.get("/en/search" + links(page, "Not this")[0]).content.decode()
    assert 'id="steps"' in further
    assert 'name="robots" content="noindex"' in further
    assert 'id="steps"' not in page


def test_names_alone_are_not_marked(space: Space, client: Client) -> None:
    make_term("owl", ANIMALS["owl"])
    page = page_of(client, question="owl")
    assert 'class="headword"' in page
    assert "Not this" not in page


def test_the_page_shows_the_way_and_leads_back(animals: dict[str, Sense], client: Client) -> None:
    written = [f"closer:{animals['owl'].key}", f"not:{animals['dog'].key}"]
    page = page_of(client, *written)
    assert "Marked as closer" in page
    assert "Cosine to the question before" in page
    assert "New among the first ten" in page
    assert f"/en/define/dog#{animals['dog'].key}" in page
    assert links(page, "Back to the question") == ["?" + address(QUESTION, [])]
    assert links(page, "Back to here") == ["?" + address(QUESTION, written[:1]) + "#steps"]
    assert links(page, "Take this step out") == [
        "?" + address(QUESTION, rest) + "#steps" for rest in (written[1:], written[:1])
    ]


def test_a_step_too_many_is_not_offered(animals: dict[str, Sense], client: Client) -> None:
    things = Sense.objects.filter(term__name__startswith="thing")[:MOST]
    page = page_of(client, *answer_marks("not", *things))
    assert "Take this step out" in page
    assert links(page, "Closer") == []


@pytest.mark.parametrize("path", ["/en/search", "/api/v1/search"])
def test_it_asks_as_many_queries_for_one_mark_as_for_many(
    animals: dict[str, Sense], client: Client, path: str
) -> None:
    counts = set()
    for count in (1, 3, MOST):
        things = list(Sense.objects.filter(term__name__startswith="thing")[: count - 1])
        asked = {
            "q": QUESTION,
            "mark": [*answer_marks("closer", animals["owl"]), *answer_marks("not", *things)],
        }
        client.get(path, asked)
        with CaptureQueriesContext(connection) as captured:
            assert client.get(path, asked | {"q": QUESTION + "s"}).status_code == 200
        counts.add(len(captured))
    assert len(counts) == 1
