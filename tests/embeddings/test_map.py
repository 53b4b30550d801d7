"""The map from the vectors to the pages: drawn when it is due, and never with a draft."""

import re
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection
from django.test import Client

from embeddings import cartography, layout, pipeline, tasks
from embeddings.encoders import load
from embeddings.models import Layout, Space
from embeddings.templatetags.map import where_on_map
from terms.models import Glossary, Term
from tests.factories import make_layout, make_sense, make_term

pytestmark = pytest.mark.django_db

SUBJECTS = ["river water flowing", "music sound playing", "metal iron forging"]


def make_terms(count: int = 30) -> list[Term]:
    return [
        make_term(f"thing {n}", f"Something of {SUBJECTS[n % 3]} and the number {n}.")
        for n in range(count)
    ]


def embed(space: Space) -> None:
    while pipeline.embed_due(space, load(space.encoder)):
        pass


@pytest.fixture
def terms(space: Space) -> list[Term]:
    Glossary.objects.get_or_create(id=1)
    terms = make_terms()
    embed(space)
    return terms


@pytest.fixture
def drawn(space: Space, terms: list[Term]) -> Layout:
    tasks.lay_out()
    return Layout.objects.get()


# When it is drawn


def test_a_map_is_drawn_of_what_is_embedded(drawn: Layout, terms: list[Term]) -> None:
    assert drawn.terms == len(terms)
    assert set(drawn.points.values_list("term", flat=True)) == {term.id for term in terms}
    assert sorted(drawn.points.values_list("rank", flat=True)) == list(range(30))
    assert 0 < drawn.trustworthiness <= 1
    assert drawn.procrustes is None
    assert len(drawn.clusters) == 4
    assert sum(cluster["size"] for cluster in drawn.clusters) == 30
    for point in drawn.points.all():
        assert min(drawn.scaled(point.x, point.y, 100)) >= 0
        assert max(drawn.scaled(point.x, point.y, 100)) <= 100


def test_a_term_stands_once_with_the_mean_of_its_senses(space: Space) -> None:
    terms = make_terms(12)
    make_sense(terms[0], "Quite another meaning.")
    embed(space)
    ground = cartography.survey(space, "en")
    assert ground.terms == [term.id for term in terms]
    lengths = (ground.vectors**2).sum(axis=1)
    assert lengths == pytest.approx(1, abs=1e-5)


def test_it_is_not_drawn_again_without_a_reason(drawn: Layout) -> None:
    tasks.lay_out()
    assert Layout.objects.get() == drawn


def test_it_waits_until_all_is_embedded(space: Space, terms: list[Term]) -> None:
    make_term()
    tasks.lay_out()
    assert not Layout.objects.exists()


@pytest.mark.parametrize("change", ["new", "gone", "changed", "hidden"])
def test_it_is_drawn_again_when_the_glossary_has_changed(
    space: Space, drawn: Layout, terms: list[Term], change: str
) -> None:
    Layout.objects.update(created_at=drawn.created_at - timedelta(seconds=60))
    match change:
        case "new":
            make_terms(3)
        case "gone":
            Term.objects.filter(id__in=[term.id for term in terms[:2]]).delete()
        case "changed":
            for term in terms[:2]:
                term.senses.update(definition="Another text altogether.")
        case "hidden":
            Term.objects.filter(id__in=[term.id for term in terms[:2]]).update(status="draft")
    embed(space)
    tasks.lay_out()
    assert Layout.objects.count() == 2


def test_old_terms_stay_where_they_were(space: Space, drawn: Layout) -> None:
    make_terms(2)
    embed(space)
    tasks.lay_out()
    latest = Layout.objects.first()
    assert latest is not None
    assert latest.terms == 32
    assert latest.procrustes is not None
    assert latest.procrustes <= 0.01


def test_another_space_is_drawn_anew_and_turned_towards_the_map_before(
    space: Space, drawn: Layout
) -> None:
    other = Space.objects.begin("hashing", name="other")
    embed(other)
    other.activate()
    embed(other)
    tasks.lay_out()
    latest = Layout.objects.serving("en")
    assert latest is not None
    assert latest.space == other
    assert latest.procrustes == pytest.approx(0, abs=1e-6)  # the vectors are the same


def test_only_the_last_maps_are_kept(space: Space, terms: list[Term]) -> None:
    for _ in range(cartography.KEPT + 2):
        cartography.lay_out(space, "en")
    assert Layout.objects.count() == cartography.KEPT


def test_a_term_deleted_meanwhile_is_left_out(
    space: Space, terms: list[Term], monkeypatch: pytest.MonkeyPatch
) -> None:
    draw = layout.afresh

    def slowly(vectors: Any) -> Any:
        terms[0].delete()
        return draw(vectors)

    monkeypatch.setattr(layout, "afresh", slowly)
    made = cartography.lay_out(space, "en")
    assert made is not None
    assert made.points.count() == 29


