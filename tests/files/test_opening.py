"""A file is known by its content; one that is none of ours says what it is, what it has and what is wanted."""

import gzip
import json
import zipfile
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import polars as pl
import pytest

from jorge_data.bots import Client
from jorge_data.files import FileRefused, Office, import_file
from jorge_data.files.opening import open_file
from tests.files.conftest import contents
from tests.files.test_importing import refused_lines

HEADER = ["source", "type", "time", "data.bot_type", "data.status"]
GOOD = ["tests", "bot_status_update", "2026-03-01T12:00:00Z", "b", "idle"]
EVENT = {"source": "tests", "type": "bot_status_update", "data": {"bot_type": "b", "status": "idle"}}


def workbook(path: Path, **sheets: list[list[Any]]) -> Path:
    book = openpyxl.Workbook()
    for title, rows in sheets.items():
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(row)
    del book["Sheet"]
    book.save(path)
    return path


def csv(path: Path, *rows: list[str], delimiter: str = ",", encoding: str = "utf-8") -> Path:
    path.write_bytes("".join(delimiter.join(row) + "\r\n" for row in rows).encode(encoding))
    return path


def refused(path: Path) -> str:
    with pytest.raises(FileRefused) as refusal:
        list(open_file(path, Office()).lines)
    return str(refusal.value).removeprefix(f"{path}: ")


