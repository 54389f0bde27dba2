"""Values as the screen's columns write them, where no browser writes them."""

from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pandas as pd
import pytest
import streamlit as st

from jorge_data.dashboard.ui import column_words
from jorge_data.dashboard.ui.cell_words import in_words
from jorge_data.dashboard.ui.rows import as_values

AT = datetime(2026, 11, 3, 16, 7, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "form", "words"),
    [
        (412500.0, "dollar", "$412,500"),
        (0.5, "dollar", "$0.50"),
        (0.25, "percent", "25 %"),
        (7.94, "%.1f d", "7.9 d"),
        (3, "%d of 4", "3 of 4"),
        (12, "day %d", "day 12"),
        (1204, "", "1,204"),
        (1.5, "", "1.5"),
        (True, "", "yes"),
        (False, "", "no"),
        (AT, "D MMM HH:mm", "3 Nov 16:07"),
        (AT, "D MMM YYYY", "3 Nov 2026"),
        (AT, "", "2026-11-03 16:07:05"),
        (date(2026, 11, 3), "", "2026-11-03"),
        (["a", "b"], "", "a, b"),
        ("as it stands", "", "as it stands"),
        (None, "dollar", "–"),
        (float("nan"), "%d", "–"),
        (pd.NaT, "D MMM", "–"),
    ],
)
def test_a_value_reads_as_on_the_screen(value: Any, form: str, words: str) -> None:
    assert column_words.written(value, form) == words


def test_a_heading_is_what_the_column_is_called() -> None:
    columns: column_words.Columns = {
        "value": st.column_config.NumberColumn("Value", format="dollar"),
        "name": "Deal",
        "at": st.column_config.DatetimeColumn(format="D MMM"),
    }
    assert [column_words.title(name, columns) for name in ("value", "name", "at", "other")] == [
        "Value",
        "Deal",
        "Last heard",
        "Other",
    ]
    assert [column_words.format_of(name, columns) for name in ("value", "name", "other")] == ["dollar", "", ""]


def test_a_moment_stands_in_the_zone_of_its_column() -> None:
    frame = pd.DataFrame({"at": [pd.Timestamp(AT)], "since": [pd.Timestamp(AT)], "n": [1]})
    columns: column_words.Columns = {"at": st.column_config.DatetimeColumn(timezone="America/Chicago")}
    shown = column_words.in_zones(frame, columns)
    assert [shown["at"].iloc[0].hour, shown["since"].iloc[0].hour] == [10, 16]


def test_what_changed_and_what_is_a_list_reads_as_a_sentence_does() -> None:
    changed = {"seller_temperature": {"from": None, "to": "cold"}, "address": {"from": "1 Elm St", "to": None}}
    frame = pd.DataFrame({"changed": [changed, None], "objections": [["short_reply", "home_value"], []]})
    assert in_words(frame["changed"], {}) == ["temperature: none → cold; address: 1 Elm St → none", "–"]
    assert in_words(frame["objections"], {})[0] == "short reply, value of the home"


def test_a_publishers_own_field_that_is_no_moment_stays_as_it_is() -> None:
    frame = pd.DataFrame({"until": ["next week"], "at": ["2026-11-24T12:00:00Z"]})
    shown = as_values(frame, ZoneInfo("America/Chicago"))
    assert (shown["until"][0], shown["at"][0].hour) == ("next week", 6)
    told = as_values(frame.assign(until=["2026-11-24T18:00:00Z"]), ZoneInfo("America/Chicago"))
    assert told["until"][0].hour == 12
