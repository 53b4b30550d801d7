from collections.abc import Callable
from typing import Any

from django.http import HttpResponse
from django.views.decorators.http import require_safe

View = Callable[..., HttpResponse]


def reader_page(view: View) -> View:
    """GET and HEAD only, the same for everybody: may be kept and revalidated by its ETag.

    The validator itself is `glossary.validators`, which knows the words and the space.
    """
    page: Any = require_safe(view)
    page.is_reader_page = True
    return page


def daily_page(view: View) -> View:
    """A reader page that shows another thing each day: its validator knows the date too."""
    page: Any = reader_page(view)
    page.is_daily = True
    return page