def zipped(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("events.csv", "source,type\n")


def of_libre_office(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")


def cut_short(path: Path) -> None:
    path.write_bytes(gzip.compress(b"source,type\n" * 10_000)[:60])


OTHERS: dict[str, tuple[Callable[[Path], object], str]] = {
    "folder": (lambda path: path.mkdir(), "is a folder; allowed: one file"),
    "zip": (zipped, "is a zip archive; unpack it; allowed: CSV, .xlsx, NDJSON, a list in JSON, Parquet"),
    "ods": (of_libre_office, "is a document, but no .xlsx; save it as one"),
    "broken zip": (lambda path: path.write_bytes(b"PK\x03\x04..."), "cannot be read as .xlsx"),
    "xls": (lambda path: path.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"), "is an old .xls, or a workbook with a"),
    "zstd": (lambda path: path.write_bytes(b"\x28\xb5\x2f\xfd"), "is packed by zstd; unpack it"),
    "cut gzip": (cut_short, "cannot be unpacked"),
    "arrow": (lambda path: pl.DataFrame({"a": [1]}).write_ipc(path), "is Arrow's own format; write it as Parquet"),
    "binary": (lambda path: path.write_bytes(bytes(range(256))), "is not text in UTF-8, UTF-16 or Windows-1252"),
    "columns": (
        lambda path: path.write_text("Name;Courriel\nx;y\n"),
        "has the columns 'Name', 'Courriel'; not allowed: 'Name', 'Courriel'. Wanted are events (id, source, type,",
    ),
    "no type": (
        lambda path: path.write_text("source,data.name\n"),
        "has the columns 'source', 'data.name'; missing: type",
    ),
    "twice": (
        lambda path: path.write_text("type,source,data.name,data.name\n"),
        "column 'data.name' stands 2 times, as columns 3, 4; allowed: each column once",
    ),
    "split": (
        lambda path: pd.DataFrame({"type": ["x"]}).to_json(path, orient="split"),
        "has the columns 'columns', 'index', 'data'; not allowed: 'columns', 'index'",
    ),
    "by columns": (
        lambda path: pd.DataFrame({"type": ["x"]}).to_json(path),
        "is JSON by columns; allowed: by rows, as pandas writes with orient='records'",
    ),
    "two sheets": (
        lambda path: workbook(path, January=[HEADER, GOOD], February=[HEADER, GOOD]),
        "has 2 sheets of these columns, 'January', 'February'; allowed: one, or a file each",
    ),
    "other sheet": (lambda path: workbook(path, Totals=[["Month", "Total"]]), "has the columns 'Month', 'Total'"),
}


@pytest.mark.parametrize("name", OTHERS)
def test_what_cannot_be_read_says_what_it_is_and_what_is_allowed(tmp_path: Path, name: str) -> None:
    make, sentence = OTHERS[name]
    make(tmp_path / "file")
    assert refused(tmp_path / "file").startswith(sentence)


@pytest.mark.parametrize("content", [b"", b"\xef\xbb\xbf", b"\n\n", b"[]", ",".join(HEADER).encode(), b",,,\r\n"])
def test_a_file_without_events_has_none(client: Client, tmp_path: Path, content: bytes) -> None:
    (tmp_path / "empty").write_bytes(content)
    assert import_file(client, tmp_path / "empty").kept == 0


def test_the_name_of_a_file_says_nothing(client: Client, location: str, tmp_path: Path) -> None:
    path = workbook(tmp_path / "events.csv", Sheet1=[HEADER, GOOD])
    assert str(import_file(client, path, location)).startswith("events, Excel (sheet 'Sheet1'): 1 events kept")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-32", "cp1252"])
def test_a_text_is_read_in_its_encoding(tmp_path: Path, encoding: str) -> None:
    path = csv(tmp_path / "events.csv", HEADER, [*GOOD[:3], "José’s bot", "idle"], delimiter="\t", encoding=encoding)
    (line,) = open_file(path, Office()).lines
    assert line.event["data"]["bot_type"] == "José’s bot"


def test_spaces_after_commas_are_no_part_of_cells(tmp_path: Path) -> None:
    path = csv(tmp_path / "events.csv", HEADER, [*GOOD[:3], '"a, b"', "idle"], delimiter=", ")
    (line,) = open_file(path, Office()).lines
    assert (line.event["source"], line.event["data"]["bot_type"]) == ("tests", "a, b")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("indent", [None, 2])
def test_a_list_in_json_is_read_item_by_item(tmp_path: Path, encoding: str, indent: int | None) -> None:
    events = [{**EVENT, "data": {"bot_type": "José", "status": "idle", "nothing": None, "share": 0.5, "n": 7}}] * 3
    (tmp_path / "events.json").write_text(json.dumps(events, indent=indent, ensure_ascii=False), encoding)
    opened = open_file(tmp_path / "events.json", Office())
    assert opened.what == "events, a list in JSON"
    assert [(line.number, line.event) for line in opened.lines] == list(enumerate(events, 1))


def test_ndjson_with_a_mark_is_read(tmp_path: Path) -> None:
    for encoding in ("utf-8-sig", "utf-16"):
        (tmp_path / "events").write_text(f"{json.dumps(EVENT)}\n", encoding)
        assert [line.event for line in open_file(tmp_path / "events", Office()).lines] == [EVENT]


def test_a_list_that_breaks_off_says_where(tmp_path: Path) -> None:
    (tmp_path / "events.json").write_text(f"[{json.dumps(EVENT)}, {json.dumps(EVENT)[:40]}")
    first, second = open_file(tmp_path / "events.json", Office()).lines
    assert (first.event, second.number, second.faults[0].value) == (EVENT, 2, "the list from here on")


def test_moments_without_a_zone_us_dates_and_serial_numbers_are_refused_by_row_and_column(
    client: Client, location: str, tmp_path: Path
) -> None:
    cells: list[Any] = ["2026-03-01 12:00:00", "3/1/2026 12:00", 46_082.5, datetime(2026, 3, 1, 12), GOOD[2]]
    path = workbook(tmp_path / "events.xlsx", Events=[HEADER, *([*GOOD[:2], cell, *GOOD[3:]] for cell in cells)])
    assert import_file(client, path, location).kept == 1
    found = list(refused_lines(path))
    assert [(row, column) for row, column, _, _ in found] == [(row, "/time") for row in (2, 3, 4, 5)]
    assert {detail for *_, detail in found} == {"allowed: RFC 3339 with a zone, as in 2026-11-23T14:07:31Z"}


def test_a_parquet_file_of_moments_without_a_zone_is_refused_by_row_and_column(
    client: Client, location: str, tmp_path: Path
) -> None:
    row = dict(zip(HEADER, [*GOOD[:2], datetime(2026, 3, 1, 12), *GOOD[3:]], strict=True))
    pl.DataFrame([row]).write_parquet(tmp_path / "events.parquet")
    assert import_file(client, tmp_path / "events.parquet", location).refused == 1
    assert [each[:2] for each in refused_lines(tmp_path / "events.parquet")] == [(1, "/time")]


def test_a_formula_is_read_by_its_value_and_refused_without_one(tmp_path: Path) -> None:
    columns = [*HEADER, "data.processing_time_ms"]
    rows: list[list[Any]] = [[*GOOD, 42], [*GOOD, "=6*7"], [*GOOD, "#DIV/0!"]]
    path = workbook(tmp_path / "events.xlsx", Events=[columns, *rows])
    good, formula, error = open_file(path, Office()).lines
    assert (good.faults, good.event["data"]["processing_time_ms"]) == ((), 42)
    assert [fault.as_json() for fault in (*formula.faults, *error.faults)] == [
        {
            "pointer": "/data.processing_time_ms",
            "value": "'=6*7'",
            "detail": "allowed: a value; open and save it in Excel to compute it",
        },
        {
            "pointer": "/data.processing_time_ms",
            "value": "'#DIV/0!'",
            "detail": "allowed: a value; this is the error of a formula",
        },
    ]


def test_a_row_that_goes_beyond_its_header_is_refused_and_commas_at_its_end_are_not(tmp_path: Path) -> None:
    path = csv(tmp_path / "events.csv", HEADER, [*GOOD, "", ""], [*GOOD, "x"], GOOD[:4], [""] * 9, ["", *GOOD[1:]])
    lines = list(open_file(path, Office()).lines)
    assert [(line.number, [fault.value for fault in line.faults]) for line in lines] == [
        (2, []),
        (3, ["6 cells"]),
        (4, ["4 cells"]),
        (6, []),
    ]


def test_a_column_without_a_heading_is_an_index_or_must_be_empty(tmp_path: Path) -> None:
    path = csv(tmp_path / "events.csv", ["", *HEADER, "", "data.x"], ["7", *GOOD, "", "1"], ["8", *GOOD, "lost", "1"])
    first, second = open_file(path, Office()).lines
    assert first.event["data"] == {"bot_type": "b", "status": "idle", "x": 1}
    assert [fault.value for fault in second.faults] == ["'lost'"]


def test_a_line_without_an_end_is_refused_and_the_next_is_read(tmp_path: Path) -> None:
    path = csv(tmp_path / "events.csv", HEADER, ["x" * 600_000], GOOD)
    long, good = open_file(path, Office()).lines
    assert [fault.detail for fault in long.faults] == ["a line of more than 262144 characters"]
    assert good.event["data"]["status"] == "idle"


def test_a_packed_import_goes_on_where_it_broke_off(client: Client, location: str, tmp_path: Path) -> None:
    from tests.files.test_importing import Breaking

    path = tmp_path / "events.ndjson.gz"
    path.write_bytes(
        gzip.compress(b"".join(json.dumps(EVENT | {"subject": f"n{n}"}).encode() + b"\n" for n in range(700)))
    )
    with pytest.raises(Exception, match="the server is away"):
        import_file(Breaking(client, 1), path, location)
    assert import_file(client, path, location).kept == 700
    assert len(contents(client, location)) == 700
