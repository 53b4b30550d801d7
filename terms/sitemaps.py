"""What search engines are led to: the pages, then all terms in blocks by their id.

A term never moves from one block to another, so that a block's date is that of the last change in
it, and asking for a block reads that block alone.
"""

from collections.abc import Iterator
from datetime import datetime
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.contrib.sitemaps import Sitemap
from django.contrib.sitemaps.views import SitemapIndexItem
from django.urls import reverse

from terms.addresses import absolute
from terms.models import Bundle, Glossary, Term, Topic

BLOCK = 5_000  # ids, written in half a second; the protocol allows 50,000 addresses in a file


class OfSite(Sitemap[Any]):
    """A sitemap whose addresses begin with LEXISPACE_URL, whatever host was asked."""

    limit = BLOCK

    def get_protocol(self, protocol: str | None = None) -> str:
        return settings.LEXISPACE_URL.partition("://")[0]

    def get_domain(self, site: Any = None) -> str:
        return settings.LEXISPACE_URL.partition("://")[2]


class Pages(OfSite):
    """Everything but the terms. No dates: when a list last changed is not recorded."""

    limit = 50_000

    def items(self) -> list[str]:
        languages = Glossary.current().languages
        return [reverse("home"), *_lists(languages), *_collections(languages)]

    def location(self, item: str) -> str:
        return item


def _lists(languages: list[str]) -> Iterator[str]:
    for language in languages:
        for name in ("index", "recent", "topics", "bundles"):
            yield reverse(name, args=[language])


def _collections(languages: list[str]) -> Iterator[str]:
    topics = [topic.slug for topic in Topic.objects.with_counts() if topic.term_count]
    bundles = [bundle.slug for bundle in Bundle.objects.published()]
    for language in languages:
        yield from (reverse("topic", args=[language, slug]) for slug in topics)
        yield from (reverse("bundle", args=[language, slug]) for slug in bundles)


class Terms(OfSite):
    """The current terms with ids from `block` times BLOCK on."""

    def __init__(self, block: int) -> None:
        self.block = block

    def items(self) -> Any:
        return Term.objects.current().in_block(self.block, BLOCK)

    def lastmod(self, term: Term) -> Any:
        return term.updated_at


def index() -> list[SitemapIndexItem]:
    """The files there are, those of terms with the time of their last change."""
    terms = Term.objects.current().recently_changed()
    changed = terms.values_list("updated_at", flat=True).first()
    pages = SitemapIndexItem(absolute(reverse("sitemap_pages")))
    return [pages, *_blocks(Glossary.current().revision, changed)]


@lru_cache(maxsize=1)
def _blocks(revision: int, changed: datetime | None) -> list[SitemapIndexItem]:
    """The files of terms. All terms are read for it, once for each state of the glossary."""
    return [
        SitemapIndexItem(absolute(reverse("sitemap_terms", args=[block])), last)
        for block, last in Term.objects.current().changed_by_block(BLOCK)
    ]
