from typing import Any

import pandas as pd
import pytest
import streamlit as st

from jorge_data.dashboard.ui.cell_words import NOTHING, cells_in_words, readable, without_formats
from jorge_data.dashboard.ui.rows import Columns, value_columns

AT = pd.to_datetime(["2026-11-24T20:07:09Z"]).tz_convert("America/Chicago")


def cell(name: str, value: Any, column: Any = "") -> str:
    """Return what a cell of one column reads."""
    styled = cells_in_words(pd.DataFrame({name: [value]}), {name: column})
    return str(styled.to_html().split('class="data row0 col0" >')[1].split("</td>")[0])


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("value", 530_000.0, "$530,000"),
        ("cost_usd", 0.0013, "$0.0013"),
        ("duration_s", 372.0, "6 m 12 s"),
        ("stage_age", 34.0, "34 d"),
        ("response_time_ms", 1800.0, "1.8 s"),
        ("probability", 0.25, "25 %"),
        ("expected_close", "2027-01-06", "6 Jan 2027"),
        ("next_action_date", "2027-01-06T10:00:00+00:00", "6 Jan 2027"),
        ("phone", "+15125550127", "(512) 555-0127"),
        ("stage", "under_contract", "under contract"),
        ("name", "under_contract", "under_contract"),
        ("lead_source", "open_house", "Open house"),
        ("lead_source", "", "Not given"),
        ("messages", 1234, "1,234"),
        ("messages", 1.5, "1.50"),
        ("stalled", True, "yes"),
        ("stalled", False, "no"),
        ("value", None, NOTHING),
        ("expected_close", "soon", "soon"),
        ("tags_added", ["hot", "north"], "hot, north"),
    ],
)
def test_a_cell_is_written_as_the_rest_of_the_page(name: str, value: object, words: str) -> None:
    assert cell(name, value) == words


@pytest.mark.parametrize(
    ("form", "words"),
    [
        ("D MMM HH:mm", "24 Nov, 14:07"),
        ("D MMM YYYY", "24 Nov 2026"),
        ("YYYY-MM-DD HH:mm:ss", "24 Nov 2026, 14:07:09"),
        ("", "24 Nov, 14:07"),
    ],
)
def test_a_moment_has_the_parts_that_its_column_asks_for(form: str, words: str) -> None:
    column = st.column_config.DatetimeColumn("Last event", format=form or None)
    assert cell("at", AT[0], column) == words
    elsewhere = st.column_config.DatetimeColumn("Last event", format="D MMM HH:mm", timezone="UTC")
    assert cell("at", AT[0], elsewhere) == "24 Nov, 20:07"


def test_boxes_and_bars_stay_the_browsers_and_nothing_else_has_its_format() -> None:
    bar = st.column_config.ProgressColumn("Answered", format="%d of 4")
    columns: Columns = {
        "answered": bar,
        "value": st.column_config.NumberColumn("Value", format="dollar"),
        "name": "Name",
    }
    assert cell("answered", 3, bar) == "3"
    left = without_formats(columns)
    assert left["answered"] is bar
    assert left["name"] == "Name"
    assert "dollar" not in str(left["value"])


def test_ids_stand_in_the_file_and_each_column_has_its_title_in_words() -> None:
    assert readable(["time", "entity", "stage", "seq"]) == ["time", "stage"]
    titles = value_columns(pd.DataFrame({"stall_type": [""], "at": AT}))
    assert titles["stall_type"] == "Kind of stall"
    assert titles["at"]["label"] == "Last heard"
