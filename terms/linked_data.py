"""The words as schema.org data: what a machine that reads a page finds in it as JSON-LD.

A sense is a DefinedTerm: its key is the termCode, its address the @id. Language, date and status
belong to the page, because schema.org has no such properties of a DefinedTerm.
"""

import json
from collections.abc import Iterable, Sequence
from typing import Any

from django.utils.safestring import SafeString, mark_safe

from terms.addresses import absolute
from terms.models import Bundle, Glossary, Sense, Term

Node = dict[str, Any]
_ESCAPES = {ord(sign): f"\\u{ord(sign):04x}" for sign in "<>&"}


def script(*nodes: Node) -> SafeString:
    """The element that holds the nodes. No text in them can end it: `<` is written as an escape.

    >>> script({"name": "</script>"})[-42:]
    '{"name": "\\\\u003c/script\\\\u003e"}]}</script>'
    """
    graph = {"@context": "https://schema.org", "@graph": nodes}
    data = json.dumps(graph, ensure_ascii=False).translate(_ESCAPES)
    return mark_safe(f'<script type="application/ld+json">{data}</script>')  # noqa: S308


def term_page(term: Term, bundles: Iterable[Bundle] = ()) -> Node:
    """A term's page, its senses as the entities it is about. Uses prefetched senses and aliases."""
    address = absolute(term.get_absolute_url())
    sets = [set_reference("/"), *(set_reference(each.get_absolute_url()) for each in bundles)]
    return {
        "@type": "WebPage",
        "@id": address,
        "url": address,
        "name": term.name,
        "inLanguage": term.language,
        "dateModified": term.updated_at.isoformat(),
        "mainEntity": [defined_term(term, sense, sets) for sense in term.senses.all()],
        **_status(term),
    }


def defined_term(term: Term, sense: Sense, sets: Sequence[Node]) -> Node:
    address = absolute(term.get_absolute_url())
    return {
        "@type": "DefinedTerm",
        "@id": f"{address}#{sense.key}",
        "termCode": sense.key,
        "url": f"{address}#{sense.key}",
        "name": term.name,
        "alternateName": [alias.name for alias in term.shown_aliases],
        "description": sense.definition_line,
        "inDefinedTermSet": sets,
    }


def _status(term: Term) -> Node:
    """That a term is deprecated, and the page of the one to use instead."""
    if not term.is_deprecated:
        return {}
    links = [absolute(term.successor.get_absolute_url())] if term.successor else []
    return {"creativeWorkStatus": "Deprecated", "significantLink": links}


def set_reference(path: str) -> Node:
    """A set of terms by its address: "/" is the glossary, others are bundles."""
    return {"@type": "DefinedTermSet", "@id": absolute(path), "url": absolute(path)}


def glossary_set(glossary: Glossary) -> Node:
    return {
        **set_reference("/"),
        "name": glossary.name,
        "description": glossary.description,
        "inLanguage": glossary.languages,
    }


def bundle_set(bundle: Bundle, terms: Iterable[Term]) -> Node:
    """A reading list with its terms in order."""
    return {
        **set_reference(bundle.get_absolute_url()),
        "name": bundle.title,
        "description": bundle.introduction_text,
        "isPartOf": set_reference("/"),
        "hasDefinedTerm": [
            {"@type": "DefinedTerm", "name": term.name, "url": absolute(term.get_absolute_url())}
            for term in terms
        ],
    }


def breadcrumb(*steps: tuple[str, str]) -> Node:
    """The way to a page as (name, path), the page itself last."""
    return {
        "@type": "BreadcrumbList",
        "itemListElement": [
            {"@type": "ListItem", "position": position, "name": name, "item": absolute(path)}
            for position, (name, path) in enumerate(steps, 1)
        ],
    }
