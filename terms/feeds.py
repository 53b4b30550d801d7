"""What changed lately, as feeds: Atom (RFC 4287) and JSON Feed 1.1."""

import json
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.conf import settings
from django.utils.feedgenerator import Atom1Feed, SyndicationFeed, get_tag_uri
from django.utils.html import escape

from terms.addresses import absolute
from terms.models import Term

LENGTH = 50  # terms; a reader that asks once a day misses none of an ordinary day


class JSONFeed(SyndicationFeed):
    """JSON Feed 1.1 (jsonfeed.org/version/1.1)."""

    content_type = "application/feed+json; charset=utf-8"

    def write(self, outfile: Any, encoding: str) -> None:
        document = {
            "version": "https://jsonfeed.org/version/1.1",
            "title": self.feed["title"],
            "home_page_url": self.feed["link"],
            "feed_url": self.feed["feed_url"],
            "description": self.feed["description"],
            "language": self.feed["language"],
            "authors": [{"name": self.feed["author_name"]}],
            "items": [self._item(item) for item in self.items],
        }
        outfile.write(json.dumps(document, ensure_ascii=False))

    def _item(self, item: dict[str, Any]) -> dict[str, str]:
        return {
            "id": item["unique_id"],
            "url": item["link"],
            "title": item["title"],
            "content_html": item["description"],
            "date_modified": item["updateddate"].isoformat(),
        }


FORMS: dict[str, type[Atom1Feed | JSONFeed]] = {"atom": Atom1Feed, "json": JSONFeed}


def written(form: str, terms: Iterable[Term], **about: Any) -> Atom1Feed | JSONFeed:
    """A feed in one of FORMS. `about` is what SyndicationFeed takes; terms have their gists."""
    feed = FORMS[form](**about)
    for term in terms:
        feed.add_item(
            title=term.name,
            link=absolute(term.get_absolute_url()),
            description=escape(term.summary),
            updateddate=term.updated_at,
            unique_id=entry_id(term.pk, term.created_at),
        )
    return feed


def entry_id(term: int, born_at: datetime) -> str:
    """A tag URI (RFC 4151) that no change of the term's name or address touches."""
    return get_tag_uri(f"{settings.LEXISPACE_URL}/terms/{term}", born_at).rstrip("/")
