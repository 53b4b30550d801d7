"""Every operation of the latent lab at three sizes, and what a worker measures for it.

Beyond LARGE senses vectors are made from those there are, and the graph of trails, which takes
minutes there, of links at random unless LAB_GRAPH=whole.
"""

import os
import time
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
from django.conf import settings
from django.core.management import call_command
from django.db import connection

from embeddings import indexes
from embeddings.encoders import load
from embeddings.lab import OPERATIONS
from embeddings.lab import load as operation_of
from embeddings.lab.backdrop import measure as measure_backdrop
from embeddings.lab.graph import LARGE, Graph
from embeddings.lab.graph import measure as measure_graph
from embeddings.lab.workspace import Workspace
from embeddings.models import Space
from embeddings.trails import NEIGHBOURS
from embeddings.vectors import unit
from glossary.servers.postgres import Postgres
from terms.models import Topic
from tests.bench.indexes import CLUSTERS, DIMENSIONS, SENSES, TERMS, fill, vectors

SIZES = (250, 11_000, 200_000)
ROUNDS = 5
IS_WHOLE = os.environ.get("LAB_GRAPH") == "whole"

GROUPS = {"toward": "topic:one", "away": "topic:other"}
# {0}, {1} are terms, others in each round.
ASKED: list[tuple[str, dict[str, str]]] = [
    ("neighbours", {"of": "{0}"}),
    ("neighbours", {"of": "{0}", "balance": "0.8"}),
    ("compare", {"one": "{0}", "other": "{1}"}),
    ("interpolate", {"one": "{0}", "other": "{1}"}),
    ("arithmetic", {"of": "{0} + {1}"}),
    ("arithmetic", {"of": "{0} + {1}", "method": "3cosmul"}),
    ("arithmetic", {"of": "{0}", "method": "map", "pairs": "relation:related"}),
    ("mask", {"of": "{0}"}),
    ("sample", {"of": "{0}"}),
    ("direction", GROUPS),
    ("surgery", {"of": "{0}", **GROUPS}),
    ("surgery", {"of": "{0}", "how": "dampen", **GROUPS}),
    ("cluster", {}),
    ("reason", {"question": "{0}"}),
    ("reason", {"question": "{0}", "how": "linear"}),
    ("trail", {"one": "{0}", "other": "{1}"}),
]
# A tenth of the senses in each of two topics, a relation from each term to the next but one, and
# an example of each sense.
WORDS = """
INSERT INTO terms_sense_topics (sense_id, topic_id)
SELECT sense.id, topic.id FROM terms_sense sense JOIN terms_topic topic
    ON sense.id % 10 = CASE topic.slug WHEN 'one' THEN 0 ELSE 1 END
ON CONFLICT DO NOTHING;
INSERT INTO terms_relation (from_term_id, to_term_id, kind, provenance, model)
SELECT id, id + step, 'related', 'editor', '' FROM terms_term, unnest(ARRAY[1, 2]) step
WHERE EXISTS (SELECT FROM terms_term other WHERE other.id = terms_term.id + step)
ON CONFLICT DO NOTHING;
INSERT INTO terms_example (sense_id, position, text, source)
SELECT id, 1, 'An example of ' || key, '' FROM terms_sense sense
WHERE NOT EXISTS (SELECT FROM terms_example WHERE sense_id = sense.id);
INSERT INTO embeddings_embedding (space_id, sense_id, view, vector, text_hash)
SELECT space_id, sense_id, 'name', vector, '' FROM embeddings_embedding WHERE view = 'definition'
ON CONFLICT DO NOTHING;
"""
# Between two of the vectors that are there: a minute, where as many from outside take many.
BETWEEN = """
WITH known AS (
    SELECT vector, row_number() OVER (ORDER BY sense_id) - 1 AS row
    FROM embeddings_embedding WHERE view = 'entry'),
fresh AS (
    SELECT id, row %% %(have)s AS one, (7919 * row + row / %(have)s) %% %(have)s AS other
    FROM (SELECT id, row_number() OVER (ORDER BY id) AS row FROM terms_sense
        WHERE key LIKE 'bench-%%' AND id NOT IN (SELECT sense_id FROM embeddings_embedding)) new)
INSERT INTO embeddings_embedding (space_id, sense_id, view, vector, text_hash)
SELECT %(space)s, fresh.id, view, l2_normalize(one.vector + other.vector), ''
FROM fresh JOIN known one ON one.row = fresh.one JOIN known other ON other.row = fresh.other,
    unnest(ARRAY['entry', 'definition']) view
"""


