"""Rows as a table shows them."""

import re
from pathlib import Path
from zoneinfo import ZoneInfo

import pandas as pd
import pytest
import streamlit as st

from jorge_data.dashboard.ui.cell_words import row_in_words
from jorge_data.dashboard.ui.rows import as_values, in_decimals, print_rows, value_columns


def test_a_number_is_rounded_before_the_browser_cuts_it() -> None:
    frame = pd.DataFrame(
        {"effectiveness": [87.6, 86.5, None], "confidence": [0.125, 1.0, 2.0], "value": [1.239, 2.0, 3.0]}
    )
    shown = in_decimals(frame, ("effectiveness", "confidence", "value"))
    assert shown["effectiveness"].tolist()[:2] == [88, 86]
    assert pd.isna(shown["effectiveness"][2])
    assert shown["confidence"].tolist() == [0.12, 1.0, 2.0]
    assert shown["value"].tolist() == [1.239, 2.0, 3.0]


def test_costs_told_as_text_and_as_numbers_stand_in_one_column_of_numbers() -> None:
    shown = as_values(pd.DataFrame({"cost_usd": ["0.000125", 0.25, None, "free"]}), ZoneInfo("UTC"))
    assert shown["cost_usd"].tolist()[:2] == [0.000125, 0.25]
    assert shown["cost_usd"].isna().tolist() == [False, False, True, True]
    assert list(value_columns(shown)) == ["cost_usd"]


def test_every_table_is_drawn_by_the_one_that_opens_a_row_by_a_click() -> None:
    files = [*Path("jorge_data/dashboard").rglob("*.py"), *Path("pages").glob("*.py")]
    drawn = [
        path.as_posix() for path in files if "st.dataframe(" in path.read_text() or "st.table(" in path.read_text()
    ]
    assert drawn == ["jorge_data/dashboard/ui/rows.py"]


def test_on_paper_a_column_of_numbers_stands_under_its_title(monkeypatch: pytest.MonkeyPatch) -> None:
    tables = list[str]()
    monkeypatch.setattr(st, "html", tables.append)
    print_rows(pd.DataFrame({"stage": ["offer"], "value": [1.0], "stalled": [True]}), {}, key="deals")
    sides = re.findall(r"<t[hd]( class=number)?>", tables[0])
    assert sides[:3] == sides[3:] == ["", " class=number", ""]


def test_a_row_is_written_out_as_its_cells_read_without_those_that_are_empty() -> None:
    frame = pd.DataFrame(
        {"value": [1.0, 412_500.0], "phone": ["", "+15125550143"], "why": [None, None], "stalled": [1, 1]}
    )
    frame = frame.assign(at=pd.Timestamp("2026-11-25 09:30", tz="UTC"), stalled=[True, False])
    columns = {"at": st.column_config.DatetimeColumn(format="D MMM HH:mm")}
    assert row_in_words(frame, columns, 1) == {
        "value": "$412,500",
        "phone": "(512) 555-0143",
        "stalled": "no",
        "at": "25 Nov, 09:30",
    }
