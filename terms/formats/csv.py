"""CSV, with commas, semicolons or tabs, in UTF-8 or with the mark of UTF-16."""

import codecs
import csv
import io
from collections.abc import Iterable, Iterator, Mapping
from typing import BinaryIO

from terms.entry import Entry
from terms.formats import FormatError, table
from terms.formats.whole import MAX_LINE, Read

MAX_CELL = 1_000_000
SEPARATORS = ",;\t"
UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def read(stream: BinaryIO, columns: Mapping[str, str] | None = None) -> Iterator[Read]:
    """`columns`: which column a header means, where it is not called so."""
    records = _records(stream)
    _, header = next(records, (0, []))
    places = table.columns_in(header, columns)
    yield from table.entries(_row(line, values, places, len(header)) for line, values in records)


def headers(stream: BinaryIO) -> list[str]:
    return next(_records(stream), (0, []))[1]


def write(entries: Iterable[Entry], stream: BinaryIO) -> None:
    text = io.TextIOWrapper(stream, "utf-8-sig", newline="")  # the mark tells Excel what it is
    csv.writer(text).writerows(table.rows(entries))
    text.flush()
    text.detach()


def _row(
    line: int, values: list[str], places: Mapping[int, str], width: int
) -> table.Row | FormatError:
    if len(values) > width and any(values[width:]):
        reason = f"the row has {len(values)} cells, the header {width}"
        return FormatError(line, reason, "Put a text that has the separator in it in quotes.")
    return line, table.cells_of(places, values)


def _records(stream: BinaryIO) -> Iterator[tuple[int, list[str]]]:
    """(line where it begins, cells) of each record."""
    lines = _lines(stream)
    first = next(lines, "")
    separator = max(SEPARATORS, key=first.count)
    csv.field_size_limit(MAX_CELL)
    reader = csv.reader(_chained(first, lines), delimiter=separator, strict=True)
    begins = 1
    try:
        for record in reader:
            yield begins, record
            begins = reader.line_num + 1
    except csv.Error as error:
        remedy = "A quote that opens a cell is closed by another; within a cell it is doubled."
        raise FormatError(begins, str(error), remedy) from error


def _chained(first: str, lines: Iterator[str]) -> Iterator[str]:
    yield first
    yield from lines


def _lines(stream: BinaryIO) -> Iterator[str]:
    """Lines with their ends. A byte that is no text is told with its line."""
    head = stream.read(2)
    stream.seek(-len(head), io.SEEK_CUR)
    encoding = "utf-16" if head in UTF16 else "utf-8-sig"
    text = io.TextIOWrapper(stream, encoding, errors="surrogateescape", newline="")
    number = 0
    try:
        while line := text.readline(MAX_LINE):
            number += 1
            if any("\udc80" <= sign <= "\udcff" for sign in line):
                raise FormatError(number, "the file is not UTF-8", "Save it as CSV UTF-8.")
            if len(line) == MAX_LINE:
                raise FormatError(number, "the line is too long", "Shorten it.")
            yield line
    except UnicodeError as error:
        raise FormatError(number + 1, "the file is cut off", "Save it as CSV UTF-8.") from error
    finally:
        if not stream.closed:
            text.detach()
