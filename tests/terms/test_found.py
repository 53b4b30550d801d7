"""How a page presents itself: titles, addresses, languages, schema.org data, cards."""

import json
import re
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.utils.html import escape
from PIL import Image

from terms import cards
from terms.models import Glossary, Term
from tests.factories import make_alias, make_bundle, make_sense, make_term, make_topic, relate

SITE = settings.LEXISPACE_URL
BREAKS_OUT = '</script><script>alert("x")</script><!-- & <b>'


def linked_data(client: Client, url: str) -> dict[str, dict[str, Any]]:
    """The nodes of a page's JSON-LD by type."""
    content = client.get(url).content.decode()
    (data,) = re.findall(r'<script type="application/ld\+json">(.*?)</script>', content, re.DOTALL)
    return {node["@type"]: node for node in json.loads(data)["@graph"]}


# The head


@pytest.mark.django_db
def test_a_page_says_what_it_is_about(client: Client) -> None:
    make_term("kerning", "The space *between* letters & signs. A second sentence.")
    content = client.get("/en/define/kerning").content.decode()
    for line in (
        "<title>kerning · Lexispace</title>",
        'name="description" content="kerning: The space between letters &amp; signs."',
        f'rel="canonical" href="{SITE}/en/define/kerning"',
        'property="og:title" content="kerning"',
        'property="og:description" content="The space between letters &amp; signs."',
        f'property="og:url" content="{SITE}/en/define/kerning"',
        f'property="og:image" content="{SITE}/en/define/kerning/card.png"',
        'name="twitter:card" content="summary_large_image"',
    ):
        assert line in content
    assert "hreflang" not in content


@pytest.mark.django_db
def test_translations_name_each_other_and_themselves(client: Client) -> None:
    tree = make_term("tree")
    baum, arbre, hidden, related = (
        make_term(name, language=language, status=status)
        for name, language, status in (
            ("Baum", "de", "published"),
            ("arbre", "fr", "published"),
            ("árbol", "es", "draft"),
            ("Gehölz", "de", "published"),
        )
    )
    for other in (baum, arbre, hidden):
        relate(tree, other, "translation")
    relate(tree, related)

    def links(url: str) -> list[tuple[str, str]]:
        content = client.get(url).content.decode()
        return re.findall(r'hreflang="(.*?)" href="(.*?)"', content)

    there = [("en", f"{SITE}/en/define/tree"), ("de", f"{SITE}/de/define/baum")]
    french = ("fr", f"{SITE}/fr/define/arbre")
    assert sorted(links("/en/define/tree")) == sorted([*there, french])
    assert sorted(links("/de/define/baum")) == sorted(there)
    assert '<h1 lang="de">Baum</h1>' in client.get("/de/define/baum").content.decode()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("url", "canonical"),
    [
        ("/en/?utm_source=x", "/en/"),
        ("/en/?after=a%09b&x=y", "/en/?after=a%09b"),
        ("/en/letter/T", "/en/letter/T"),
        ("/de/topics/geometry?x=y", "/de/topics/geometry"),
        ("/de/topics", "/de/topics"),
        ("/en/bundles", "/en/bundles"),
        ("/en/recent?x=y", "/en/recent"),
    ],
)
def test_a_list_has_one_address(client: Client, url: str, canonical: str) -> None:
    make_term("tree").senses.get().topics.add(make_topic("geometry"))
    content = client.get(url).content.decode()
    assert f'<link rel="canonical" href="{SITE}{canonical}">' in content


@pytest.mark.django_db
@pytest.mark.parametrize("asked", ["First-Name", "first-name", "third-name", "other name", "n-1"])
@pytest.mark.parametrize("page", ["", "/card.png"])
def test_every_other_address_is_one_step_away(client: Client, asked: str, page: str) -> None:
    term = make_term("first name")
    make_alias(term, "other name")
    make_alias(term, "N 1")
    for slug in ("second-name", "third-name", "last-name"):
        Term.objects.filter(pk=term.pk).update(slug=slug)
    response = client.get(f"/en/define/{asked}{page}")
    assert (response.status_code, response["Location"]) == (301, f"/en/define/last-name{page}")
    assert client.get(response["Location"]).status_code == 200


# JSON-LD


