"""Lexispace and those beside it: each is built from the same corpus and asked the same questions.

Vectors are given to all of them; a question's own vector is part of the question.
"""

import re
from collections.abc import Iterable
from threading import Lock
from typing import Any, Protocol

import numpy as np

from embeddings.vectors import Vector
from tests.bench.lookup.glossary import Corpus

DEPTH = 100  # headwords for the figures of quality; TIMED of them where time is measured
TIMED = 10
SENSES = 3  # that are looked at for each headword wanted: several may be of one
K = 60  # of reciprocal rank fusion (Cormack et al. 2009)


class System(Protocol):
    def __init__(self, corpus: Corpus) -> None: ...

    def ask(self, question: str, vector: Vector, depth: int) -> list[str]:
        """Up to `depth` headwords, best first."""


def headwords(corpus: Corpus, senses: Iterable[int], depth: int) -> list[str]:
    return list(dict.fromkeys(corpus.names[sense] for sense in senses))[:depth]


def words(question: str) -> list[str]:
    return re.findall(r"\w+", question.casefold())


def fused(*lists: list[int]) -> list[int]:
    scores: dict[int, float] = {}
    for ranked in lists:
        for rank, sense in enumerate(ranked, 1):
            scores[sense] = scores.get(sense, 0) + 1 / (K + rank)
    return sorted(scores, key=scores.__getitem__, reverse=True)


class Lexispace:
    """`look_up` as the site and REST call it; it encodes the question itself."""

    def __init__(self, corpus: Corpus) -> None:
        from embeddings.lookup import look_up
        from embeddings.models import Space

        self.look_up, self.space = look_up, Space.objects.serving()
        self.strength = ""

    def ask(self, question: str, vector: Vector, depth: int) -> list[str]:
        hits = self.look_up(question, limit=depth, space=self.space).hits
        self.strength = hits[0].strength.value if hits else "none"
        return [hit.term.name for hit in hits]


class Exact:
    """NumPy over every entry vector: the limit of plain vectors."""

    def __init__(self, corpus: Corpus) -> None:
        self.corpus = corpus
        self.vectors = np.array(corpus.vectors)

    def ask(self, question: str, vector: Vector, depth: int) -> list[str]:
        scores = self.vectors @ vector
        best = np.argpartition(-scores, SENSES * depth)[: SENSES * depth]
        return headwords(self.corpus, best[np.argsort(-scores[best], kind="stable")], depth)


class Faiss:
    def __init__(self, corpus: Corpus) -> None:
        import faiss

        faiss.omp_set_num_threads(1)
        self.corpus = corpus
        self.index = faiss.IndexHNSWFlat(corpus.vectors.shape[1], 16, faiss.METRIC_INNER_PRODUCT)
        self.index.hnsw.efConstruction, self.index.hnsw.efSearch = 64, SENSES * DEPTH
        self.index.add(np.array(corpus.vectors))

    def ask(self, question: str, vector: Vector, depth: int) -> list[str]:
        _, found = self.index.search(vector[None], SENSES * depth)
        return headwords(self.corpus, found[0], depth)


class Bm25:
    def __init__(self, corpus: Corpus) -> None:
        import bm25s
        from Stemmer import Stemmer

        self.corpus, self.stemmer, self.bm25s = corpus, Stemmer("english"), bm25s
        self.index = bm25s.BM25()
        self.index.index(self._tokens(corpus.texts), show_progress=False)

    def ask(self, question: str, vector: Vector, depth: int) -> list[str]:
        found, scores = self.index.retrieve(
            self._tokens([question]), k=SENSES * depth, show_progress=False
        )
        return headwords(self.corpus, found[0][scores[0] > 0], depth)

    def _tokens(self, texts: list[str]) -> Any:
        return self.bm25s.tokenize(texts, stopwords="en", stemmer=self.stemmer, show_progress=False)


class PostgresWords:
    """PostgreSQL's full text over the same rows: any word of the question, ts_rank."""

    def __init__(self, corpus: Corpus) -> None:
        pass

    def ask(self, question: str, vector: Vector, depth: int) -> list[str]:
        from terms.models import Term
        from terms.search import by_words

        hits = by_words(question, limit=depth)
        names = dict(
            Term.objects.filter(id__in=[h.term_id for h in hits]).values_list("id", "name")
        )
        return [names[hit.term_id] for hit in hits]


