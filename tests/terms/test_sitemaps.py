"""What crawlers find: every current term once, in blocks with true dates; and where they may go."""

from datetime import datetime
from typing import Any
from xml.etree import ElementTree

import pytest
from django.conf import settings
from django.test import Client, override_settings

from terms import sitemaps
from terms.models import Term
from tests.factories import make_bundle, make_term, make_topic

pytestmark = pytest.mark.django_db
NAMESPACE = "{http://www.sitemaps.org/schemas/sitemap/0.9}"


@pytest.fixture
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sitemaps, "BLOCK", 3)


def read(client: Client, url: str) -> dict[str, str]:
    """Address → date of a sitemap or an index, without the site's own address."""
    response = client.get(url)
    assert (response.status_code, response["Content-Type"]) == (200, "application/xml")
    found = {}
    for entry in ElementTree.fromstring(response.content):
        address = entry.findtext(f"{NAMESPACE}loc") or ""
        assert address.startswith(settings.LEXISPACE_URL)
        date = entry.findtext(f"{NAMESPACE}lastmod") or ""
        found[address.removeprefix(settings.LEXISPACE_URL)] = date
    return found


def blocks(client: Client) -> dict[str, str]:
    index = read(client, "/sitemap.xml")
    assert index.pop("/sitemap-pages.xml") == ""
    return index


def test_it_splits_terms_into_blocks_that_together_hold_each_once(
    client: Client, small_blocks: None
) -> None:
    made = [make_term().get_absolute_url() for _ in range(8)]
    files = [read(client, url) for url in blocks(client)]
    assert len(files) >= 3
    assert max(map(len, files)) <= 3
    assert sorted(address for file in files for address in file) == sorted(made)


def test_it_dates_a_block_by_the_last_change_in_it(client: Client, small_blocks: None) -> None:
    terms = [make_term() for _ in range(8)]
    before = blocks(client)
    Term.objects.filter(pk=terms[-1].pk).update(name="another name")
    after = blocks(client)
    changed = [url for url in after if after[url] != before[url]]
    assert changed == [f"/sitemap-terms-{terms[-1].pk // 3}.xml"]
    last = Term.objects.get(pk=terms[-1].pk).updated_at
    assert datetime.fromisoformat(after[changed[0]]) == last
    assert read(client, changed[0])[terms[-1].get_absolute_url()] == last.date().isoformat()


def test_it_leaves_out_drafts_and_terms_that_another_stands_for(client: Client) -> None:
    shown = make_term("shown")
    make_term("draft", status="draft")
    make_term("old", status="deprecated")
    make_term("replaced", status="deprecated", replaced_by=shown)
    listed = [address for url in blocks(client) for address in read(client, url)]
    assert sorted(listed) == ["/en/define/old", "/en/define/shown"]


def test_it_says_that_an_empty_block_is_none(client: Client) -> None:
    draft = make_term(status="draft")
    assert client.get(f"/sitemap-terms-{draft.pk // sitemaps.BLOCK}.xml").status_code == 404
    assert client.get(f"/sitemap-terms-{'9' * 30}.xml").status_code == 404
    assert blocks(client) == {}


def test_it_lists_pages_topics_and_bundles_with_something_in_them(client: Client) -> None:
    term = make_term()
    term.senses.get().topics.add(make_topic("geometry"))
    make_topic("empty")
    make_bundle(term, title="first steps")
    make_bundle(title="bare")
    assert list(read(client, "/sitemap-pages.xml")) == [
        "/",
        "/en/",
        "/en/recent",
        "/en/topics",
        "/en/bundles",
        "/en/topics/geometry",
        "/en/bundles/first-steps",
    ]


def test_it_reads_all_terms_once_for_a_state_of_the_glossary(
    client: Client, small_blocks: None, django_assert_num_queries: Any
) -> None:
    for _ in range(8):
        make_term()
    with django_assert_num_queries(4):  # one for the ETag, two for the state, one for the blocks
        client.get("/sitemap.xml")
    with django_assert_num_queries(3):
        client.get("/sitemap.xml")


def test_it_tells_crawlers_where_the_sitemap_is_and_where_not_to_go(client: Client) -> None:
    response = client.get("/robots.txt")
    lines = response.content.decode().splitlines()
    assert response["Content-Type"] == "text/plain; charset=utf-8"
    assert f"Sitemap: {settings.LEXISPACE_URL}/sitemap.xml" in lines
    assert {"Disallow: /admin/", "Disallow: /api/", "Disallow: /en/search"} < set(lines)
    assert "Disallow: /" not in lines
    with override_settings(PRIVATE=True):
        private = client.get("/robots.txt").content.decode()
    assert private.split() == ["User-agent:", "*", "Disallow:", "/"]
