"""What crawlers ask for first."""

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.templatetags.static import static
from django.views.decorators.http import require_safe

from terms import sitemaps
from terms.models import Term
from terms.views.pages import reader_page

XML = "application/xml"
PLAIN = "text/plain; charset=utf-8"


@reader_page
def sitemap_index(request: HttpRequest) -> HttpResponse:
    context = {"sitemaps": sitemaps.index()}
    return render(request, "sitemap_index.xml", context, content_type=XML)


@reader_page
def sitemap_pages(request: HttpRequest) -> HttpResponse:
    context = {"urlset": sitemaps.Pages().get_urls()}
    return render(request, "sitemap.xml", context, content_type=XML)


@reader_page
def sitemap_terms(request: HttpRequest, block: int) -> HttpResponse:
    """The terms of one block; 404 for one without any."""
    if urls := sitemaps.Terms(block).get_urls():
        return render(request, "sitemap.xml", {"urlset": urls}, content_type=XML)
    raise Http404("There are no terms in this block.")


@login_not_required
@reader_page
def robots(request: HttpRequest) -> HttpResponse:
    """What crawlers may read: the pages, or nothing at all where reading needs a log-in."""
    context = {"private": settings.PRIVATE}
    return render(request, "terms/robots.txt", context, content_type=PLAIN)


@reader_page
def llms(request: HttpRequest) -> HttpResponse:
    """What the glossary is and where its parts are, for a language model (llmstxt.org)."""
    context = {"term_count": Term.objects.published().count()}
    return render(request, "terms/llms.txt", context, content_type=PLAIN)


@login_not_required
@require_safe
def favicon(request: HttpRequest) -> HttpResponse:
    """Where browsers look for the icon unasked. The icon's own address changes with it."""
    return HttpResponseRedirect(static("icon.svg"))
