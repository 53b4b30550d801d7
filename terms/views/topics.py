from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _

from terms import linked_data
from terms.models import Term, Topic
from terms.views.pages import entry_of, of_language, reader_page


@reader_page
@of_language
def topics(request: HttpRequest, language: str) -> HttpResponse:
    children: dict[int | None, list[Topic]] = {}
    for topic in Topic.objects.published().with_counts():
        children.setdefault(topic.parent_id, []).append(topic)
    return render(request, "terms/topics.html", {"tree": _branch(children, None, 0)})


def _branch(
    children: dict[int | None, list[Topic]], parent: int | None, depth: int
) -> list[dict[str, object]]:
    """The tree below `parent` as lines in order, each with its depth from 0."""
    lines: list[dict[str, object]] = []
    for topic in children.get(parent, []):
        lines.append({"topic": topic, "depth": depth, "term_count": topic.term_count})
        lines += _branch(children, topic.id, depth + 1)
    return lines


@reader_page
@of_language
def topic(request: HttpRequest, language: str, slug: str) -> HttpResponse:
    found = get_object_or_404(Topic.objects.published().select_related("parent"), slug=slug)
    below = Topic.objects.with_descendants(slug)
    terms = Term.objects.published().in_language(language).about(below).alphabetical()
    steps = [(_("Topics"), reverse("topics", args=[language]))]
    steps += [
        (each.name, reverse("topic", args=[language, each.slug]))
        for each in (found.parent, found)
        if each
    ]
    context = {
        "topic": found,
        "linked_data": linked_data.script(linked_data.breadcrumb(*steps)),
        "children": found.children.published().with_counts(),
        "entries": [entry_of(term) for term in terms.with_gists()],
    }
    return render(request, "terms/topic.html", context)
