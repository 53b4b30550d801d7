"""The language that a page speaks, and the ways to it in others. Built into every template."""

from collections.abc import Collection
from typing import Any
from urllib.parse import urlencode

from django import template
from django.conf import settings
from django.template import Context
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from terms.interface import direction, own_name

register = template.Library()
register.filter(direction)

# Routes that are there in every language, at addresses that differ by it alone.
LISTED_IN_EACH = {"index", "recent", "topics", "topic", "bundles", "bundle", "map", "releases"}
IN_EACH = {*LISTED_IN_EACH, "search"}


@register.simple_tag
def interface() -> SafeString:
    """The attributes `lang` and `dir` of an element whose text is the interface's own."""
    tag = get_language() or settings.LANGUAGE_CODE
    return format_html('lang="{}" dir="{}"', tag, direction(tag))


@register.inclusion_tag("components/languages.html", takes_context=True)
def language_switch(context: Context) -> dict[str, Any]:
    """The languages of the glossary, this page's first name among them, each with its address."""
    here = context["language"]
    tags = list(dict.fromkeys([*context["glossary"].languages, here]))
    translations = {
        term.language: term.get_absolute_url() for term in context.get("alternates") or []
    }
    return {
        "languages": [
            {
                "tag": tag,
                "name": own_name(tag),
                "url": translations.get(tag) or address_in(tag, context),
                "is_current": tag == here,
            }
            for tag in tags
        ]
    }


@register.simple_tag(takes_context=True)
def page_alternates(context: Context) -> SafeString:
    """`hreflang` links of a page that the glossary has in each of its languages; else nothing."""
    languages = context["glossary"].languages
    is_one = len(languages) > 1 and context["language"] in languages
    if not is_one or not is_among(LISTED_IN_EACH, context) or context["request"].GET:
        return SafeString()
    links = ((tag, context["site"], address_in(tag, context)) for tag in languages)
    return format_html_join("\n    ", '<link rel="alternate" hreflang="{}" href="{}{}">', links)


@register.inclusion_tag("components/languages_with_entries.html", takes_context=True)
def languages_with_entries(context: Context) -> dict[str, Any]:
    """Where a reader goes from a language that has no entries: the glossary's other ones."""
    others = [tag for tag in context["glossary"].languages if tag != context["language"]]
    return {"languages": [{"tag": tag, "name": own_name(tag)} for tag in others]}


def address_in(tag: str, context: Context) -> str:
    """This page in another language; for what is of one language, as a term is, A to Z there."""
    request = context["request"]
    if not is_among(IN_EACH, context):
        return reverse("index", args=[tag])
    match = request.resolver_match
    address = reverse(match.url_name, kwargs={**match.kwargs, "language": tag})
    query = context["query"]
    return f"{address}?{urlencode({'q': query})}" if query else address


def is_among(routes: Collection[str], context: Context) -> bool:
    match = context["request"].resolver_match
    return match is not None and match.url_name in routes
