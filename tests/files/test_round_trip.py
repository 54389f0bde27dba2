"""What is exported and imported again is the same."""

import csv
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from openpyxl import Workbook

from jorge_data.bots import Client
from jorge_data.events import parse_moment
from jorge_data.files import ExportFilter, Office, export_file, import_file
from jorge_data.files.columns import column_names
from jorge_data.files.csv_file import CSVWriter
from jorge_data.files.opening import open_file
from tests.files.conftest import contents

SUFFIXES = ("ndjson", "csv", "parquet")


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_another_location_gets_the_same_events(client: Client, filled: str, tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"events.{suffix}"
    assert export_file(client, path, ExportFilter(filled)) == 1204
    result = import_file(client, path, f"{filled}.again")
    assert (result.kept, result.duplicates, result.refused) == (1204, 0, 0)
    assert contents(client, f"{filled}.again") == contents(client, filled)
    assert sorted(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_a_second_import_adds_nothing(client: Client, filled: str, tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"events.{suffix}"
    export_file(client, path, ExportFilter(filled))
    result = import_file(client, path, filled)
    assert (result.kept, result.duplicates, result.refused) == (0, 1204, 0)


def test_an_export_can_be_of_some_kinds_and_of_a_span(client: Client, filled: str, tmp_path: Path) -> None:
    path = tmp_path / "events.ndjson"
    wanted = [event for event in contents(client, filled) if event["type"] == "contact_update"]
    assert export_file(client, path, ExportFilter(filled, "contact_update")) == len(wanted)
    before, after = parse_moment("2026-02-20T09:00:00Z"), parse_moment("2026-02-20T09:00:01Z")
    assert export_file(client, path, ExportFilter(filled, None, before, after)) == 1200
    assert export_file(client, path, ExportFilter(filled, None, None, before)) == 0


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_an_empty_location_is_an_empty_file(client: Client, location: str, tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"events.{suffix}"
    assert export_file(client, path, ExportFilter(location)) == 0
    assert import_file(client, path, location).kept == 0


def test_parquet_has_columns_of_their_own_types(client: Client, filled: str, tmp_path: Path) -> None:
    path = tmp_path / "events.parquet"
    export_file(client, path, ExportFilter(filled))
    types = {field.name: str(field.type) for field in pq.read_schema(path)}
    assert types["time"] == "timestamp[us, tz=UTC]"
    assert types["data.questions_answered"] == "int64"
    assert types["data.match_score"] == "double"
    assert types["data.success"] == "bool"
    assert types["data.next_step"] == "string"


def test_texts_that_a_table_would_misread_come_back_as_they_were(tmp_path: Path) -> None:
    texts = ("NaN", "#N/A", "1001.0", "1.2E+15", "None", "", "7", "true")
    told = [
        {
            "id": f"e{number}",
            "source": "tests",
            "type": "lead_bot_sequence_update",
            "data": {"call_id": text, "next_step": text},
        }
        for number, text in enumerate(texts)
    ]
    writer = CSVWriter(tmp_path / "events.csv")
    writer.write(told)
    writer.close()
    assert [line.event for line in open_file(tmp_path / "events.csv", Office()).lines] == told


FORMULAS = (
    "=cmd|'/c calc'!A1",
    "+15551234567",
    "-2+3",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "\n=1",
    "＝1",
    "－1",
    "-",
    "'=1",
    "''@x",
)
HARMLESS = ("'tis", "'", "1-2", "a=b", " =1", "''")


@pytest.mark.parametrize("text", [*FORMULAS, *HARMLESS])
def test_a_text_that_a_spreadsheet_would_run_is_written_as_a_text_and_read_as_it_was(text: str, tmp_path: Path) -> None:
    told = {
        "id": text,
        "source": text,
        "type": "conversation_event",
        "subject": text,
        "data": {"conversation_id": text, "contact_id": text, "body": text, "phone": text, "odd": [text]},
    }
    path = tmp_path / "events.csv"
    writer = CSVWriter(path)
    writer.write([told])
    writer.close()
    with path.open(newline="", encoding="utf-8") as file:
        _, cells = csv.reader(file)
    assert [cell for cell in cells if cell[:1] in ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")] == []
    assert [line.event for line in open_file(path, Office()).lines] == [told]
    again = tmp_path / "again.xlsx"  # as a spreadsheet keeps it that opened the export
    book = Workbook()
    book.active.append(column_names())  # type: ignore[union-attr]
    book.active.append(cells)  # type: ignore[union-attr]
    if text not in ("\r=1", "\n=1", "\t=1"):  # which openpyxl itself would not write as they are
        book.save(again)
        assert [line.event for line in open_file(again, Office()).lines] == [told]


def test_a_number_below_zero_stays_a_number(tmp_path: Path) -> None:
    told = {"id": "e", "source": "s", "type": "commission_update", "data": {"deal_id": "d", "probability": -0.5}}
    writer = CSVWriter(tmp_path / "events.csv")
    writer.write([told])
    writer.close()
    assert "'" not in (tmp_path / "events.csv").read_text()
    assert [line.event for line in open_file(tmp_path / "events.csv", Office()).lines] == [told]
