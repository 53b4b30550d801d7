"""Formats that hold all of an entry: what is written is read, and what is wrong is told."""

import io
import json
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import HealthCheck, example, given, settings

from terms.entry import AliasText, Citation, Entry, Link, SenseText
from terms.formats import FormatError, cells, folder, whole
from tests.entries import PROSE, WHOLE

SLOW = settings(max_examples=50, deadline=None, suppress_health_check=list(HealthCheck))
HARD = Entry(
    "=1+1",
    "f",
    senses=[
        SenseText("'=HYPERLINK(1)", examples=[("a :: b | c\\", "::"), ("'quoted'", "")]),
        SenseText("@x\n---\n## 2\n\\## 3\n\n## 1", topics=["a"]),
        SenseText("_x0041_ \u2028 no", sources=[Citation("|", "https://example.org/a|b", ":")]),
    ],
    aliases=[AliasText("synonym", "null", "other"), AliasText("former", "- x", "")],
    relations=[Link("narrower", "-", "de", "x", "suggestion", 1e-7, "::m:")],
)


def back(name: str, *entries: Entry) -> list[whole.Read]:
    stream = io.BytesIO()
    whole.writer(name)(entries, stream)
    stream.seek(0)
    return list(whole.reader(name)(stream))


def read(name: str, text: str | bytes) -> list[Any]:
    raw = text if isinstance(text, bytes) else text.encode()
    return list(whole.reader(name)(io.BytesIO(raw)))


def raised(name: str, text: str | bytes) -> FormatError:
    with pytest.raises(FormatError) as error:
        read(name, text)
    return error.value


@pytest.mark.parametrize("name", whole.WRITERS)
@given(entry=WHOLE, other=WHOLE)
@example(entry=HARD, other=replace(HARD, slug="g", senses=[], status="draft"))
@SLOW
def test_what_is_written_is_read(name: str, entry: Entry, other: Entry) -> None:
    other = replace(other, name=f"{other.name} 2", slug=f"{other.slug}-2")
    assert back(name, entry, other) == [entry, other]


@given(text=PROSE)
@example(text="'=1")
@example(text="''\t")
@SLOW
def test_no_cell_begins_as_a_formula_and_each_is_restored(text: str) -> None:
    for hard in (text, f"={text}", f"'={text}", f"\t{text}", f"\r{text}"):
        assert cells.neutral(hard)[0] not in "=+-@\t\r"
        assert cells.restored(cells.neutral(hard)) == hard


def test_a_folder_reads_well_and_has_short_file_names(tmp_path: Path) -> None:
    cup = Entry("Cup", "cup", senses=[SenseText("A *small* vessel.")])
    long = Entry("語" * 100, "語" * 100, "ja", senses=[SenseText("語")])
    folder.write_folder([cup, long], tmp_path)
    text = (tmp_path / "en/cup.md").read_text()
    assert text == (
        "---\nname: Cup\nslug: cup\nlanguage: en\nstatus: published\nis_linked: true\n"
        "senses:\n- {}\n---\n\nA *small* vessel.\n"
    )
    assert list(folder.read_folder(tmp_path)) == [cup, long]


TABLE = (
    "name;definition;examples\ncup;A vessel.;A cup of tea. :: A book | Another.\ncup;A prize.;\n"
)


@pytest.mark.parametrize(
    "raw",
    [
        TABLE.encode(),
        b"\xef\xbb\xbf" + TABLE.encode(),
        TABLE.encode("utf-16"),
        TABLE.replace("\n", "\r\n").encode(),
        TABLE.replace("\n", "\r").encode(),
        TABLE.replace(";", "\t").encode(),
        TABLE.replace(";", ",").replace("name", "Term").replace("definition", "Meaning").encode(),
    ],
)
def test_csv_is_read_as_spreadsheets_write_it(raw: bytes) -> None:
    (entry,) = read("csv", raw)
    assert (entry.name, entry.status, entry.line) == ("cup", "draft", 2)
    assert [(sense.definition, sense.line) for sense in entry.senses] == [
        ("A vessel.", 2),
        ("A prize.", 3),
    ]
    assert entry.senses[0].examples == [("A cup of tea.", "A book"), ("Another.", "")]


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("name,name\n", 1, "two columns"),
        ("word,text\n", 1, "no column is “name”"),
        ("", 1, "no column"),
        ('name,definition\ncup,"A vessel\nmug,B\n', 2, "quote"),
        ("name,definition\ncup,ok\nmug,tas\xe9\n".encode("latin-1"), 3, "not UTF-8"),
        ("name,definition\ncup," + "x" * 2_000_000, 2, "field larger"),
        ("name,definition\ncup," + "x" * 5_000_000, 2, "too long"),
        (TABLE.encode("utf-16")[:-1], 3, "cut off"),
    ],
)
def test_csv_that_cannot_be_read_is_told_with_its_line(
    text: str | bytes, line: int, words: str
) -> None:
    error = raised("csv", text)
    assert error.line == line
    assert words in str(error)


