"""The process that serves pages: torch stays out of it, and a draft stays out of its answers."""

import os
import subprocess
import sys
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.urls import URLResolver, get_resolver

from embeddings import pipeline
from embeddings.encoders.hashing import HashingEncoder
from embeddings.models import Space
from terms.models import Source, Term
from terms.sitemaps import BLOCK
from tests.factories import make_alias, make_bundle, make_example, make_term, make_topic, relate

PROGRAM = """
import os, sys
import glossary.wsgi
from django.db import connection
connection.settings_dict["NAME"] = os.environ["DATABASE_NAME"]
from django.test import Client
client = Client(headers={"host": "localhost"})
urls = ["/", "/en/define/token", "/en/search?q=a+unit+of+some+text", "/api/v1/search?q=a+unit",
        "/api/v1/terms", "/admin/login/", "/readyz"]
print([client.get(url).status_code for url in urls])
heavy = {"torch", "transformers", "sentence_transformers"}
print(sorted(heavy & set(sys.modules)))
"""
MARKER = "quokka"
SECRETS = (f"A {MARKER}", f"See the {MARKER}", f"{MARKER} times", f"{MARKER} paper")
QUESTIONS = (
    {"q": "zebra"},
    {"q": MARKER, "mode": "words"},
    {"q": f"the {MARKER} is an animal", "mode": "meaning"},
    {"q": MARKER, "letter": "q", "topic": "animals", "bundle": "beasts"},
)


@pytest.mark.processes
@pytest.mark.django_db(transaction=True)
def test_it_serves_pages_and_searches_without_torch() -> None:
    make_term("token", "A unit of text.")
    Space.objects.begin("sentence_transformers", state="active")
    result = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        env={
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "tests.settings",
            "LEXISPACE_ENCODER": "sentence_transformers",
            "DATABASE_NAME": connection.settings_dict["NAME"],
        },
        cwd=settings.BASE_DIR,
        capture_output=True,
        text=True,
        check=False,
    )
    statuses, heavy = result.stdout.splitlines() or ["", result.stderr]
    assert heavy == "[]"
    assert statuses == "[200, 200, 200, 200, 200, 200, 200]", result.stderr


def public_patterns(found: list[Any], prefix: str = "/") -> list[str]:
    """Every address without log-in, from the URL configuration."""
    addresses = []
    for pattern in found:
        here = prefix + str(pattern.pattern)
        if here.startswith(("/admin", "/accounts", "/^")):
            continue
        if isinstance(pattern, URLResolver):
            addresses += public_patterns(pattern.url_patterns, here)
        else:
            addresses.append(here)
    return addresses


@pytest.fixture
def hidden(space: Space) -> Term:
    """A draft with the marker in every field, tied in every way to a term that is public."""
    shown = make_term("zebra", "An animal with stripes.")
    draft = make_term(f"{MARKER} name", f"A {MARKER} is an animal.")
    sense = draft.senses.get()
    sense.part_of_speech = sense.register = MARKER
    sense.save()
    make_example(sense, f"See the {MARKER}.", source=f"{MARKER} times")
    make_alias(draft, f"{MARKER} alias")
    sense.sources.add(Source.objects.create(title=f"{MARKER} paper"))
    topic = make_topic("animals")
    for term in (shown, draft):
        term.senses.get().topics.add(topic)
    for kind in ("related", "broader", "see_also"):
        relate(shown, draft, kind)
    Term.objects.filter(pk=shown.pk).update(status="deprecated", replaced_by=draft)
    make_bundle(shown, draft, title="beasts")
    while pipeline.embed_due(space, HashingEncoder()):
        pass
    return draft


@pytest.mark.django_db
@pytest.mark.parametrize("status", ["draft", "review"])
@pytest.mark.parametrize("pattern", public_patterns(get_resolver().url_patterns))
def test_it_shows_a_draft_at_no_public_address(
    client: Client, hidden: Term, pattern: str, status: str
) -> None:
    Term.objects.filter(pk=hidden.pk).update(status=status)
    slugs = {"topics/": "animals", "bundles/": "beasts"}
    known = next((slug for part, slug in slugs.items() if part in pattern), "zebra")
    for slug in (known, f"{MARKER}-name", f"{MARKER}-alias"):
        url = pattern.replace("<language:language>", "en").replace("<str:letter>", slug[0].upper())
        url = url.replace("<str:one>", slug).replace("<str:other>", "zebra")
        url = url.replace("<str:slug>", slug).replace("<int:block>", str(hidden.pk // BLOCK))
        for query in QUESTIONS:
            response = client.get(url, query)
            assert response.status_code < 500
            content = response.content.decode(errors="replace")  # a card is a picture
            for secret in SECRETS:
                assert secret not in content, (url, query)
            if response.status_code == 200:
                assert f"/define/{MARKER}" not in content, (url, query)