def test_a_new_map_is_a_new_revision(space: Space, terms: list[Term], client: Client) -> None:
    before = client.get("/en/map")["ETag"]
    make_layout(space, *terms)
    connection.check_constraints()  # fires what is deferred to the commit
    assert client.get("/en/map")["ETag"] != before


# The command


def test_the_command_says_what_it_does(space: Space, terms: list[Term]) -> None:
    out = StringIO()
    call_command("lay_out", stdout=out)
    assert "laying out 30 terms in “en”, from the beginning" in out.getvalue()
    assert "30 terms in 4 clusters; trustworthiness 0." in out.getvalue()
    call_command("lay_out", language="en", stdout=out)
    assert "going on from the map before" in out.getvalue()
    assert "old terms moved by 0." in out.getvalue()


def test_the_command_says_why_there_is_nothing_to_do(space: Space) -> None:
    make_terms(3)
    embed(space)
    out = StringIO()
    call_command("lay_out", stdout=out)
    assert "Fewer than 10 entries" in out.getvalue()
    with pytest.raises(CommandError, match="no entries in “de”"):
        call_command("lay_out", language="de")
    Space.objects.update(state="retired")
    with pytest.raises(CommandError, match="No space"):
        call_command("lay_out")


# The pages


def test_the_page_has_the_drawing_the_list_and_the_figures(client: Client, drawn: Layout) -> None:
    page = client.get("/en/map").content.decode()
    assert page.count("M") > 30
    assert page.count('href="/en/define/thing-') == 30
    assert f"Trustworthiness {drawn.trustworthiness:.2f}" in page
    assert drawn.space.model in page
    assert "a picture of the space, not the space" in page
    for number, cluster in enumerate(drawn.clusters, 1):
        assert ", ".join(cluster["words"]) in page
        assert f'href="/en/map/{number}"' in page
    assert "js/map.js" in page


def test_the_script_is_loaded_on_no_other_page(client: Client, drawn: Layout) -> None:
    for url in ("/", "/en/define/thing-1", "/en/map/1"):
        assert "js/map.js" not in client.get(url).content.decode()


def test_an_address_marks_a_term_and_names_its_neighbours(client: Client, drawn: Layout) -> None:
    page = client.get("/en/map?at=thing-7").content.decode()
    assert 'data-at="thing-7"' in page
    assert "Around <a" in page
    assert page.count('class="numbered"') == 6


@pytest.mark.parametrize("at", ["nothing", "a%00b", "%FF", "x" * 5000])
def test_an_address_of_no_term_is_no_page(client: Client, drawn: Layout, at: str) -> None:
    assert client.get(f"/en/map?at={at}").status_code in {400, 404}


def test_a_term_that_came_later_is_said_to_be_missing(client: Client, drawn: Layout) -> None:
    make_term("late")
    page = client.get("/en/map?at=late").content.decode()
    assert "is not on the map yet" in page
    assert "data-at" not in page


def test_the_points_are_columns(client: Client, drawn: Layout) -> None:
    response = client.get("/en/map/points.json")
    data = response.json()
    assert sorted(data["name"]) == sorted(f"thing {n}" for n in range(30))
    assert set(data["slug"]) == {""}
    assert all(len(data[key]) == 30 for key in ("x", "y", "cluster", "slug"))
    assert all(0 <= place <= data["size"] for place in data["x"] + data["y"])
    assert len(data["clusters"]) == 4
    etag = response["ETag"]
    again = client.get("/en/map/points.json", headers={"if-none-match": etag})
    assert again.status_code == 304


def test_a_slug_that_is_not_its_name_is_told(client: Client, space: Space) -> None:
    terms = [make_term(f"naïve Bayes {n}") for n in range(5)] + make_terms(5)
    make_layout(space, *terms)
    slugs = client.get("/en/map/points.json").json()["slug"]
    assert slugs == [*(f"naïve-bayes-{n}" for n in range(5)), *[""] * 5]


def test_each_group_has_its_number_on_the_drawing_and_in_the_list(
    client: Client, drawn: Layout
) -> None:
    page = client.get("/en/map").content.decode()
    for number, cluster in enumerate(drawn.clusters, 1):
        words = " · ".join(cluster["words"][:2])
        assert f'<tspan class="words">{words}</tspan>' in page
        assert re.search(rf'<text class="cluster-name"[^>]*>{number} <tspan', page)
        assert f"</svg> {number} <a" in page


def test_the_list_tells_twins_apart_and_marks_what_is_not_recommended(
    client: Client, space: Space
) -> None:
    terms = [*make_terms(8), make_term("bank"), make_term("bank")]
    make_layout(space, *terms, make_term("old", status="deprecated"))
    listed = client.get("/en/map").content.decode().partition("groups-title")[2]
    assert re.findall(r'<span class="count" dir="ltr">(.*?)</span>', listed) == ["bank", "bank-2"]
    assert re.findall(r'>(\w+)</a>\s*<span class="register"', listed) == ["old"]


