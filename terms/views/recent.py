"""What changed lately, as a page and as feeds."""

from django.core.paginator import InvalidPage, Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _

from terms import feeds
from terms.addresses import absolute
from terms.models import Term, Topic
from terms.querysets import TermQuerySet
from terms.views.pages import entry_of, glossary_of, of_language, reader_page

PAGE = 100


@reader_page
@of_language
def recent(request: HttpRequest, language: str) -> HttpResponse:
    """The terms that changed last, by day, a page at a time."""
    try:
        page = Paginator(_changed(language), PAGE).page(request.GET.get("page", 1))
    except InvalidPage as error:
        raise Http404 from error
    changed = [{**entry_of(term), "day": term.updated_at.date()} for term in page]
    return render(request, "terms/recent.html", {"changed": changed, "page": page})


@reader_page
@of_language
def feed(request: HttpRequest, language: str, form: str) -> HttpResponse:
    """What changed in a language, in one of the forms that `feeds` knows."""
    page = reverse("recent", args=[language])
    return _answer(request, form, _changed(language), page=page, language=language)


@reader_page
@of_language
def topic_feed(request: HttpRequest, language: str, slug: str, form: str) -> HttpResponse:
    """The same of one topic, its subtopics included."""
    topic = get_object_or_404(Topic.objects.published(), slug=slug)
    terms = _changed(language).about(Topic.objects.with_descendants(slug))
    page = reverse("topic", args=[language, slug])
    return _answer(request, form, terms, page=page, language=language, topic=topic.name)


def _changed(language: str) -> TermQuerySet:
    terms = Term.objects.published().in_language(language).select_related("replaced_by")
    return terms.recently_changed().with_gists()


def _answer(
    request: HttpRequest, form: str, terms: TermQuerySet, page: str, language: str, topic: str = ""
) -> HttpResponse:
    glossary = glossary_of(request)
    written = feeds.written(
        form,
        terms[: feeds.LENGTH],
        title=_title(topic) % {"name": glossary.name, "topic": topic},
        link=absolute(page),
        description=glossary.description,
        language=language,
        author_name=glossary.name,
        feed_url=absolute(request.path),
    )
    return HttpResponse(written.writeString("utf-8"), content_type=written.content_type)


def _title(topic: str) -> str:
    return (
        _("%(name)s: recently changed in %(topic)s") if topic else _("%(name)s: recently changed")
    )