def main() -> None:
    with Postgres(settings.VAR):
        call_command("prepare", verbosity=0)
        for slug in ("one", "other"):
            Topic.objects.create(name=slug, slug=slug)
        about = {"model": "random", "dimensions": DIMENSIONS, "languages": ["en"]}
        Space.objects.all().delete()
        space = Space.objects.create(name="bench", encoder="hashing", state="active", **about)
        dice = np.random.default_rng(1)
        centres = unit(dice.standard_normal((CLUSTERS, DIMENSIONS)))
        have, graphs = 0, dict[int, float]()
        for size in SIZES:
            indexes.drop(indexes.name_of(space))  # or each new vector would have to find its place
            if size > LARGE:
                grow(space, have, size)
            else:
                fill(space, have, vectors(dice, centres, size - have))
            run_apart(WORDS)
            have = size
            prepare(space, size, graphs)
            show(space, size)
        connection.close()


def grow(space: Space, have: int, size: int) -> None:
    run_apart(TERMS, [have + 1, size])
    run_apart(SENSES)
    run_apart(BETWEEN, {"space": space.pk, "have": have})


def run_apart(query: str, values: Any = None) -> None:
    """Past the triggers, whose work is not measured."""
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        cursor.execute(query, values)
        cursor.execute("SET session_replication_role = origin")
        cursor.execute("ANALYZE")


def prepare(space: Space, size: int, graphs: dict[int, float]) -> None:
    """The index, the backdrop and the graph, and how long each takes; `graphs`: by size."""
    print(f"\n{size} senses: index {seconds(indexes.maintain):.1f} s", end=", ", flush=True)
    print(f"backdrop {seconds(partial(measure_backdrop, space, 'en')):.1f} s", end=", ", flush=True)
    if size > LARGE and not IS_WHOLE:
        at_random(space, "en")
        last, taken = max(graphs.items())
        print(f"graph about {taken * (size / last) ** 2:.0f} s, here of links at random")
    else:
        graphs[size] = seconds(partial(measure_graph, space, "en"))
        print(f"graph {graphs[size]:.1f} s", flush=True)


def at_random(space: Space, language: str) -> None:
    senses = np.array(sorted(space.embeddings.entries_of(language).values_list("sense", flat=True)))
    dice, shape = np.random.default_rng(1), (len(senses), NEIGHBOURS)
    fields = {
        "senses": senses.astype(np.int64).tobytes(),
        "near": dice.integers(len(senses), size=shape, dtype=np.int32).tobytes(),
        "cosines": dice.uniform(0.3, 0.7, shape).astype(np.float16).tobytes(),
    }
    Graph.objects.update_or_create(space=space, language=language, defaults=fields)


def show(space: Space, size: int) -> None:
    """Of each operation the median time of an answer, beside a plain search of the index."""
    assert {name for name, _asked in ASKED} == OPERATIONS.keys()
    load(space.encoder)
    plain = median(size, partial(near, space))
    print(f"{'ten nearest to a term, alone':<44}{plain:8.1f} ms", flush=True)
    for name, asked in ASKED:
        taken = median(size, partial(answer, space, name, asked))
        told = " ".join(value for value in asked.values() if value not in GROUPS.values())
        print(f"{f'{name}: {told}':<44}{taken:8.1f} ms {taken / plain:6.1f}", flush=True)


def near(space: Space, term: str, _other: str) -> None:
    workspace, of = Workspace(space, "en"), operation_of("neighbours").Asked
    fields = of(data={"of": term}, context={"workspace": workspace})
    fields.is_valid(raise_exception=True)
    workspace.near(fields.validated_data["of"].vector, 10)


def answer(space: Space, name: str, asked: dict[str, str], *of: str) -> None:
    workspace, made = Workspace(space, "en"), operation_of(name)
    data = {key: value.format(*of) for key, value in asked.items()}
    fields = made.Asked(data=data, context={"workspace": workspace})
    fields.is_valid(raise_exception=True)
    made.answer(workspace, **fields.validated_data)


def median(size: int, asking: Callable[..., Any]) -> float:
    """Milliseconds of the middle one of ROUNDS, after a first one, which reads what is kept."""
    dice = np.random.default_rng(0)
    terms = [f"term:bench-{n}" for n in dice.choice(size, 2 * (ROUNDS + 1), False) + 1]
    pairs = list(zip(terms[::2], terms[1::2], strict=True))
    taken = [seconds(partial(asking, *pair)) for pair in pairs]
    return float(1000 * np.median(taken[1:]))


def seconds(work: Callable[[], Any]) -> float:
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun
