"""Excel's workbooks: the first sheet, a row a sense."""

import re
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import Any, BinaryIO

import openpyxl
from openpyxl.utils.exceptions import InvalidFileException

from terms.entry import Entry
from terms.formats import FormatError, table
from terms.formats.whole import Read, opened_archive

MAX_CELL = 32_767  # characters, of Excel
# Excel reads `_x0041_` in a text as the character of that number, and writes so what XML has not.
LOOKS_CODED = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")
CODED = re.compile(r"_x([0-9A-Fa-f]{4})_")


def read(stream: BinaryIO, columns: Mapping[str, str] | None = None) -> Iterator[Read]:
    """`columns`: which column a header means, where it is not called so."""
    records = _records(stream)
    _, header = next(records, (0, []))
    places = table.columns_in(header, columns)
    yield from table.entries((line, table.cells_of(places, values)) for line, values in records)


def headers(stream: BinaryIO) -> list[str]:
    return next(_records(stream), (0, []))[1]


def write(entries: Iterable[Entry], stream: BinaryIO) -> None:
    """Raises FormatError for an entry with more in one cell than Excel has room for."""
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("Terms")
    sheet.freeze_panes = "A2"
    try:
        for number, row in enumerate(table.rows(entries), 1):
            sheet.append([_cell(text, number, row[2]) for text in row])
    except BaseException:
        sheet.close()
        raise
    book.save(stream)


def _cell(text: str, number: int, name: str) -> str:
    coded = LOOKS_CODED.sub("_x005F_", text)
    if len(coded) > MAX_CELL:
        reason = f"a cell of “{name}” has more than {MAX_CELL:,} characters"
        raise FormatError(number, reason, "Export as CSV or JSON Lines.")
    return coded


def _records(stream: BinaryIO) -> Iterator[tuple[int, list[str]]]:
    opened_archive(stream)
    stream.seek(0)
    try:
        book = openpyxl.load_workbook(stream, read_only=True, data_only=True)
        sheet = book.worksheets[0]
        sheet.reset_dimensions()  # what a file says of its size is not always so
        for number, row in enumerate(sheet.iter_rows(values_only=True), 1):
            yield number, [_text(value) for value in row]
    except (InvalidFileException, zipfile.BadZipFile, KeyError, ValueError, IndexError) as error:
        if isinstance(error, FormatError):
            raise
        raise FormatError(0, f"no workbook: {error}", "Save it as .xlsx.") from error


def _text(value: Any) -> str:
    """
    >>> _text(None), _text(7.0), _text(True), _text("_x005F_x0041_"), _text(date(2026, 5, 1))
    ('', '7', 'yes', '_x0041_', '2026-05-01')
    """
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case float() if value.is_integer():
            return str(int(value))
        case date():
            return value.isoformat()
        case str():
            return CODED.sub(lambda found: chr(int(found[1], 16)), value)
    return str(value)
