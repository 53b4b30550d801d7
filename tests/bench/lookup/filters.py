"""Search within a topic, from a thousandth of all senses to most of them."""

import time
from collections.abc import Sequence

import numpy as np
from django.db import connection

from embeddings import nearest, recall
from embeddings.models import Space
from embeddings.vectors import Vector
from terms.models import Topic

SHARES = (0.001, 0.005, 0.01, 0.025, 0.05, 0.13, 0.36, 0.72)
QUESTIONS = 60
ALL = 10**9

# Past the triggers: that a hundred thousand senses get a topic is not what is measured.
PLACES = """
INSERT INTO terms_sense_topics (sense_id, topic_id)
SELECT id, %s FROM terms_sense WHERE abs(hashint8extended(id, %s)::numeric) %% 100000 < %s
ON CONFLICT DO NOTHING
"""


def main() -> None:
    space = Space.objects.ensure_default()
    topics = {share: _topic(share) for share in SHARES}
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE terms_sense_topics")
    asked = recall.sample(space, QUESTIONS)
    print("\n| share of senses | found of the true ten | p50 ms | p99 ms |\n|---|---|---|---|")
    for share, topic in [*topics.items(), (1.0, None)]:
        within = None if topic is None else [topic]
        _ask(space, asked[:5], within)  # warm
        found, taken = _ask(space, asked, within)
        truth = [_exactly(space, vector, within) for vector in asked]
        shares = [len(one & other) / len(other) for one, other in zip(found, truth, strict=True)]
        p50, p99 = np.percentile(taken, [50, 99])
        print(f"| {share:.1%} | {np.mean(shares):.3f} | {p50:.1f} | {p99:.1f} |", flush=True)


def _topic(share: float) -> int:
    topic, is_new = Topic.objects.get_or_create(
        slug=f"bench-{share * 1000:g}", defaults={"name": f"bench {share:.1%}"}
    )
    if is_new:
        with connection.cursor() as cursor:
            cursor.execute("SET session_replication_role = replica")
            cursor.execute(PLACES, [topic.pk, topic.pk, round(share * 100_000)])
            cursor.execute("SET session_replication_role = origin")
    return topic.pk


def _ask(
    space: Space, asked: Sequence[Vector], topics: list[int] | None
) -> tuple[list[set[int]], list[float]]:
    """The ten terms found for each question, and its milliseconds."""
    found, taken = [], []
    for vector in asked:
        begun = time.perf_counter()
        near = nearest.to_vector(space, vector, "en", recall.DEPTH, topics)
        taken.append(1000 * (time.perf_counter() - begun))
        found.append({row.term_id for row in near})
    return found, taken


def _exactly(space: Space, vector: Vector, topics: list[int] | None) -> set[int]:
    few, nearest.FEW = nearest.FEW, ALL
    try:
        if topics is not None:
            return _ask(space, [vector], topics)[0][0]
        with recall.exact_search(space, vector):
            return _ask(space, [vector], None)[0][0]
    finally:
        nearest.FEW = few
