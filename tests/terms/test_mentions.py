"""Names in texts: which are found, which are not meant, and what is linked."""

import re
from html import unescape
from typing import Any

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from terms import markup, reading
from terms.annotate import annotated, linked
from terms.mentions import Target, look_up
from terms.models import Glossary, Term
from terms.paths import path_to
from tests.factories import make_alias, make_sense, make_term

NAMES = {
    name: Target((number,), f"/en/define/{number}")
    for number, name in enumerate(["deep net", "net", "a < b", "C++", "R&D", "mañana", "x"])
} | {"deep x": Target((99,), "")}
TEXTS = st.lists(
    st.sampled_from(
        [*NAMES, " ", " ", "\n\n", "*", "`", "- ", ">", "&lt;", "<b>", "[", "](net)", "$"]
    )
    | st.text(max_size=5)
).map("".join)


def words_of(html: str) -> str:
    return unescape(re.sub(r"<[^>]*>", "", html))


@given(TEXTS)
def test_it_changes_no_word_and_no_other_tag(text: str) -> None:
    html = markup.html(text)
    (shown,) = linked([html], NAMES)
    assert words_of(shown) == words_of(html)
    without = re.sub(r'<a class="mention" href="/en/define/\d">([^<]*)</a>', r"\1", shown)
    assert without.replace("&nbsp;", "\xa0") == html.replace("&nbsp;", "\xa0")


@given(TEXTS, TEXTS)
def test_it_links_once_and_the_same_again(one: str, other: str) -> None:
    shown = linked([markup.html(one), markup.html(other)], NAMES)
    links = re.findall(r'class="mention" href="(.*?)"', "".join(shown))
    assert len(links) == len(set(links))
    assert linked(shown, NAMES) == shown


@given(TEXTS)
def test_it_links_nothing_in_code_and_links(text: str) -> None:
    (shown,) = linked([markup.html(f"`{text}` [{text}](https://example.org)")], NAMES)
    for inside in re.findall(r"<(?:a href|code).*?</(?:a|code)>", shown, re.DOTALL):
        assert "mention" not in inside


def test_it_links_the_longest_name_and_nothing_within() -> None:
    shown = linked(["<p>A deep net, a deep net, a net; deep x</p>", "<p>x</p>"], NAMES)
    assert re.findall(r">([^<]+)</a>", "".join(shown)) == ["deep net", "net", "x"]
    assert linked(["<p>net</p>"], NAMES, ["/en/define/1"]) == ["<p>net</p>"]


def names_in(text: str, language: str = "en") -> dict[str, str]:
    return {name: found.url for name, found in look_up([text], language).items()}


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("name", "text", "written"),
    [
        ("latent space", "In a Latent\nSpace.", "Latent\nSpace"),
        ("latent space", "of latent spaces, too", "latent spaces"),
        ("fine-tuning", "after fine tuning it", "fine tuning"),
        ("k-nearest neighbours", "by k-nearest neighbours", "k-nearest neighbours"),
        ("bag of words", "as a bag of words is", "bag of words"),
        ("memory", "two memories", "memories"),
        ("pooling", "is pooled", "pooled"),
        ("map", "is mapped to", None),
        ("weight", "a weighted sum", None),
        ("meaning", "the mean", None),
        ("model", "the model's size", "model"),
        ("encoder", "an encoder–decoder", "encoder"),
        ("naïve Bayes", "by naive Bayes", "naive Bayes"),
        ("C++", "in C++.", "C++"),
        ("LLM", "of LLMs", "LLM"),
        ("AI", "what AI is", "AI"),
        ("IT", "an IT office", "IT"),
        ("LIME", "a lime tree", None),
        ("lime", "by LIME", None),
        ("AI", "ai", None),
        ("ai", "an ai eats", None),
        ("IT", "where it is", None),
        ("it", "where it is", None),
        ("A", "A net is", None),
        ("university", "the universe", None),
        ("direction", "direct ones", None),
        ("vector space", "a vector in a space; space vector", None),
        ("latent space", "latent, space", None),
        ("latent space", "latent. Space", None),
        ("model", "a remodelled house", None),
    ],
)
def test_it_knows_a_name_as_it_is_written(name: str, text: str, written: str | None) -> None:
    term = make_term(name)
    assert names_in(text) == ({written: term.get_absolute_url()} if written else {})


@pytest.mark.django_db
def test_it_knows_the_inflections_of_other_languages() -> None:
    term = make_term("Vektor", language="de")
    assert names_in("die Summe der Vektoren", "de") == {"Vektoren": term.get_absolute_url()}
    assert names_in("the sum of vectors", "en") == {}
    hindi = make_term("हिन्दी", language="hi")
    assert names_in("यह हिन्दी है", "hi") == {"हिन्दी": hindi.get_absolute_url()}


@pytest.mark.django_db
def test_it_takes_the_name_most_like_what_is_written() -> None:
    token, tokens = make_term("token"), make_term("tokens")
    clip = make_term("CLIP")
    make_alias(make_term("cutting"), "Clip")
    make_alias(tokens, "token")
    assert names_in("tokens") == {"tokens": tokens.get_absolute_url()}
    assert names_in("token") == {"token": token.get_absolute_url()}
    assert names_in("CLIP") == {"CLIP": clip.get_absolute_url()}


