"""Rows as a table: timestamps in the viewer's time zone, costs as numbers, and one row that can be chosen."""

from collections.abc import Iterable, Mapping
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

import pandas as pd
import streamlit as st
from streamlit.elements.lib.column_types import ColumnConfig

from jorge_data.events.money import dollars
from jorge_data.metrics.formatting import rounded

Columns = Mapping[str, ColumnConfig | str]
"""Columns that are shown, and how: a title, or a column of `st.column_config`."""

SHOWN = "YYYY-MM-DD HH:mm:ss"
DECIMALS = {"effectiveness": 0, "frs_score": 0, "pcs_score": 0, "match_score": 0, "confidence": 2}
"""Columns that are shown with so many decimals: rounded here, since the browser would cut some of them off."""

MOMENTS = ("time", "at", "receivedat", "opened_at", "closed_at", "stage_since")
"""Columns of tables that hold timestamps."""

COST = "cost_usd"
"""The column of what an event of a bot cost."""


def choose_row(
    frame: pd.DataFrame, columns: Columns, *, key: str, alt: str, order: Iterable[str] | None = None
) -> int | None:
    """Draw the frame and return the position of the row that is chosen in it, None where none is.

    `order` names the columns that are shown, where those are not all; another key is another table, nothing chosen.
    """
    chosen = st.dataframe(
        in_decimals(frame, columns),
        hide_index=True,
        key=key,
        column_order=order,
        column_config=columns,
        on_select="rerun",
        selection_mode="single-row",
        placeholder="–",
        alt=alt,
    )
    rows: list[int] = chosen["selection"]["rows"]
    return rows[0] if rows and rows[0] < len(frame) else None


def in_decimals(frame: pd.DataFrame, columns: Iterable[str]) -> pd.DataFrame:
    """Return the frame with the numbers of these columns as they are shown."""
    shown = [name for name in columns if name in DECIMALS and name in frame]
    return frame.assign(**{name: frame[name].map(partial(_rounded, DECIMALS[name])) for name in shown})


def _rounded(digits: int, value: float | None) -> float | None:
    return None if value is None or pd.isna(value) else float(rounded(value, digits))


def localize(texts: Iterable[str | None], zone: ZoneInfo) -> "pd.Series[pd.Timestamp]":
    """Return RFC 3339 texts as timestamps in a zone."""
    return pd.to_datetime(pd.Series(list(texts), dtype=object), utc=True, format="ISO8601").dt.tz_convert(zone)


def value_columns(frame: pd.DataFrame) -> dict[str, Any]:
    """Return the column configuration of the timestamps and the costs that a frame has."""
    moments = {name: st.column_config.DatetimeColumn(format=SHOWN) for name in MOMENTS if name in frame}
    return moments | ({COST: st.column_config.NumberColumn(format="$%.6f")} if COST in frame else {})


def as_values(frame: pd.DataFrame, zone: ZoneInfo) -> pd.DataFrame:
    """Return a table's frame with its timestamps in a zone, and its costs, which may be decimal text, as numbers."""
    costs = {COST: pd.to_numeric(frame[COST].map(dollars))} if COST in frame else {}
    return frame.assign(**{name: localize(frame[name], zone) for name in MOMENTS if name in frame}, **costs)
