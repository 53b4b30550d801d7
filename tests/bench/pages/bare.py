"""The least that Django needs for the same entry: what a term's page is measured beside."""

from django.db.models import Prefetch
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import path

import glossary.urls  # noqa: F401 - registers the converter of languages
from terms.models import Sense, Term


def term(request: HttpRequest, language: str, slug: str) -> HttpResponse:
    senses = Sense.objects.order_by("position").prefetch_related("examples", "topics", "sources")
    entries = Term.objects.published().prefetch_related(Prefetch("senses", senses), "aliases")
    found = get_object_or_404(entries, language=language, slug=slug)
    return render(request, "bare.html", {"term": found})


urlpatterns = [path("<language:language>/define/<str:slug>", term)]
