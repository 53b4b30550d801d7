"""What the space adds to a release in a folder: int8 vectors and neighbours, as a script."""

import base64
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from embeddings.models import Embedding, Space, View
from embeddings.text import entry as entry_text
from embeddings.text import fingerprint
from embeddings.vectors import Matrix, unit
from terms import markup
from terms.models import Release
from terms.snapshot import Page, write_value

NEIGHBOURS = 8
BLOCK = 1024


def add_space(release: Release, folder: Path, pages: list[Page], **_: Any) -> None:
    """Fills `space.js`; leaves it where no space serves, or it knows none of the entries."""
    space = Space.objects.serving()
    if space is None:
        return
    matrix = vectors_of(space, release)
    if not matrix.any():
        return
    small = int8(matrix)
    value = {
        "model": space.model,
        "dimensions": space.dimensions,
        "vectors": base64.b64encode(small.tobytes()).decode(),
        "near": nearest(matrix, NEIGHBOURS),
    }
    write_value(folder / "space.js", "lexispaceSpace", value)


def vectors_of(space: Space, release: Release) -> Matrix:
    """(n, d): the first sense of each entry, zero where it has none or was reworded since."""
    matrix = np.zeros((release.count, space.dimensions), dtype=np.float32)
    wanted: dict[str, tuple[int, bytes]] = {}
    for row, frozen in enumerate(release.entries.order_by("position").iterator(500)):
        for sense in frozen.entry.senses[:1]:
            text = entry_text(frozen.name, markup.plain(sense.definition))
            wanted[sense.key] = (row, fingerprint(text))
    rows = Embedding.objects.filter(space=space, view=View.ENTRY, sense__key__in=wanted)
    for key, vector, text_hash in rows.values_list("sense__key", "vector", "text_hash"):
        row, expected = wanted[key]
        if bytes(text_hash) == expected:
            matrix[row] = vector
    return unit(matrix)


def int8(matrix: Matrix) -> NDArray[np.int8]:
    """One scale for all, so that the order of dot products stays.

    >>> int8(np.array([[0.5, -0.25]], dtype=np.float32)).tolist()
    [[127, -64]]
    """
    largest = float(np.abs(matrix).max()) or 1.0
    return np.round(matrix * (127 / largest)).astype(np.int8)


def nearest(matrix: Matrix, count: int) -> list[list[int]]:
    """For each row the others that are nearest by cosine, best first; none for a zero row.

    >>> nearest(np.array([[1, 0], [0.8, 0.6], [0, 0]], dtype=np.float32), 2)
    [[1], [0], []]
    """
    found: list[list[int]] = []
    for start in range(0, len(matrix), BLOCK):
        scores = matrix[start : start + BLOCK] @ matrix.T
        for row, line in enumerate(scores, start):
            line[row] = -1
            best = np.argsort(-line, kind="stable")[:count]
            found.append([int(n) for n in best if line[n] > 0])
    return found
