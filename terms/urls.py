"""The pages a reader sees, apart from those that need the space (embeddings/urls.py)."""

from django.urls import path

from terms import views
from terms.proposing.views import propose_edit, propose_term

urlpatterns = [
    path("", views.home, name="home"),
    path("<language:language>/", views.index, name="index"),
    path("<language:language>/letter/<str:letter>", views.index, name="index_letter"),
    path("<language:language>/define/<str:slug>", views.term, name="term"),
    path("<language:language>/define/<str:slug>/card.png", views.card, name="card"),
    path(
        "<language:language>/define/<str:slug>/cite.bib",
        views.cite,
        {"form": "bib"},
        name="cite_bib",
    ),
    path(
        "<language:language>/define/<str:slug>/cite.json",
        views.cite,
        {"form": "json"},
        name="cite_json",
    ),
    path("<language:language>/define/<str:slug>/entry.md", views.markdown, name="entry_markdown"),
    path("<language:language>/define/<str:slug>/history", views.history, name="history"),
    path(
        "<language:language>/define/<str:slug>/version/<int:number>", views.version, name="version"
    ),
    path("<language:language>/recent", views.recent, name="recent"),
    path("<language:language>/feed.atom", views.feed, {"form": "atom"}, name="feed_atom"),
    path("<language:language>/feed.json", views.feed, {"form": "json"}, name="feed_json"),
    path("<language:language>/define/<str:slug>/preview", views.preview, name="preview"),
    path("<language:language>/path/<str:slug>", views.learning_path, name="path"),
    path("<language:language>/propose", propose_term, name="propose_term"),
    path("<language:language>/propose/<str:slug>", propose_edit, name="propose_edit"),
    path("<language:language>/opensearch.xml", views.opensearch, name="opensearch"),
    path("<language:language>/suggest", views.suggestions, name="suggestions"),
    path("<language:language>/topics", views.topics, name="topics"),
    path("<language:language>/topics/<str:slug>", views.topic, name="topic"),
    path(
        "<language:language>/topics/<str:slug>/feed.atom",
        views.topic_feed,
        {"form": "atom"},
        name="topic_feed_atom",
    ),
    path(
        "<language:language>/topics/<str:slug>/feed.json",
        views.topic_feed,
        {"form": "json"},
        name="topic_feed_json",
    ),
    path("<language:language>/bundles", views.bundles, name="bundles"),
    path("<language:language>/bundles/<str:slug>", views.bundle, name="bundle"),
    path("favicon.ico", views.favicon, name="favicon"),
    path("llms.txt", views.llms, name="llms"),
    path("<language:language>/releases", views.releases, name="releases"),
    path("<language:language>/releases/<str:name>/", views.release, name="release"),
    path(
        "<language:language>/releases/<str:name>/entries.jsonl",
        views.release_lines,
        name="release_lines",
    ),
    path(
        "<language:language>/releases/<str:name>/define/<str:slug>",
        views.release_entry,
        name="release_entry",
    ),
    path(
        "<language:language>/releases/<str:name>/compare/<str:other>",
        views.release_comparison,
        name="release_comparison",
    ),
    path("robots.txt", views.robots, name="robots"),
    path("sitemap.xml", views.sitemap_index, name="sitemap_index"),
    path("sitemap-pages.xml", views.sitemap_pages, name="sitemap_pages"),
    path("sitemap-terms-<int:block>.xml", views.sitemap_terms, name="sitemap_terms"),
]