def test_a_group_has_a_page_in_alphabetical_order(client: Client, space: Space) -> None:
    terms = [make_term(f"word {n:03}") for n in range(230)]
    make_layout(space, *terms)
    first = client.get("/en/map/1").content.decode()
    assert "word 000" in first
    assert "word 099" in first
    assert "word 100" not in first
    assert "word 114" in client.get("/en/map/1?page=2").content.decode()
    listed = client.get("/en/map").content.decode()
    assert "all 115" in listed
    assert "word 070" not in listed


@pytest.mark.parametrize("path", ["0", "3", "99999999999999999999", "1?page=0", "1?page=x"])
def test_a_group_that_is_not_there_is_no_page(client: Client, space: Space, path: str) -> None:
    make_layout(space, *make_terms(10))
    assert client.get(f"/en/map/{path}").status_code == 404


@pytest.mark.parametrize("status", ["draft", "review"])
def test_what_is_no_longer_public_is_on_no_map(
    client: Client, drawn: Layout, terms: list[Term], status: str
) -> None:
    Term.objects.filter(id=terms[4].id).update(status=status, name="secretmarker")
    number = drawn.points.get(term=terms[4]).cluster + 1
    for url in ("/en/map", "/en/map/points.json", f"/en/map/{number}", "/en/map?at=thing-7"):
        assert "secretmarker" not in client.get(url).content.decode(), url
    for term in terms[:4]:
        assert "secretmarker" not in client.get(term.get_absolute_url()).content.decode()
    assert client.get("/en/map?at=thing-4").status_code == 404


def test_drafts_are_not_laid_out(space: Space) -> None:
    make_terms(12)
    make_term("secretmarker", status="draft")
    embed(space)
    made = cartography.lay_out(space, "en")
    assert made is not None
    assert made.terms == 12


@pytest.mark.parametrize(
    ("language", "count", "sentence"),
    [("en", 0, "fewer than 10"), ("en", 12, "not drawn yet"), ("de", 12, "kennt sie nicht")],
)
def test_without_a_map_the_page_says_why(
    client: Client, space: Space, language: str, count: int, sentence: str
) -> None:
    make_terms(count)
    Space.objects.update(languages=["en"])
    page = client.get(f"/{language}/map").content.decode()
    assert sentence in page
    assert "js/map.js" not in page
    assert client.get(f"/{language}/map/points.json").status_code == 404
    assert client.get(f"/{language}/map/1").status_code == 404


def test_without_a_space_the_page_says_so(client: Client, db: None) -> None:
    assert "no model reads" in client.get("/en/map").content.decode()


def test_a_map_of_which_hardly_anything_is_left_is_not_shown(
    client: Client, space: Space, terms: list[Term]
) -> None:
    make_layout(space, *terms)
    Term.objects.exclude(id=terms[0].id).update(status="draft")
    assert "fewer than 10" in client.get("/en/map").content.decode()


def test_the_page_makes_few_queries(
    client: Client, drawn: Layout, django_assert_max_num_queries: Any
) -> None:
    for url, count in (("/en/map", 4), ("/en/map?at=thing-7", 7), ("/en/map/points.json", 3)):
        with django_assert_max_num_queries(count):
            client.get(url)


# Beside a term


def test_the_term_s_page_names_its_neighbours_on_the_map(client: Client, space: Space) -> None:
    terms = make_terms(20)
    make_layout(space, *terms)
    page = client.get("/en/define/thing-10").content.decode()
    assert 'href="/en/map?at=thing-10"' in page
    part = page[page.index('id="map-title"') :]
    for near in (7, 8, 9, 11, 12, 13):
        assert f'href="/en/define/thing-{near}"' in part
    assert 'href="/en/define/thing-3"' not in part


def test_the_tag_asks_once(space: Space, django_assert_num_queries: Any) -> None:
    terms = make_terms(20)
    make_layout(space, *terms)
    with django_assert_num_queries(1):
        assert where_on_map(terms[10])["around"]


def test_the_tag_gives_nothing_where_it_can_say_nothing(
    space: Space, monkeypatch: pytest.MonkeyPatch
) -> None:
    terms = make_terms(20)
    assert not where_on_map(terms[0]).get("around")
    make_layout(space, *terms[:6])
    assert not where_on_map(terms[0]).get("around")  # too little around it
    assert not where_on_map(terms[10]).get("around")  # not on the map

    def fail(term: Term) -> None:
        raise DatabaseError

    monkeypatch.setattr("embeddings.templatetags.map.around", fail)
    assert where_on_map(terms[0]) == {}


def test_terms_at_one_place_are_drawn_all_the_same(space: Space) -> None:
    terms = make_terms(12)
    make_layout(space, *terms).points.update(x=0, y=0)
    around = where_on_map(terms[0])["around"]
    places = {(near.x, near.y) for near in around.nearest}
    assert len(places) == 6
