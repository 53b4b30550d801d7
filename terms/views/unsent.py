"""Forms that came too late: after a log-out, or with the token of an earlier log-in."""

import re

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache

WORDS = re.compile(r"(?:^|-)(?:name|definition|examples|note|answer)$")


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Who logged in by another tab meanwhile is where they wanted to be."""
    if request.path == reverse("login") and request.user.is_authenticated:
        return redirect("account")
    return unsent(request)


@never_cache
def unsent(request: HttpRequest) -> HttpResponse:
    """What was written, to be kept from here, and the way back to the form."""
    context = {"written": written(request), "form_url": form_url(request)}
    return render(request, "unsent.html", context, status=403)


def written(request: HttpRequest) -> list[str]:
    """The words of the form that was sent; not its numbers, choices and passwords."""
    sent = [str(text).strip() for name, text in request.POST.items() if WORDS.search(name)]
    return [text for text in sent if text]


def form_url(request: HttpRequest) -> str:
    """The page that the form was on, where the browser tells it, else one's own page."""
    page = request.headers.get("Referer", "")
    is_ours = url_has_allowed_host_and_scheme(page, request.get_host())
    return page if is_ours else reverse("account")
