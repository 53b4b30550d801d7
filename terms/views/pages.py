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
