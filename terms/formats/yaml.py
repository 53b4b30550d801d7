"""YAML: a document an entry, in the shape of terms/entry_json.py.

Read from the parser's events, one at a time: whatever a document says is text, a list or a mapping
of them, so that `no` stays the word that it is and nothing is ever constructed; anchors, with which
a small file can unfold into a huge one, are refused, as is deep nesting.
"""

from collections.abc import Iterable, Iterator
from typing import Any, BinaryIO

import yaml
from yaml import events

from terms.entry import Entry
from terms.entry_json import to_json
from terms.formats import FormatError
from terms.formats.whole import Read, entry_from

MAX_DEPTH = 20
NOTHING = {"", "~", "null"}
Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
Dumper = getattr(yaml, "CSafeDumper", yaml.SafeDumper)


def read(stream: BinaryIO) -> Iterator[Read]:
    for line, data in documents(stream):
        yield from entry_from(data, line)


def write(entries: Iterable[Entry], stream: BinaryIO) -> None:
    for entry in entries:
        stream.write(dumped(filled(to_json(entry)), explicit_start=True).encode())


def dumped(data: Any, **options: Any) -> str:
    text: str = yaml.dump(
        data, Dumper=Dumper, allow_unicode=True, sort_keys=False, width=100, **options
    )
    return text


def filled(data: dict[str, Any]) -> dict[str, Any]:
    """Without what is empty, all the way down: reading puts it back.

    >>> filled({"name": "cup", "slug": "", "senses": [{"key": "", "topics": []}], "score": 0.0})
    {'name': 'cup', 'senses': [{}], 'score': 0.0}
    """

    def inner(value: Any) -> Any:
        if isinstance(value, list):
            return [inner(each) for each in value]
        return filled(value) if isinstance(value, dict) else value

    return {name: inner(value) for name, value in data.items() if value not in ("", [], None)}


def documents(stream: BinaryIO | str) -> Iterator[tuple[int, Any]]:
    """(line, what it says) of each document. Raises FormatError where YAML itself is broken."""
    try:
        yield from _built(yaml.parse(stream, Loader=Loader))
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 0
        raise FormatError(line, str(error.problem or error), "Mend the YAML.") from error
    except yaml.YAMLError as error:
        reason = " ".join(str(error).split())
        raise FormatError(0, reason, "Save the file as UTF-8.") from error


def _built(parsed: Iterable[Any]) -> Iterator[tuple[int, Any]]:
    stack: list[Any] = []
    for event in parsed:
        line = event.start_mark.line + 1
        if isinstance(event, events.DocumentStartEvent):
            stack, begun = [[]], line
        elif isinstance(event, events.DocumentEndEvent):
            yield begun, stack[0][0]
        elif isinstance(event, events.NodeEvent):
            _check(event, len(stack), line)
            if isinstance(event, events.ScalarEvent):
                plain = event.implicit[0]
                stack[-1].append(None if plain and event.value in NOTHING else event.value)
            else:
                stack.append([isinstance(event, events.MappingStartEvent)])
        elif isinstance(event, events.CollectionEndEvent):
            is_mapping, *items = stack.pop()
            stack[-1].append(_mapping(items, line) if is_mapping else items)


def _check(event: Any, depth: int, line: int) -> None:
    if event.anchor:
        raise FormatError(line, "anchors and aliases are not read", "Write the text out.")
    if depth > MAX_DEPTH:
        raise FormatError(line, f"nested more than {MAX_DEPTH} deep", "Mend the YAML.")


def _mapping(items: list[Any], line: int) -> dict[str, Any]:
    names = items[::2]
    if not all(isinstance(name, str) for name in names):
        raise FormatError(line, "a name in a mapping is no text", "Mend the YAML.")
    if len(set(names)) < len(names):
        twice = next(name for name in names if names.count(name) > 1)
        raise FormatError(line, f"“{twice}” stands twice in one mapping", "Remove one.")
    said = zip(names, items[1::2], strict=True)
    return {name: value for name, value in said if value is not None}