def test_rows_that_are_wrong_are_told_and_the_others_read() -> None:
    text = (
        "name,status,is_linked,definition,relations,key\n"
        "cup,published,perhaps,A vessel.,,\n"
        "mug,good,yes,A cup.,,!\n"
        "mug,,,,, \n"
        "jug,draft,yes,A vessel.,cup :: friend,\n"
        "pot,draft,yes,A,vessel,,of,clay\n"
        "can,draft,yes,A vessel.,cup,\n"
    )
    *wrong, good = read("csv", text)
    assert good.relations == [Link("related", "cup", "", "cup")]
    assert sorted((error.line, error.column) for error in wrong) == [
        (2, "is_linked"),
        (3, "key"),
        (3, "status"),
        (5, "relations[0].kind"),
        (6, ""),
    ]


def test_a_nul_is_told_with_its_place() -> None:
    (error,) = read("csv", "name,definition\ncup,a\0b\n")
    assert (error.line, error.column) == (2, "definition")


def test_a_workbook_by_hand_has_numbers_dates_and_formulas() -> None:
    book, stream = openpyxl.Workbook(), io.BytesIO()
    sheet = book.worksheets[0]
    sheet.append(["Term", "Meaning", "Remarks"])
    sheet.append([404, "Not found.", "=1+1"])
    book.save(stream)
    (entry,) = read("xlsx", stream.getvalue())
    assert (entry.name, entry.senses[0].definition) == ("404", "Not found.")


def test_more_than_a_cell_of_excel_holds_is_refused() -> None:
    entry = Entry("cup", senses=[SenseText("A cup.", examples=[("x" * 4000, "")] * 9)])
    with pytest.raises(FormatError, match="“cup” has more than 32,767"):
        back("xlsx", entry)


@pytest.mark.parametrize("name", ["xlsx", "folder"])
@pytest.mark.parametrize("raw", [b"", b"PK\x03\x04 nothing", b"name,definition\n"])
def test_what_is_no_archive_is_refused(name: str, raw: bytes) -> None:
    assert "archive cannot be read" in str(raised(name, raw))


def test_an_archive_that_unpacks_to_far_more_is_refused() -> None:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("en/cup.md", "\n" * 30_000_000)
    assert "unpacks from" in str(raised("folder", stream.getvalue()))
    assert "unpacks from" in str(raised("xlsx", stream.getvalue()))


def test_names_in_an_archive_lead_nowhere() -> None:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("../../etc/cup.md", "---\nname: cup\n---\nA vessel.\n")
        archive.writestr("/etc/passwd", "root")
    (entry,) = read("folder", stream.getvalue())
    assert entry.name == "cup"


GOOD = json.dumps({"name": "cup", "senses": [{"definition": "A vessel."}]})


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("{", "character"),
        ("[" * 100_000, "too deep"),
        ('{"name": ' + "1" * 1_000_000 + "}", "digits"),
        ('{"name": "a", "name": "b"}', "twice"),
        ('{"name": NaN}', "NaN"),
        ('{"name": 1e999}', "1e999"),
        ('"cup"', "dictionary"),
        ('{"name": ["cup"]}', "valid string"),
    ],
)
def test_a_bad_line_of_json_is_told_and_the_others_read(line: str, words: str) -> None:
    first, error, last = read("jsonl", f"{GOOD}\n{line}\n\n{GOOD}\n")
    assert (error.line, first, last.line) == (2, last, 4)
    assert words in str(error)


def test_bytes_that_are_no_text_are_told_with_their_line() -> None:
    _, error = read("jsonl", GOOD.encode() + b'\n{"name": "\xe9"}\n')
    assert (error.line, "not UTF-8" in str(error)) == (2, True)


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("name: cup\nname: mug\n", 2, "twice"),
        ("name: &a cup\nslug: *a\n", 1, "anchors"),
        ("[" * 100_000, 1, "deep"),
        ("- " * 100_000, 1, "deep"),
        ("name: cup\n  slug: x\n", 2, "not allowed"),
        ("? [a]\n: b\n", 1, "no text"),
        (b"name: \xe9\n", 0, "UTF-8"),
    ],
)
def test_bad_yaml_is_told_with_its_line(text: str | bytes, line: int, words: str) -> None:
    error = raised("yaml", text)
    assert line <= error.line <= line + 2
    assert words in str(error)


def test_yaml_by_hand_is_text_throughout() -> None:
    text = "name: no\nlanguage: en\nsenses:\n- definition: 2026-05-01\n  key: ~\nis_linked: no\n"
    (entry,) = read("yaml", text)
    assert (entry.name, entry.senses[0].definition) == ("no", "2026-05-01")
    assert entry.is_linked is False


@pytest.mark.parametrize(
    ("name", "head", "found"),
    [
        ("a.XLSX", b"", "xlsx"),
        ("-", b"---\nname: cup\n", "yaml"),
        ("-", b"PK\x03\x04xl/workbook", "xlsx"),
        ("-", b"PK\x03\x04en/cup.md", "folder"),
        ("bundle.txt", b"Title #", ""),
    ],
)
def test_the_format_is_found(name: str, head: bytes, found: str) -> None:
    assert whole.format_of(name, head) == found


def test_every_reader_has_a_writer() -> None:
    functions: list[Callable[..., Any]] = [whole.reader(name) for name in whole.READERS]
    assert all(functions)
    assert whole.READERS.keys() == whole.WRITERS.keys()
