"""The pages of the map: the map itself, its points as data, and each cluster as a list."""

import json
from collections import Counter
from itertools import groupby
from typing import Any

from django.core.paginator import InvalidPage, Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _

from embeddings import drawing
from embeddings.layout import FEWEST
from embeddings.models import Layout, Point, Space
from embeddings.neighbourhood import Neighbourhood, around
from terms.models import Term
from terms.views.pages import entry_of, of_language, reader_page

DRAWN = 1_500  # points of the drawing and of the lists below it
SIZE, FINE = 1_000, 10_000  # the side of the square, in the drawing and in the data
LISTED = 60  # terms of a cluster, beyond which it has the rest on a page of its own
PAGE = 100


@reader_page
@of_language
def map_page(request: HttpRequest, language: str) -> HttpResponse:
    """The map drawn, and the same as lists; a script puts a map to move about in its place."""
    at = request.GET.get("at", "")
    public = Term.objects.published().in_language(language)
    term = get_object_or_404(public, slug=at) if at else None
    layout = Layout.objects.serving(language)
    points = drawn(layout, language) if layout else []
    if layout is None or len(points) < FEWEST:
        context = {"reason": why_none(language), "fewest": FEWEST}
        return render(request, "embeddings/map.html", context)
    found = around(term) if term else None
    context = {
        "layout": layout,
        "size": SIZE,
        "shown": len(points),
        "clusters": clusters_of(layout, points, language),
        "twins": twins_of(points),
        "names": names_of(layout, found),
        "term": term,
        "around": found,
        "place": layout.scaled(*found.place, SIZE) if found else None,
    }
    return render(request, "embeddings/map.html", context)


def drawn(layout: Layout, language: str) -> list[Point]:
    """The points that the page shows without a script, spread over the map."""
    return list(layout.points.public(language).order_by("rank")[:DRAWN])


def why_none(language: str) -> str:
    """Why there is no map: off, language, few or soon."""
    space = Space.objects.serving()
    if space is None:
        return "off"
    if not space.knows(language):
        return "language"
    terms = Term.objects.published().in_language(language)
    return "few" if terms[:FEWEST].count() < FEWEST else "soon"


def clusters_of(layout: Layout, points: list[Point], language: str) -> list[dict[str, Any]]:
    """Each cluster with its drawing and its terms from A to Z."""
    by_cluster = sorted(points, key=lambda point: (point.cluster, point.term.name_key))
    members = {n: list(rows) for n, rows in groupby(by_cluster, lambda point: point.cluster)}
    return [
        {
            "number": number + 1,
            "words": _(", ").join(cluster["words"]),
            "mark": drawing.mark_of(number),
            "size": cluster["size"],
            "sample": drawing.path(number, [(0, 0)]),
            "path": drawing.path(number, places_of(layout, members.get(number, []))),
            "terms": [point.term for point in members.get(number, [])[:LISTED]],
            "url": reverse("map_cluster", args=[language, number + 1]),
        }
        for number, cluster in enumerate(layout.clusters)
    ]


def twins_of(points: list[Point]) -> set[str]:
    """The names that several terms of the drawing have."""
    counts = Counter(point.term.name for point in points)
    return {name for name, count in counts.items() if count > 1}


def places_of(layout: Layout, points: list[Point]) -> list[tuple[int, int]]:
    return [layout.scaled(point.x, point.y, SIZE) for point in points]


def names_of(layout: Layout, found: Neighbourhood | None) -> list[dict[str, Any]]:
    """The names written on the drawing, of the clusters and of the term that is marked.

    None covers another, and all are inside.
    """
    words = [" · ".join(each["words"][:2]) for each in layout.clusters]
    places = [layout.scaled(each["x"], each["y"], SIZE) for each in layout.clusters]
    if found:
        x, y = layout.scaled(*found.place, SIZE)
        words.append(found.term.name)
        places.append((x, y - drawing.LINE))
    return drawing.written(words, places, SIZE)


@reader_page
@of_language
def map_points(request: HttpRequest, language: str) -> HttpResponse:
    """Every point for the script, as columns; each beginning of them is spread over the map.

    A slug is empty where it is the name in lower case with hyphens.
    """
    layout = Layout.objects.serving(language)
    if layout is None:
        raise Http404
    rows = layout.points.public(language).order_by("rank")
    columns = rows.values_list("x", "y", "cluster", "term__name", "term__slug")
    data: dict[str, Any] = {"size": FINE, "x": [], "y": [], "cluster": [], "name": [], "slug": []}
    for x, y, cluster, name, slug in columns:
        across, down = layout.scaled(x, y, FINE)
        data["x"].append(across)
        data["y"].append(down)
        data["cluster"].append(cluster)
        data["name"].append(name)
        data["slug"].append("" if slug == plain_slug(name) else slug)
    data["clusters"] = [
        {"words": each["words"], "at": layout.scaled(each["x"], each["y"], FINE)}
        for each in layout.clusters
    ]
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    return HttpResponse(text, content_type="application/json")


def plain_slug(name: str) -> str:
    """
    >>> plain_slug("Latent space"), plain_slug("naïve Bayes")
    ('latent-space', '')
    """
    return name.lower().replace(" ", "-") if name.isascii() else ""


@reader_page
@of_language
def map_cluster(request: HttpRequest, language: str, number: int) -> HttpResponse:
    """All terms of a cluster, from A to Z, a page at a time."""
    layout = Layout.objects.serving(language)
    if layout is None or not 0 < number <= len(layout.clusters):
        raise Http404
    points = layout.points.filter(cluster=number - 1)
    terms = Term.objects.published().in_language(language).filter(id__in=points.values("term"))
    try:
        page = Paginator(terms.alphabetical().with_gists(), PAGE).page(request.GET.get("page", 1))
    except InvalidPage as error:
        raise Http404 from error
    cluster = layout.clusters[number - 1]
    context = {
        "number": number,
        "words": _(", ").join(cluster["words"]),
        "page": page,
        "entries": [entry_of(term) for term in page],
    }
    return render(request, "embeddings/map_cluster.html", context)
