"""Many terms written at once, by REST and in the admin, beside one PUT."""

import json
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.test import Client

from glossary.servers.postgres import Postgres
from glossary.servers.redis import Redis
from terms.admin.bulk import change
from terms.models import Term, Topic
from tests.factories import make_editor, make_term, make_token, make_topic

COUNT = 1_000
SINGLE = 30  # PUTs of one term, of which the median counts
TERMS = "/api/v1/terms"
NOTHING: dict[str, Any] = dict.fromkeys(
    ["status", "add_topic", "remove_topic", "relation", "to_term", "reason"], ""
)


def main() -> None:
    with Postgres(settings.VAR), Redis(settings.VAR):
        call_command("prepare", verbosity=0)
        make_term("row")
        measure(make_topic("geometry"))
        connection.close()


def measure(topic: Topic) -> None:
    editor = make_editor(topic)
    _, secret = make_token("edit", owner=editor)
    client = Client(headers={"authorization": f"Bearer {secret}", "host": "127.0.0.1"})
    one = single(client, topic)
    print(f"{'one PUT':<28}{one * 1e3:7.1f} ms")

    def bulk(what: str, items: list[dict[str, Any]]) -> None:
        show(what, one, lambda: ask(client, "post", f"{TERMS}/bulk", {"items": items}))

    bulk("create", [{"op": "create", "entry": entry(n, topic)} for n in range(COUNT)])
    bulk("put, another definition", puts(topic, "Now it says"))
    bulk("put, nothing new", puts(topic, "Now it says"))
    other, more = make_term("other"), make_topic("more")
    ids = list(Term.objects.filter(slug__startswith="item-").values_list("pk", flat=True))
    for what, wanted in {
        "admin: status": {"status": "deprecated"},
        "admin: topic": {"add_topic": more},
        "admin: relation": {"relation": "related", "to_term": other},
    }.items():
        show(what, one, lambda wanted=wanted: change(editor, ids, NOTHING | wanted))  # type: ignore[misc]
    bulk("delete", [{"op": "delete", **seen} for seen in versions()])


def entry(n: int, topic: Topic, begin: str = "What stands") -> dict[str, Any]:
    sense = {
        "definition": f"{begin} at place {n} of a long row of things that differ in number.",
        "examples": [{"text": f"One looks for item {n} and finds it at its place."}],
        "topics": [topic.slug],
        "sources": [{"title": "The row", "url": "https://example.org/row"}],
    }
    return {
        "name": f"item {n}",
        "status": "published",
        "aliases": [{"name": f"thing {n}"}],
        "senses": [sense],
        "relations": [{"kind": "broader", "term": {"slug": "row"}}],
    }


def versions() -> list[dict[str, Any]]:
    found = Term.objects.filter(slug__startswith="item-").order_by("pk")
    return list(found.values("slug", "version"))


def puts(topic: Topic, begin: str) -> list[dict[str, Any]]:
    return [
        {"op": "put", **seen, "entry": entry(n, topic, begin)} for n, seen in enumerate(versions())
    ]


def single(client: Client, topic: Topic) -> float:
    """Seconds of a PUT that changes a definition."""
    ask(client, "post", TERMS, entry(0, topic))
    times = []
    for n in range(SINGLE):
        [seen] = versions()
        body, headers = entry(0, topic, f"Time {n}"), {"If-Match": f'"v{seen["version"]}"'}
        begun = time.perf_counter()
        ask(client, "put", f"{TERMS}/en/item-0", body, headers)
        times.append(time.perf_counter() - begun)
    Term.objects.filter(slug="item-0").delete()
    return statistics.median(times)


def ask(client: Client, method: str, url: str, data: Any, headers: Any = None) -> None:
    send = getattr(client, method)
    answer = send(url, json.dumps(data), content_type="application/json", headers=headers)
    if answer.status_code >= 300:
        raise SystemExit(answer.content.decode()[:2_000])


def show(what: str, one: float, work: Callable[[], object]) -> None:
    with counted_queries() as queries:
        begun = time.perf_counter()
        work()
        each = (time.perf_counter() - begun) / COUNT
    print(
        f"{what:<28}{each * 1e3:7.1f} ms an item {each / one:6.2f} of one PUT"
        f" {len(queries) / COUNT:7.2f} queries an item",
        flush=True,
    )


@contextmanager
def counted_queries() -> Iterator[list[str]]:
    told: list[str] = []

    def note(execute: Any, sql: str, *rest: Any) -> Any:
        told.append(sql)
        return execute(sql, *rest)

    with connection.execute_wrapper(note):
        yield told
