"""Files that are harmless in a spreadsheet, and say what was shown."""

import io
import zipfile
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pandas as pd
import pytest
import streamlit as st
from openpyxl import load_workbook

from jorge_data.dashboard.ui.column_words import Columns
from jorge_data.dashboard.ui.export import as_csv, as_parquet, as_xlsx, number_format

CHICAGO = ZoneInfo("America/Chicago")

FORMULAS = [
    "=1+1",
    "＝1+1",
    "'=1",
    "+1",
    "-1+1",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "\n=1",
    '=HYPERLINK("http://evil.example")',
]


@pytest.mark.parametrize("text", FORMULAS)
def test_no_cell_of_a_csv_is_a_formula(text: str) -> None:
    parsed = pd.read_csv(io.BytesIO(as_csv(pd.DataFrame({"name": [text]}))), dtype=str, keep_default_na=False)
    assert parsed["name"].iloc[0].startswith("'")
    assert parsed["name"].iloc[0][1:] == text


def test_no_heading_of_a_csv_is_a_formula() -> None:
    assert as_csv(pd.DataFrame({"=1+1": [1]})).decode("utf-8-sig").startswith("'=1+1")


def test_numbers_of_a_csv_stay_numbers() -> None:
    assert as_csv(pd.DataFrame({"change": [-1.5]})).decode("utf-8-sig").splitlines() == ["change", "-1.5"]


@pytest.mark.parametrize("text", [*FORMULAS, "http://evil.example"])
def test_no_cell_of_a_workbook_is_a_formula_or_a_link(text: str) -> None:
    with zipfile.ZipFile(io.BytesIO(as_xlsx(pd.DataFrame({"name": [text], "n": [-3]})))) as book:
        sheet = book.read("xl/worksheets/sheet1.xml").decode()
    assert "<f>" not in sheet
    assert "hyperlink" not in sheet
    assert "<v>-3</v>" in sheet


def test_a_workbook_reads_as_the_screen_does() -> None:
    frame = pd.DataFrame(
        {
            "deal_id": ["d1", "d2"],
            "opened_at": ["2026-11-23T12:00:00Z", None],
            "value": [412500.0, None],
            "answered": [3, 4],
            "stalled": [True, False],
            "tags": [["a"], []],
            "due": [date(2026, 11, 24), None],
            "closed_at": pd.Series([pd.Timestamp("1826-11-23T12:00:00Z"), None]),
        }
    )
    columns: Columns = {
        "opened_at": st.column_config.DatetimeColumn("Opened", format="D MMM"),
        "value": st.column_config.NumberColumn("Value", format="dollar"),
        "answered": st.column_config.ProgressColumn("Answered", format="%d of 4"),
        "missing": "Missing",
    }
    sheet = load_workbook(io.BytesIO(as_xlsx(frame, columns, CHICAGO, "deals"))).active
    assert sheet is not None
    assert [cell.value for cell in sheet[1]] == [
        *("Opened", "Value", "Answered", "Deal's id", "Stalled", "Tags", "Due", "Closed")
    ]
    assert [cell.value for cell in sheet[2]][:7] == [
        *(datetime(2026, 11, 23, 6), 412500, 3, "d1", True, "['a']", datetime(2026, 11, 24))
    ]
    assert str(sheet[2][7].value).startswith("1826-11-23T")
    assert [sheet[2][at].number_format for at in (0, 1, 2, 6)] == [
        *("yyyy-mm-dd hh:mm:ss", "$#,##0.00", '0" of 4"', "yyyy-mm-dd")
    ]
    assert sheet.freeze_panes == "A2"
    assert sheet.column_dimensions["A"].width > len("2026-11-23") - 5


def test_a_workbook_says_what_the_screen_says_with_dates_lengths_and_money_that_can_be_counted() -> None:
    row = {
        "action_type": "call_completed",
        "phone": "+15125550127",
        "ml_features_triggered": ["price", "home_value"],
        "next_action_date": "2026-12-06T12:00:00-06:00",
        "expected_close": "2026-12-24",
        "duration_seconds": 90.0,
        "deal_value": 412500.0,
        "probability": 0.4,
        "cost_usd": "0.001300",
        "entity": "call_completed",
    }
    sheet = load_workbook(io.BytesIO(as_xlsx(pd.DataFrame([row, dict.fromkeys(row)]), {}, CHICAGO))).active
    assert sheet is not None
    assert [cell.value for cell in sheet[2]] == [
        *("call done", "(512) 555-0127", "price, value of the home", datetime(2026, 12, 6), datetime(2026, 12, 24)),
        *(timedelta(seconds=90), 412500, 0.4, 0.0013, "call_completed"),
    ]
    assert [sheet[2][at].number_format for at in (5, 6, 7)] == ["[h]:mm:ss", "$#,##0", "0%"]


@pytest.mark.parametrize(
    ("form", "written"), [("%.1f d", '0.0" d"'), ("day %d", '"day "0'), ("percent", "0.0%"), ("", "General")]
)
def test_a_number_of_a_workbook_is_written_as_on_the_screen(form: str, written: str) -> None:
    assert number_format(form, [1.5]) == written


def test_moments_of_a_csv_stand_in_the_zone_of_the_office() -> None:
    frame = pd.DataFrame({"at": ["2026-11-23T12:00:00Z"], "t": pd.to_datetime(["2026-11-23T12:00:00Z"])})
    lines = as_csv(frame, CHICAGO).decode("utf-8-sig").splitlines()
    assert lines == ["at,t", "2026-11-23T06:00:00-06:00,2026-11-23T06:00:00-06:00"]


def test_parquet_brings_back_the_frame() -> None:
    frame = pd.DataFrame({"t": pd.to_datetime(["2026-11-23T12:00:00Z"]), "value": [1.5], "n": [3]})
    pd.testing.assert_frame_equal(pd.read_parquet(io.BytesIO(as_parquet(frame))), frame)
