"""JSON Lines: an entry a line, in the shape of terms/entry_json.py."""

import json
import math
from collections.abc import Iterable, Iterator
from typing import Any, BinaryIO

from terms.entry import Entry
from terms.entry_json import to_json
from terms.formats import FormatError
from terms.formats.whole import MAX_LINE, Read, entry_from

REMEDY = "Each line is one JSON object."


def read(stream: BinaryIO) -> Iterator[Read]:
    number = 0
    while raw := stream.readline(MAX_LINE):
        number += 1
        if len(raw) == MAX_LINE and not raw.endswith(b"\n"):
            reason = f"the line has more than {MAX_LINE:,} bytes"
            raise FormatError(number, reason, REMEDY)
        if raw.strip():
            yield from _entry(raw, number)


def write(entries: Iterable[Entry], stream: BinaryIO) -> None:
    for entry in entries:
        stream.write(json.dumps(to_json(entry), ensure_ascii=False).encode() + b"\n")


def _entry(raw: bytes, number: int) -> Iterator[Read]:
    try:
        data = _loaded(raw)
    except UnicodeDecodeError as error:
        reason = f"byte {error.start + 1} is not UTF-8"
        yield FormatError(number, reason, "Save the file as UTF-8.")
    except json.JSONDecodeError as error:
        yield FormatError(number, f"{error.msg} at character {error.colno}", REMEDY)
    except RecursionError:
        yield FormatError(number, "the JSON is nested too deep", REMEDY)
    except ValueError as error:
        yield FormatError(number, str(error), REMEDY)
    else:
        yield from entry_from(data, number)


def _loaded(raw: bytes) -> Any:
    return json.loads(
        raw.decode("utf-8-sig"),
        object_pairs_hook=_once,
        parse_constant=_refuse,
        parse_float=_finite,
    )


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"“{twice}” stands twice in one object")
    return found


def _refuse(constant: str) -> Any:
    raise ValueError(f"{constant} is no number of JSON")


def _finite(digits: str) -> float:
    number = float(digits)
    return number if math.isfinite(number) else _refuse(digits[:20])
