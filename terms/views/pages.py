from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

from django.conf import settings
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    HttpResponsePermanentRedirect,
)
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe

from terms.addresses import Gone, Moved, resolve
from terms.models import Glossary, Term

View = Callable[..., HttpResponse]
R = TypeVar("R", bound=HttpResponseBase)


def reader_page(view: View) -> View:
    """GET and HEAD only, the same for everybody: may be kept and revalidated by its ETag.

    The validator itself is `glossary.validators`, which knows the words and the space.
    """
    page: Any = csrf_exempt(require_safe(view))  # so that a POST is told that it is no method here
    page.is_reader_page = True
    return page


def live_page(view: View) -> View:
    """As a reader page, of what changes without the glossary: it is asked for anew each time."""

    @wraps(view)
    def fresh(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response = view(request, *args, **kwargs)
        response.headers.setdefault("Cache-Control", "no-cache")
        return response

    page: Any = reader_page(fresh)
    page.is_reader_page = False
    return page


def may_see_pages(request: HttpRequest) -> bool:
    """Where reading needs a log-in, whether there is one. A token opens REST alone."""
    return not settings.PRIVATE or request.user.is_authenticated


def glossary_of(request: HttpRequest) -> Glossary:
    """The glossary's row, as the validator of a reader page has just read it."""
    found: Glossary | None = getattr(request, "glossary", None)
    return found or Glossary.current()


def entry_of(term: Term) -> dict[str, Any]:
    """A term as lists show it (components/columns.html). Its senses are prefetched."""
    return {
        "name": term.name,
        "url": term.get_absolute_url(),
        "gist": term.gist,
        "is_deprecated": term.is_deprecated,
    }


def daily_page(view: View) -> View:
    """A reader page that shows another thing each day: its validator knows the date too."""
    page: Any = reader_page(view)
    page.is_daily = True
    return page


def of_language(view: Callable[..., R]) -> Callable[..., R]:
    """What a language has as a whole, as its index: 404 for one that is not read here."""

    @wraps(view)
    def page(request: HttpRequest, language: str, **kwargs: Any) -> R:
        if not glossary_of(request).is_read_in(language):
            raise Http404("The glossary has nothing in this language.")
        return view(request, language, **kwargs)

    return page


def gone(request: HttpRequest, name: str) -> HttpResponse:
    """What is answered where a public term once was."""
    return render(request, "410.html", {"name": name}, status=410)


def of_one_term(view: View) -> View:
    """What lies under a term's address: the view gets the public term, and moves when it moves.

    Of a term that was deleted it is gone, too.
    """

    @wraps(view)
    def page(request: HttpRequest, language: str, slug: str, **kwargs: Any) -> HttpResponse:
        match resolve(language, slug):
            case Term() as term:
                return view(request, term, **kwargs)
            case Moved(there):
                name = request.resolver_match.view_name  # type: ignore[union-attr]  # it is routed
                place = {"language": there.language, "slug": there.slug, **kwargs}
                return HttpResponsePermanentRedirect(reverse(name, kwargs=place))
            case Gone(removed):
                return gone(request, removed)
        raise Http404("No one term is at this address.")

    return page