class Sqlite:
    """sqlite-vec beside FTS5 (Porter), fused by reciprocal ranks."""

    def __init__(self, corpus: Corpus) -> None:
        import apsw
        import sqlite_vec

        self.corpus = corpus
        self.database, self.turn = apsw.Connection(":memory:"), Lock()
        self.database.enable_load_extension(True)
        self.database.load_extension(sqlite_vec.loadable_path())
        size = corpus.vectors.shape[1]
        with self.database:
            self.database.execute(
                f"CREATE VIRTUAL TABLE near USING vec0(v float[{size:d}] distance_metric=cosine);"
                "CREATE VIRTUAL TABLE said USING fts5(text, tokenize='porter')"
            )
            rows = enumerate(zip(corpus.texts, corpus.vectors, strict=True))
            for n, (text, vector) in rows:
                self.database.execute("INSERT INTO said(rowid, text) VALUES (?, ?)", (n, text))
                self.database.execute(
                    "INSERT INTO near(rowid, v) VALUES (?, ?)", (n, vector.tobytes())
                )

    def ask(self, question: str, vector: Vector, depth: int) -> list[str]:
        asked = " OR ".join(f'"{word}"' for word in words(question))
        with self.turn:  # a connection serves one thread at a time
            near: list[Any] = self.database.execute(
                "SELECT rowid FROM near WHERE v MATCH ? AND k = ? ORDER BY distance",
                (vector.tobytes(), SENSES * depth),
            ).fetchall()
            said: list[Any] = self.database.execute(
                "SELECT rowid FROM said WHERE said MATCH ? ORDER BY rank LIMIT ?",
                (asked, SENSES * depth),
            ).fetchall()
        return headwords(self.corpus, fused([n for (n,) in near], [n for (n,) in said]), depth)


class Txtai:
    """Its hybrid search with its own defaults, over the vectors given."""

    def __init__(self, corpus: Corpus) -> None:
        from txtai import Embeddings

        self.corpus = corpus
        given = dict(zip(corpus.texts, corpus.vectors, strict=True))
        self.asked: dict[str, Vector] = {}
        self.index = Embeddings(
            method="external",
            transform=lambda texts: np.array([self.asked.get(t, given.get(t)) for t in texts]),
            hybrid=True,
        )
        self.index.index((n, text, None) for n, text in enumerate(corpus.texts))

    def ask(self, question: str, vector: Vector, depth: int) -> list[str]:
        self.asked = {question: vector}
        return headwords(
            self.corpus, [n for n, _ in self.index.search(question, SENSES * depth)], depth
        )


class LanceDb:
    """Its index of vectors (IVF, HNSW in each part) and its full text, with its default fusion."""

    def __init__(self, corpus: Corpus) -> None:
        import tempfile

        import lancedb
        import pyarrow as pa

        self.corpus = corpus
        self.folder = tempfile.TemporaryDirectory()
        size = corpus.vectors.shape[1]
        flat = pa.array(np.array(corpus.vectors).reshape(-1), pa.float32())
        table = pa.table(
            {
                "n": pa.array(range(len(corpus.names))),
                "text": corpus.texts,
                "vector": pa.FixedSizeListArray.from_arrays(flat, size),
            }
        )
        self.table = lancedb.connect(self.folder.name).create_table("senses", table)
        self.table.create_fts_index("text")
        self.table.create_index(metric="cosine", index_type="IVF_HNSW_SQ")

    def ask(self, question: str, vector: Vector, depth: int) -> list[str]:
        search: Any = self.table.search(query_type="hybrid")
        asked = " ".join(words(question))
        search = search.vector(vector).text(asked).distance_type("cosine")
        found = search.select(["n"]).limit(SENSES * depth).to_arrow()
        return headwords(self.corpus, found["n"].to_pylist(), depth)


SYSTEMS: dict[str, type[System]] = {
    "Lexispace": Lexispace,
    "exact vectors (NumPy)": Exact,
    "FAISS HNSW": Faiss,
    "BM25 (bm25s)": Bm25,
    "PostgreSQL full text": PostgresWords,
    "sqlite-vec + FTS5": Sqlite,
    "txtai hybrid": Txtai,
    "LanceDB hybrid": LanceDb,
}
