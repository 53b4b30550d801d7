"""The access table: every route × method × role. A new route without a row fails."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.contrib.contenttypes.models import ContentType
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from embeddings.models import Space, Tuning
from terms.entry import entry_of
from terms.models import ImportRun, Term
from terms.roles import CONTRIBUTORS, EDITORS
from terms.sitemaps import BLOCK
from tests.factories import (
    make_bundle,
    make_editor,
    make_layout,
    make_proposal,
    make_release,
    make_term,
    make_token,
    make_topic,
    make_user,
)

TABLE = Path(__file__).with_name("access.txt")
ROLES = ("anonymous", "reader", "contributor", "editor", "administrator")
ASKED = {"api/v1/search", "api/v1/suggest", "api/v1/explain", "en/search/why"}  # a question
# Django's admin has the same routes for each model; those of one model stand for all.
OF_EVERY_MODEL = re.compile(
    r"admin/(?:terms|embeddings|auth)/(?!term/)\w+/(?:add/|<path:object_id>/(?:\w+/)?)$"
)


def routes(patterns: list[Any], prefix: str = "") -> Iterator[str]:
    for pattern in patterns:
        route = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from routes(pattern.url_patterns, route)
        else:
            assert isinstance(pattern, URLPattern)
            yield route or "/"


def rows() -> list[tuple[str, str, list[int]]]:
    lines = [line.split() for line in TABLE.read_text().splitlines() if line[:1] not in {"#", ""}]
    return [(route, method, [int(s) for s in statuses]) for route, method, *statuses in lines]


@pytest.fixture
def clients(db: None) -> dict[str, Client]:
    users = {
        "reader": make_user(username="reader"),
        "contributor": make_user(CONTRIBUTORS),
        "editor": make_editor(whole=True),
        "administrator": User.objects.create_superuser("root"),
    }
    clients = {role: Client() for role in ROLES}
    for role, user in users.items():
        clients[role].force_login(user)
    return clients


@pytest.fixture
def words(clients: dict[str, Client]) -> dict[str, str]:
    """What the placeholders of a route become."""
    space = Space.objects.ensure_default()
    term, other = make_term("latent space"), make_term("vector")
    make_layout(space, term, other)
    term.senses.get().topics.add(make_topic("geometry"))
    make_bundle(term, title="geometry")
    user = User.objects.create_user("somebody")
    key = str(make_token(owner=user)[0].pk)
    editor = User.objects.get(groups__name=EDITORS)
    run = ImportRun.objects.create(file_name="a.jsonl", format_name="jsonl", content=b"", by=editor)
    tuning = Tuning.objects.ask_for("lora", "both", ["later"])
    make_release("1.0")
    make_release("1.1")
    term.refresh_from_db()
    reader = User.objects.get(username="reader")
    proposal = make_proposal(entry_of(term), term=term, version=term.version, proposer=reader)
    return {
        "proposals/<int:number>": f"proposals/{proposal.pk}",
        "propose/<str:slug>": "propose/latent-space",
        "<language:language>": "en",
        "define/<str:slug>": "define/latent-space",
        "path/<str:slug>": "path/latent-space",
        "terms/en/<str:slug>": "terms/en/latent-space",
        "releases/<str:name>/compare/<str:other>": "releases/1.0/compare/1.1",
        "releases/<str:name>": "releases/1.0",
        "<str:one>/<str:other>": "latent-space/vector",
        "<slug:name>": "neighbours",
        "<str:slug>": "geometry",
        "<str:letter>": "L",
        "<uidb64>/<token>": "MQ/abc-def",
        "<path:content_type_id>": str(ContentType.objects.get_for_model(Term).pk),
        "deleted/<int:pk>": "deleted/0",
        "apitoken/<path:object_id>": f"apitoken/{key}",
        "apitoken/<int:pk>": f"apitoken/{key}",
        "importrun/<path:object_id>": f"importrun/{run.pk}",
        "importrun/<int:pk>": f"importrun/{run.pk}",
        "tuning/<path:object_id>": f"tuning/{tuning.pk}",
        "tuning/<int:pk>": f"tuning/{tuning.pk}",
        "space/<int:pk>": f"space/{space.pk}",
        "user/<int:pk>": f"user/{user.pk}",
        "<path:object_id>": str(term.pk),
        "version/<int:number>": f"version/{term.version}",
        "<int:number>": "1",
        "<int:pk>": str(term.pk),
        "<int:other>": str(other.pk),
        "<int:block>": str(term.pk // BLOCK),
        "<id>": str(user.pk),
        "^(?P<app_label>terms|auth|embeddings)/$": "terms/",
        "(?P<url>.*)$": "no/such/page",
        "^api(?:/.*)?$": "api/nothing",
    }


def test_it_has_a_row_for_every_route() -> None:
    known = {route for route, _, _ in rows()}
    missing = [
        route
        for route in routes(get_resolver().url_patterns)
        if route not in known and not OF_EVERY_MODEL.match(route)
    ]
    assert missing == []


def test_it_has_no_row_for_a_route_that_is_gone() -> None:
    assert {route for route, _, _ in rows()} - set(routes(get_resolver().url_patterns)) == set()


@pytest.mark.parametrize(
    ("route", "method", "expected"), [pytest.param(*row, id=" ".join(row[:2])) for row in rows()]
)
def test_it_answers_each_role_as_the_table_says(
    clients: dict[str, Client],
    words: dict[str, str],
    route: str,
    method: str,
    expected: list[int],
) -> None:
    url = route
    for placeholder, value in words.items():
        url = url.replace(placeholder, value)
    key = Term.objects.get(slug="latent-space").senses.get().key
    asked = f"?q=vector&sense={key}" if url in ASKED else ""
    url = "/" + url.lstrip("/") + asked
    got = []
    for client in clients.values():
        Term.objects.get(slug="latent-space").relations_out.all().delete()
        got.append(client.generic(method, url).status_code)
    assert dict(zip(ROLES, got, strict=True)) == dict(zip(ROLES, expected, strict=True))
