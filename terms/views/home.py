from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone, translation

from terms import linked_data
from terms.interface import language_for
from terms.models import Bundle, Term, Topic
from terms.views.bundles import with_gists
from terms.views.pages import daily_page, glossary_of

RECENT = 6


@daily_page
def home(request: HttpRequest) -> HttpResponse:
    """The search box first; then a term of the day, a bundle, what changed, and the subjects.

    Its address names no language: it is in the glossary's first one.
    """
    terms, glossary = Term.objects.published(), glossary_of(request)
    context = {
        "glossary": glossary,
        "linked_data": linked_data.script(linked_data.glossary_set(glossary)),
        "term_count": terms.count(),
        "of_the_day": terms.of_the_day(timezone.localdate()),
        "bundle": with_gists(Bundle.objects.published().order_by("-updated_at").first()),
        "recent": terms.recently_changed().with_gists()[:RECENT],
        "topics": [topic for topic in Topic.objects.with_counts() if topic.term_count],
    }
    with translation.override(language_for(glossary.main_language)):
        return render(request, "terms/home.html", context)