@pytest.mark.django_db
def test_each_sense_is_a_defined_term(client: Client) -> None:
    term = make_term("kernel", "What is *left*.")
    make_sense(term, "The middle of a system.")
    make_alias(term, "core")
    make_bundle(term, title="first steps")
    page = linked_data(client, "/en/define/kernel")["WebPage"]
    term.refresh_from_db()
    address = f"{SITE}/en/define/kernel"
    assert (page["url"], page["inLanguage"]) == (address, "en")
    assert page["dateModified"] == term.updated_at.isoformat()
    keys = [sense.key for sense in term.senses.all()]
    assert [sense["termCode"] for sense in page["mainEntity"]] == keys
    first = page["mainEntity"][0]
    assert first["@type"] == "DefinedTerm"
    assert first["url"] == f"{address}#{keys[0]}"
    assert (first["name"], first["alternateName"]) == ("kernel", ["core"])
    assert first["description"] == "What is left."
    sets = [each["url"] for each in first["inDefinedTermSet"]]
    assert sets == [f"{SITE}/", f"{SITE}/en/bundles/first-steps"]
    assert "creativeWorkStatus" not in page


@pytest.mark.django_db
def test_no_text_ends_the_element(client: Client) -> None:
    term = make_term(BREAKS_OUT, f"```\n{BREAKS_OUT}\n```")
    make_alias(term, f"alias {BREAKS_OUT}")
    Glossary.objects.update(name=BREAKS_OUT[:120])
    (sense,) = linked_data(client, term.get_absolute_url())["WebPage"]["mainEntity"]
    assert sense["name"] == sense["description"] == BREAKS_OUT
    for url in (term.get_absolute_url(), "/"):
        content = client.get(url).content.decode()
        assert "<script>alert" not in content
        assert content.count("<script") == content.count("</script>") == 3
    assert linked_data(client, "/")["DefinedTermSet"]["name"] == BREAKS_OUT


@pytest.mark.django_db
def test_the_glossary_and_bundles_are_sets_of_terms(client: Client) -> None:
    terms = [make_term("second"), make_term("first")]
    make_bundle(*terms, make_term("hidden", status="draft"), title="steps", introduction="*Read*.")
    glossary = linked_data(client, "/")["DefinedTermSet"]
    assert (glossary["@id"], glossary["name"]) == (f"{SITE}/", "Lexispace")
    bundle = linked_data(client, "/en/bundles/steps")["DefinedTermSet"]
    assert (bundle["name"], bundle["description"]) == ("steps", "Read.")
    assert [each["name"] for each in bundle["hasDefinedTerm"]] == ["second", "first"]
    assert bundle["isPartOf"]["@id"] == glossary["@id"]


@pytest.mark.django_db
def test_the_breadcrumb_is_the_one_on_the_page(client: Client) -> None:
    below = make_topic("plane", parent=make_topic("geometry"))
    make_term("angle").senses.get().topics.add(below)

    def way(url: str) -> list[tuple[int, str, str]]:
        steps = linked_data(client, url)["BreadcrumbList"]["itemListElement"]
        return [(s["position"], s["name"], s["item"].removeprefix(SITE)) for s in steps]

    topics = (1, "Topics", "/en/topics")
    plane = "/en/topics/plane"
    assert way(plane) == [topics, (2, "geometry", "/en/topics/geometry"), (3, "plane", plane)]
    assert way("/en/define/angle") == [
        topics,
        (2, "plane", plane),
        (3, "angle", "/en/define/angle"),
    ]
    make_term("loose")
    assert list(linked_data(client, "/en/define/loose")) == ["WebPage"]


@pytest.mark.django_db
@pytest.mark.parametrize(("status", "links"), [("published", ["/en/define/new"]), ("draft", [])])
def test_a_deprecated_page_says_so_and_leads_on(
    client: Client, status: str, links: list[str]
) -> None:
    make_term("old", status="deprecated", replaced_by=make_term("new", status=status))
    page = linked_data(client, "/en/define/old")["WebPage"]
    assert page["creativeWorkStatus"] == "Deprecated"
    assert page["significantLink"] == [f"{SITE}{link}" for link in links]
    said = escape("No longer recommended" + (": use “new”." if links else "."))
    assert f'content="old: {said}' in client.get("/en/define/old").content.decode()


# The cards

TEXTS = {
    "usual": ("latent space", "The space of a model's coordinates.", "Lexispace"),
    "long": ("retrieval " * 12, "A sentence that does not end, " * 12, "The glossary of " * 8),
    "one long word": ("x" * 200, "y" * 240, "z" * 120),
    "cjk": ("潜在空间", "A space in which things have places.", "Lexispace"),
    "cjk alone": ("潜在空间", "潜在空间是", "词典"),
    "right to left": ("الفضاء الكامن", "فضاء", "Lexispace"),
    "signs": ("f: A → B", "A map f: A → B 🧭 \u2029\x85\u0301\u200d.", "Lexispace"),
    "nothing": ("a", "", ""),
}