@pytest.mark.django_db
def test_it_leads_a_shared_alias_to_the_choice_and_a_former_name_nowhere() -> None:
    retrieval, representation = make_term("retrieval"), make_term("representation")
    for term in (retrieval, representation):
        make_alias(term, "IR", kind="abbreviation")
    make_alias(retrieval, "look-up")
    make_alias(retrieval, "seeking", kind="former")
    assert names_in("IR, look-up, seeking") == {
        "IR": "/en/define/ir",
        "look-up": "/en/define/retrieval",
    }
    assert look_up(["IR"], "en")["IR"].term_ids == (retrieval.id, representation.id)


@pytest.mark.django_db
def test_it_never_finds_a_draft_nor_links_what_is_not_to_be() -> None:
    make_term("secret", status="draft")
    make_alias(make_term("hidden", status="review"), "covert")
    make_term("old", status="deprecated")
    make_term("deep space", is_linked=False)
    make_term("space")
    assert names_in("secret hidden covert old deep space") == {
        "old": "/en/define/old",
        "deep space": "",
        "space": "/en/define/space",
    }


@pytest.fixture
def page(db: None) -> Term:
    term = make_term("latent space", "A latent space is a **vector space**; not a vector space.")
    make_alias(term, "Z")
    make_alias(term, "shared")
    other = make_term("vector space", "A space of vectors.")
    make_alias(other, "shared")
    make_sense(term, "Another vector space, Z or shared `embedding` of an embedding.")
    make_term("embedding", "A point of a latent space.")
    make_term("space", "Room.", is_linked=False)
    return Term.objects.with_senses().get(pk=term.pk)


def test_it_links_each_term_once_a_page_and_itself_never(page: Term) -> None:
    first, second = annotated(page)
    assert first.linked_html == (
        '<p>A latent space is a <strong><a class="mention" href="/en/define/vector-space">'
        "vector space</a></strong>; not a vector space.</p>\n"
    )
    assert second.linked_html == (
        "<p>Another vector space, Z or shared <code>embedding</code> of an "
        '<a class="mention" href="/en/define/embedding">embedding</a>.</p>\n'
    )


def test_it_asks_the_database_once(page: Term, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(1):
        annotated(page)


def test_it_looks_up_no_more_than_the_first_words(page: Term) -> None:
    assert names_in("word " * 599 + "embedding") == {"embedding": "/en/define/embedding"}
    assert names_in("word " * 600 + "embedding") == {}


def test_a_page_has_the_links_and_rest_has_none(page: Term, client: Client) -> None:
    link = '<a class="mention" href="/en/define/vector-space">'
    assert link in client.get("/en/define/latent-space").content.decode()
    body = client.get("/api/v1/terms/en/latent-space").json()
    assert body["senses"][0]["definition"] == page.senses.all()[0].definition


def test_a_link_goes_and_comes_with_the_term(page: Term, client: Client) -> None:
    def links() -> str:
        response = client.get("/en/define/latent-space")
        return " ".join(re.findall(r'class="mention" href="(.*?)"', response.content.decode()))

    assert links() == "/en/define/vector-space /en/define/embedding"
    Term.objects.filter(name="vector space").update(status="draft")
    assert links() == "/en/define/embedding"
    Term.objects.filter(name="embedding").update(is_linked=False)
    assert links() == ""
    Term.objects.filter(name="space").update(is_linked=True)
    assert links() == "/en/define/space"


def test_a_glossary_may_link_telling_names_only_or_nothing(page: Term, client: Client) -> None:
    for name in ("fine-tuning", "ReLU", "Paris"):
        make_term(name)
    text = "vector space, embedding, fine tuning, ReLU, Paris"
    names = {"vector space", "embedding", "fine tuning", "ReLU", "Paris"}
    Glossary.objects.get_or_create(id=1)
    for links, linked_names in (
        ("all", names),
        ("telling", {"vector space", "fine tuning", "ReLU"}),
        ("none", set()),
    ):
        Glossary.objects.update(links=links)
        found = names_in(text)
        assert found.keys() >= names
        assert {name for name, url in found.items() if url} == linked_names
        shown = client.get("/en/define/latent-space").content.decode()
        assert ('class="mention" href="/en/define/embedding"' in shown) == (links == "all")


def users_of(slug: str) -> list[Term]:
    found = reading.page("en", slug)
    return found[1].mentioning if found else []


def test_what_is_not_linked_is_no_use_and_no_step(page: Term) -> None:
    vectors = Term.objects.with_senses().get(name="vector space")
    Glossary.objects.update_or_create(id=1, defaults={"links": "telling"})
    assert users_of("vector-space") == [page]
    assert users_of("embedding") == []
    assert [step.term for step in path_to(page)] == [vectors, page]
    Glossary.objects.update(links="none")
    assert users_of("vector-space") == []
    assert [step.term for step in path_to(page)] == [page]


@pytest.mark.django_db
def test_pages_are_new_when_the_glossary_itself_changes(client: Client) -> None:
    Glossary.objects.get_or_create(id=1)
    make_term("net")
    tag = client.get("/en/define/net")["ETag"]
    Glossary.objects.filter(id=1).update(links="none")
    assert client.get("/en/define/net", headers={"if-none-match": tag}).status_code == 200
    revision = Glossary.current().revision
    stale = Glossary(id=1, name="Words", revision=1)
    stale.save()
    assert Glossary.current().revision > revision
