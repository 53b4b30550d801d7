from terms.views.bundles import bundle, bundles
from terms.views.home import home
from terms.views.index import index
from terms.views.suggest import opensearch, suggestions
from terms.views.term import term
from terms.views.topics import topic, topics

__all__ = [
    "bundle",
    "bundles",
    "home",
    "index",
    "opensearch",
    "suggestions",
    "term",
    "topic",
    "topics",
]