@pytest.mark.parametrize("texts", TEXTS.values(), ids=TEXTS)
def test_it_draws_a_card_whatever_the_texts_are(texts: tuple[str, str, str]) -> None:
    image = Image.open(BytesIO(cards.png(*texts)))
    assert (image.format, image.size) == ("PNG", (1200, 630))
    drawn = drawn_box(image)
    assert drawn[0] >= cards.MARGIN - 8
    assert drawn[2] <= cards.WIDTH - cards.MARGIN + 60
    assert drawn[3] <= cards.HEIGHT - cards.MARGIN + 8


def drawn_box(image: Image.Image) -> tuple[int, int, int, int]:
    """Where anything but paper is, below the band at the top."""
    below = image.convert("RGB").crop((0, 20, *cards.SIZE))
    paper = below.getpixel((0, 0))
    box = below.convert("L").point([255 * (level < 200) for level in range(256)]).getbbox()
    assert paper is not None
    assert box is not None
    return (box[0], box[1] + 20, box[2], box[3] + 20)


def test_a_name_that_the_fonts_cannot_draw_gives_its_place_to_the_gist() -> None:
    gist = "A space in which things have places."
    shown = cards.png("潜在空间", gist, "Lexispace")
    assert shown == cards.png("שלום", gist, "Lexispace")
    assert shown != cards.png("latent space", gist, "Lexispace")
    assert cards.png("潜在空间", "是", "Lexispace") == cards.png("空间", "", "Lexispace")


@pytest.mark.skipif(not cards.JOINS, reason="Pillow joins no Arabic letters without FriBiDi")
def test_arabic_is_drawn_from_the_right_with_its_letters_joined() -> None:
    shown = cards.png("الفضاء الكامن", "فضاء (latent space).", "Lexispace")
    assert shown != cards.png("", "", "Lexispace")
    names = Image.open(BytesIO(shown)).convert("L").crop((0, 20, 1200, 300))
    box = names.point([255 * (level < 200) for level in range(256)]).getbbox()
    assert box is not None
    assert box[0] > 400
    face = cards.font("arabic", 60, 600)
    assert face.getlength("كامن") < sum(map(face.getlength, "كامن"))


def test_where_letters_cannot_be_joined_arabic_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cards, "JOINS", False)
    assert cards.said("فضاء", "فضاء.", "Lexispace") == "Lexispace"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("name", "alt"), [("kerning", "kerning: Space."), ("字距", "Space."), ("Å", "Å: Space.")]
)
def test_the_words_for_a_card_are_those_that_it_shows(client: Client, name: str, alt: str) -> None:
    term = make_term(name, "Space.")
    shown = client.get(term.get_absolute_url()).content.decode()
    assert f'<meta property="og:image:alt" content="{alt}">' in shown


@pytest.mark.parametrize(
    ("text", "drawable"),
    [
        ("naïve café – “so”", "naïve café – “so”"),
        ("two\n lines", "two lines"),
        ("A map from A, → B", "A map from A …"),
        ("→ first", ""),
    ],
)
def test_it_draws_a_gist_as_far_as_it_can(text: str, drawable: str) -> None:
    assert cards.drawable(text) == drawable
    assert cards.drawable(text, whole=True) == (drawable if drawable[-1:] != "…" else "")


def test_its_colours_are_those_of_the_site() -> None:
    tokens = (Path(settings.BASE_DIR) / "static" / "css" / "tokens.css").read_text()
    light = dict(reversed(re.findall(r"--(\w+): (#\w+);", tokens)))
    colours = {"paper": cards.PAPER, "ink": cards.INK, "muted": cards.MUTED, "link": cards.LINK}
    assert {name: light[name] for name in colours} == colours


@pytest.mark.django_db
def test_a_card_is_revalidated_like_its_page(client: Client) -> None:
    term = make_term("token", "A unit.")
    card = client.get("/en/define/token/card.png")
    assert (card["Content-Type"], card["Cache-Control"]) == ("image/png", "public, no-cache")
    known = {"if-none-match": card["ETag"]}
    assert client.get("/en/define/token/card.png", headers=known).status_code == 304
    Glossary.objects.update(revision=99)  # the trigger waits for a commit, which no test makes
    make_sense(term)
    assert client.get("/en/define/token/card.png", headers=known).status_code == 200


@pytest.mark.django_db
def test_what_is_no_one_term_has_no_card(client: Client) -> None:
    for name in ("information retrieval", "intermediate representation"):
        make_alias(make_term(name), "IR")
    make_term("draft", status="draft")
    for slug in ("IR", "draft", "nothing"):
        assert client.get(f"/en/define/{slug}/card.png").status_code == 404
