from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from terms import linked_data
from terms.models import Bundle, Glossary, Term, Topic
from terms.views.bundles import with_gists
from terms.views.pages import reader_page

RECENT = 6


@reader_page
def home(request: HttpRequest) -> HttpResponse:
    """The search box first; then a bundle, what changed, and the subjects."""
    terms, glossary = Term.objects.published(), Glossary.current()
    context = {
        "glossary": glossary,
        "linked_data": linked_data.script(linked_data.glossary_set(glossary)),
        "term_count": terms.count(),
        "bundle": with_gists(Bundle.objects.published().order_by("-updated_at").first()),
        "recent": terms.recently_changed().with_gists()[:RECENT],
        "topics": [topic for topic in Topic.objects.with_counts() if topic.term_count],
    }
    return render(request, "terms/home.html", context)
