from collections.abc import Callable
from typing import Any

from django.http import HttpResponse
from django.views.decorators.http import require_safe

from terms.models import Term

View = Callable[..., HttpResponse]


def reader_page(view: View) -> View:
    """GET and HEAD only, the same for everybody: may be kept and revalidated by its ETag.

    The validator itself is `glossary.validators`, which knows the words and the space.
    """
    page: Any = require_safe(view)
    page.is_reader_page = True
    return page


def entry_of(term: Term) -> dict[str, str]:
    """A term as lists show it (components/columns.html). Its senses are prefetched."""
    return {"name": term.name, "url": term.get_absolute_url(), "gist": term.gist}


def daily_page(view: View) -> View:
    """A reader page that shows another thing each day: its validator knows the date too."""
    page: Any = reader_page(view)
    page.is_daily = True
    return page
