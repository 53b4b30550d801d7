"""Entries as the rows of a spreadsheet: one row a sense.

A row with the same language, slug and name as the row above, or with none, is a further sense of
that entry; what else the entry has stands in its first row. Columns that the file lacks are empty.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from terms.entry import Entry
from terms.entry_json import to_json
from terms.formats import FormatError
from terms.formats.cells import joined, neutral, restored, split
from terms.formats.whole import Read, entry_from
from terms.text import slugify

ADDRESS = ("language", "slug", "name")
TERM = (*ADDRESS, "status", "replaced_by", "is_linked", "aliases", "relations")
PLAIN = ("key", "part_of_speech", "register", "definition")
SENSE = (*PLAIN, "examples", "topics", "sources")
COLUMNS = (*TERM, *SENSE)
NAMED = {"term": "name", "headword": "name", "meaning": "definition", "lang": "language"}
YES, NO = {"yes", "true", "1", ""}, {"no", "false", "0"}
PARTS = {
    "aliases": ("name", "kind", "slug"),
    "examples": ("text", "source"),
    "sources": ("title", "url", "licence"),
}

Row = tuple[int, Mapping[str, str]]  # the line it begins at, its cells by column


def column_of(header: str) -> str:
    """The column that a header names, whatever its case and spaces; "" for none.

    >>> column_of("Part of speech"), column_of(" Term "), column_of("Remarks")
    ('part_of_speech', 'name', '')
    """
    name = "_".join(header.casefold().replace("-", " ").split())
    name = NAMED.get(name, name)
    return name if name in COLUMNS else ""


# Written


def rows(entries: Iterable[Entry]) -> Iterator[list[str]]:
    """The header, then the rows of each entry, safe for a spreadsheet."""
    yield list(COLUMNS)
    for entry in entries:
        for cells in _rows(to_json(entry)):
            yield [neutral(cells.get(column, "")) for column in COLUMNS]


def _rows(data: dict[str, Any]) -> Iterator[dict[str, str]]:
    senses = [_sense_cells(sense) for sense in data["senses"]] or [{}]
    address = {name: data[name] for name in ADDRESS}
    yield _term_cells(data) | senses[0]
    yield from (address | sense for sense in senses[1:])


def _term_cells(data: dict[str, Any]) -> dict[str, str]:
    successor = data["replaced_by"]
    return {
        **{name: data[name] for name in (*ADDRESS, "status")},
        "replaced_by": f"{successor['language']}/{successor['slug']}" if successor else "",
        "is_linked": "yes" if data["is_linked"] else "no",
        "aliases": joined(map(_alias_parts, data["aliases"])),
        "relations": joined(map(_relation_parts, data["relations"])),
    }


def _sense_cells(sense: dict[str, Any]) -> dict[str, str]:
    return {
        **{name: sense[name] for name in PLAIN},
        "examples": _values(sense["examples"], "examples"),
        "topics": joined([topic] for topic in sense["topics"]),
        "sources": _values(sense["sources"], "sources"),
    }


def _values(values: list[dict[str, str]], column: str) -> str:
    return joined([value[part] for part in PARTS[column]] for value in values)


def _alias_parts(alias: dict[str, str]) -> list[str]:
    kind = "" if alias["kind"] == "synonym" else str(alias["kind"])
    return [alias["name"], kind, alias["slug"]]


def _relation_parts(link: dict[str, Any]) -> list[str]:
    term, score = link["term"], link["score"]
    address = f"{term['language']}/{term['slug']}"
    provenance = "" if link["provenance"] == "editor" else str(link["provenance"])
    number = "" if score is None else repr(score)
    return [term["name"], link["kind"], address, provenance, number, link["model"]]


# Read


def entries(table: Iterable[Row | FormatError]) -> Iterator[Read]:
    """The entries of rows. What is wrong is told at its row, and the rest is read."""
    together: list[Row] = []
    for row in table:
        if isinstance(row, FormatError):
            yield row
        elif together and _continues(row[1], together[0][1]):
            together.append(row)
        elif any(row[1].values()):
            yield from _entry(together)
            together = [row]
    yield from _entry(together)


def _continues(cells: Mapping[str, str], first: Mapping[str, str]) -> bool:
    said = [cells.get(name, "") for name in ADDRESS]
    return any(cells.values()) and (
        not any(said) or said == [first.get(name, "") for name in ADDRESS]
    )


def _entry(together: Sequence[Row]) -> Iterator[Read]:
    if not together:
        return
    wrong = list(_disagreements(together))
    line, first = together[0]
    said = [(at, cells) for at, cells in together if any(cells.get(name) for name in SENSE)]
    try:
        data = _term_data(first, line)
        data["senses"] = [_sense_data(cells, at) for at, cells in said]
    except FormatError as error:
        wrong.append(error)
    if wrong:
        yield from wrong
    else:
        yield from entry_from(data, line, [at for at, _ in said])


def _disagreements(together: Sequence[Row]) -> Iterator[FormatError]:
    first = together[0][1]
    for line, cells in together[1:]:
        for name in TERM[len(ADDRESS) :]:
            if cells.get(name) and cells[name] != first.get(name, ""):
                reason = f"it differs from line {together[0][0]}, of the same entry"
                yield FormatError(line, reason, "Say it in the first row alone.", name)


def _term_data(cells: Mapping[str, str], line: int) -> dict[str, Any]:
    data: dict[str, Any] = {name: cells[name] for name in (*ADDRESS, "status") if cells.get(name)}
    linked = cells.get("is_linked", "").casefold()
    if linked not in YES | NO:
        raise FormatError(line, f"“{linked[:40]}” is neither yes nor no", "", "is_linked")
    aliases = _objects(cells, "aliases", line)
    return data | {
        "name": cells.get("name", ""),
        "is_linked": linked in YES,
        "replaced_by": _address(cells["replaced_by"]) if cells.get("replaced_by") else None,
        "aliases": [alias | {"kind": alias.get("kind") or "synonym"} for alias in aliases],
        "relations": [_link(parts, line) for parts in split(cells.get("relations", ""))],
    }


def _sense_data(cells: Mapping[str, str], line: int) -> dict[str, Any]:
    return {
        **{name: cells.get(name, "") for name in PLAIN},
        "examples": _objects(cells, "examples", line),
        "topics": [" :: ".join(parts) for parts in split(cells.get("topics", ""))],
        "sources": _objects(cells, "sources", line),
    }


def _objects(cells: Mapping[str, str], column: str, line: int) -> list[dict[str, str]]:
    names = PARTS[column]
    values = split(cells.get(column, ""))
    return [
        dict(zip(names, _within(parts, len(names), line, column), strict=False)) for parts in values
    ]


def _within(parts: list[str], limit: int, line: int, column: str) -> list[str]:
    if len(parts) > limit:
        remedy = "Write “\\::” where two colons are part of the text."
        raise FormatError(line, f"a value has {len(parts)} parts, not {limit}", remedy, column)
    return parts


def _address(text: str) -> dict[str, str]:
    """
    >>> _address("de/tasse"), _address("cup")
    ({'language': 'de', 'slug': 'tasse'}, {'language': '', 'slug': 'cup'})
    """
    language, _, slug = text.strip().rpartition("/")
    return {"language": language, "slug": slug}


def _link(parts: list[str], line: int) -> dict[str, Any]:
    name, kind, address, provenance, score, model = [
        *_within(parts, 6, line, "relations"),
        *[""] * (6 - len(parts)),
    ]
    return {
        "kind": kind.strip() or "related",
        "term": {"name": name} | _address(address or slugify(name)),
        "provenance": provenance.strip() or "editor",
        "score": score.strip() or None,
        "model": model,
    }


def cells_of(columns: Mapping[int, str], values: Sequence[str]) -> dict[str, str]:
    """A row's cells by column, as they were before a spreadsheet had them."""
    return {column: restored(values[n]) if n < len(values) else "" for n, column in columns.items()}


def lacking(headers: Sequence[str], renamed: Mapping[str, str] | None = None) -> frozenset[str]:
    """The fields of an entry that a table has no column for. Raises FormatError."""
    return frozenset(COLUMNS) - {*columns_in(headers, renamed).values()}


def columns_in(headers: Sequence[str], renamed: Mapping[str, str] | None = None) -> dict[int, str]:
    """Which column each place of the header is. `renamed`: header → column, "" to leave it out.

    Raises FormatError for a header that leaves the names out, or names a column twice.
    """
    named = [(renamed or {}).get(header, column_of(header)) for header in headers]
    for column in {*named} - {""}:
        if named.count(column) > 1:
            raise FormatError(1, f"two columns are “{column}”", "Rename or leave out one.", column)
    if "name" not in named:
        known = ", ".join(COLUMNS)
        raise FormatError(1, "no column is “name”", f"The first row names the columns: {known}.")
    return {n: column for n, column in enumerate(named) if column}
