"""Where a term is used, what its card says, and what to read before it."""

import re
from typing import Any

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from terms import reading
from terms.models import Term
from terms.paths import MOST, nearest, path_to, reading_order
from tests.factories import make_alias, make_term, relate

GRAPHS = st.dictionaries(st.integers(0, 8), st.lists(st.integers(0, 8), max_size=5), max_size=9)


def users_of(name: str) -> list[str]:
    page = reading.page("en", Term.objects.get(name=name).slug)
    return [other.name for other in page[1].mentioning] if page else []


@pytest.mark.django_db
def test_it_finds_the_definitions_that_mention_a_term() -> None:
    term = make_term("latent space", "A latent space.")
    make_alias(term, "hidden-state space")
    make_alias(term, "LS", kind="abbreviation")
    make_term("decoder", "It leaves *latent spaces*.")
    make_term("encoder", "It enters the hidden state space.")
    make_term("prior", "In the LS, a guess.")
    make_term("less", "Fewer ls in a word.")
    make_term("latent space model", "It is named so only.")
    make_term("order", "A space that is latent.")
    make_term("secret", "A latent space.", status="draft")
    make_term("Raum", "latent space", language="de")
    assert users_of("latent space") == ["decoder", "encoder", "prior"]


@pytest.mark.django_db
def test_a_page_lists_where_a_term_is_used_but_what_is_related_already(client: Client) -> None:
    term = make_term("vector")
    for number in range(15):
        make_term(f"thing {number:02}", "Made of vectors.")
    relate(term, Term.objects.get(name="thing 03"))
    shown = client.get("/en/define/vector").content.decode()
    listed = shown[shown.index("used-in-title") :]
    names = [f"thing {n:02}" for n in range(15) if n != 3]
    assert re.findall(r">(thing \d\d)<", listed[: listed.index("<details")]) == names[:12]
    assert re.findall(r">(thing \d\d)<", listed) == names
    assert "<summary>and 2 more</summary>" in listed
    Term.objects.filter(pk=term.pk).update(is_linked=False)
    assert "used-in-title" not in client.get("/en/define/vector").content.decode()


@pytest.mark.django_db
def test_a_word_that_is_everywhere_is_not_counted_to_the_end(client: Client) -> None:
    make_term("thing")
    for _ in range(113):
        make_term(definition="A thing.")
    shown = client.get("/en/define/thing").content.decode()
    assert "<summary>and over 100 more</summary>" in shown
    assert "These are the first 100 of them." in shown


@pytest.mark.django_db
def test_a_preview_is_a_fragment_with_the_gist(client: Client) -> None:
    make_term("net", "Nodes & <links>. And more.")
    response = client.get("/en/define/net/preview")
    shown = response.content.decode()
    assert "Nodes &amp; &lt;links&gt;." in shown
    assert '<a class="headword" href="/en/define/net">net</a>' in shown
    assert "And more" not in shown
    assert "<html" not in shown
    assert response["X-Robots-Tag"] == "noindex"
    again = client.get("/en/define/net/preview", headers={"if-none-match": response["ETag"]})
    assert again.status_code == 304


@pytest.mark.django_db
@pytest.mark.parametrize("route", ["/en/define/{}/preview", "/en/path/{}"])
def test_previews_and_paths_follow_addresses_as_pages_do(client: Client, route: str) -> None:
    make_alias(make_term("retrieval", "Finding."), "IR")
    make_alias(make_term("representation", "Standing for."), "IR")
    make_term("secret", status="draft")
    make_term("gone").delete()
    assert client.get(route.format("Retrieval"))["Location"] == route.format("retrieval")
    choice = client.get(route.format("ir")).content.decode()
    assert "Finding." in choice
    assert "Standing for." in choice
    assert client.get(route.format("secret")).status_code == 404
    assert client.get(route.format("gone")).status_code == 410


@given(GRAPHS)
def test_a_path_reads_what_is_needed_first_unless_in_circles(graph: dict[int, list[int]]) -> None:
    chosen = nearest(0, graph, MOST)
    order = reading_order(0, graph, chosen)
    assert order[-1] == 0
    assert sorted(order) == sorted({0, *chosen})
    acyclic = {one: [need for need in needs if need > one] for one, needs in graph.items()}
    order = reading_order(0, acyclic, range(9))
    for one in order:
        assert all(order.index(need) < order.index(one) for need in acyclic.get(one, []))


@given(GRAPHS, st.integers(0, 9))
def test_a_path_takes_the_nearest(graph: dict[int, list[int]], most: int) -> None:
    every = nearest(0, graph, 9)
    assert nearest(0, graph, most) == every[:most]
    assert 0 not in every
    direct = set(graph.get(0, [])) - {0}
    assert set(every[: len(direct)]) == direct


@pytest.fixture
def latent(db: None) -> Term:
    space = make_term("vector space", "Where vectors are added.")
    make_term("vector", "A row of numbers in a vector space.")
    make_term("number", "One or two.")
    make_term("encoder", "It makes a vector in a latent space.")
    make_term("secret", "A draft of a number.", status="draft")
    term = make_term("latent space", "Secret room that an encoder fills with IR.")
    relate(term, space, "broader")
    for name in ("retrieval", "representation"):
        make_alias(make_term(name, "A latent space."), "IR")
    return Term.objects.with_senses().get(pk=term.pk)


def test_a_path_begins_with_what_the_rest_is_made_of(latent: Term) -> None:
    steps = path_to(latent)
    assert [step.term.name for step in steps] == [
        "vector",
        "vector space",
        "encoder",
        "latent space",
    ]
    because = {
        step.term.name: [
            [term.name for term in why] for why in (step.broader_than, step.mentioned_by)
        ]
        for step in steps
    }
    assert because["vector"] == [[], ["encoder", "vector space"]]
    assert because["vector space"] == [["latent space"], []]
    assert because["latent space"] == [[], []]


def test_a_path_costs_no_more_when_longer(latent: Term, django_assert_max_num_queries: Any) -> None:
    with django_assert_max_num_queries(11):
        path_to(latent)
    for number in range(20):
        make_term(f"part {number}", "A number.")
    latent.senses.update(definition=" ".join(f"Part {number}." for number in range(20)))
    latent = Term.objects.with_senses().get(pk=latent.pk)
    with django_assert_max_num_queries(11):
        steps = path_to(latent)
    assert len(steps) == MOST + 1


def test_a_page_of_a_path_says_why_and_links_back(latent: Term, client: Client) -> None:
    assert '"/en/path/latent-space"' in client.get("/en/define/latent-space").content.decode()
    shown = client.get("/en/path/latent-space").content.decode()
    assert "Broader than" in shown
    assert "Mentioned in the definition of" in shown
    assert "secret" not in shown
    alone = client.get("/en/path/number").content.decode()
    assert "Nothing has to be read first" in alone
