"""How a sense is cited: on its page, and as files for reference managers."""

import re

import pytest
from django.conf import settings
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from terms.citations import BIBTEX_SIGNS, bibtex_text
from terms.models import Glossary, Term
from tests.factories import make_alias, make_sense, make_term

ESCAPED = {escape: sign for sign, escape in BIBTEX_SIGNS.items()}


def citation_file(client: Client, url: str) -> str:
    response = client.get(url)
    assert response.status_code == 200
    assert response["Content-Disposition"].startswith("attachment; filename")
    return response.content.decode()


@given(st.text())
def test_every_sign_of_a_text_can_be_read_back_from_bibtex(text: str) -> None:
    read = re.sub(r"\\text\w+\{\}|\\[{}$&#_%]", lambda found: ESCAPED[found[0]], bibtex_text(text))
    assert read == text


@pytest.mark.django_db
def test_it_cites_each_sense_by_its_key_version_and_permanent_address(client: Client) -> None:
    Glossary.objects.update_or_create(id=1, defaults={"name": "Words & Co"})
    term = make_term("R&D, 研究")
    make_sense(term)
    term.refresh_from_db()
    first, second = term.senses.order_by("position")
    items = client.get("/en/define/r-d-研究/cite.json").json()
    day = term.updated_at.date()
    address = f"{settings.LEXISPACE_URL}{term.get_absolute_url()}/version/{term.version}"
    assert items[1] == {
        "id": second.key,
        "type": "entry-dictionary",
        "title": "R&D, 研究 (sense 2)",
        "container-title": "Words & Co",
        "publisher": "Words & Co",
        "issued": {"date-parts": [[day.year, day.month, day.day]]},
        "version": str(term.version),
        "language": "en",
        "URL": f"{address}#{second.key}",
    }
    bib = citation_file(client, "/en/define/r-d-研究/cite.bib")
    assert re.findall(r"^@misc\{(.*),$", bib, re.MULTILINE) == [first.key, second.key]
    assert r"title = {{R\&D, 研究 (sense 1)}}," in bib
    assert r"publisher = {Words \& Co}," in bib


@pytest.mark.django_db
def test_a_page_shows_how_its_only_sense_is_cited(client: Client) -> None:
    term = Term.objects.get(pk=make_term("What is a token?").pk)
    page = client.get(term.get_absolute_url()).content.decode()
    assert f"What is a token? ({term.updated_at.year}, " in page
    assert f"#{term.senses.get().key}</span>" in page
    assert f"<span>“What is a token?” Lexispace, version {term.version}, " in page
    assert f"<span>Lexispace, s.v. “What is a token?,” version {term.version}, " in page
    for style in ("APA", "MLA", "Chicago", "BibTeX"):
        assert f'data-says="Copied as {style}"' in page
    for name in ("cite.bib", "cite.json", "entry.md", "history"):
        assert f'href="/en/define/what-is-a-token/{name}"' in page


@pytest.mark.django_db
@pytest.mark.parametrize(
    "name", ["cite.bib", "cite.json", "entry.md", "history", "card.png", "version/2"]
)
def test_what_lies_under_an_address_moves_with_it(client: Client, name: str) -> None:
    term = make_term("old name")
    make_alias(term, "another name")
    make_term("hidden", status="draft")
    Term.objects.filter(pk=term.pk).update(name="new name", slug="new-name")
    for old in ("old-name", "another-name", "New%20Name"):
        response = client.get(f"/en/define/{old}/{name}")
        assert (response.status_code, response["Location"]) == (
            301,
            f"/en/define/new-name/{name}",
        )
    for nothing in ("hidden", "nothing-here"):
        assert client.get(f"/en/define/{nothing}/{name}").status_code == 404


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["cite.bib", "entry.md", "history", "card.png", "version/2"])
def test_what_lies_under_the_address_of_a_deleted_term_is_gone(client: Client, name: str) -> None:
    term, draft = make_term("token"), make_term("quokka", status="draft")
    term.delete()
    draft.delete()
    assert client.get(f"/en/define/token/{name}").status_code == 410
    assert client.get(f"/en/define/quokka/{name}").status_code == 404
