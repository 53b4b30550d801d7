from terms.views.bundles import bundle, bundles
from terms.views.card import card
from terms.views.cite import cite, markdown
from terms.views.history import history, version
from terms.views.home import home
from terms.views.index import index
from terms.views.path import learning_path
from terms.views.recent import feed, recent, topic_feed
from terms.views.releases import (
    release,
    release_comparison,
    release_entry,
    release_lines,
    releases,
)
from terms.views.sitemaps import (
    favicon,
    llms,
    robots,
    sitemap_index,
    sitemap_pages,
    sitemap_terms,
)
from terms.views.suggest import opensearch, suggestions
from terms.views.term import preview, term
from terms.views.topics import topic, topics

__all__ = [
    "bundle",
    "bundles",
    "card",
    "cite",
    "favicon",
    "feed",
    "history",
    "home",
    "index",
    "learning_path",
    "llms",
    "markdown",
    "opensearch",
    "preview",
    "recent",
    "release",
    "release_comparison",
    "release_entry",
    "release_lines",
    "releases",
    "robots",
    "sitemap_index",
    "sitemap_pages",
    "sitemap_terms",
    "suggestions",
    "term",
    "topic",
    "topic_feed",
    "topics",
    "version",
]
