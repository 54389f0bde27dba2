"""Timestamps of a response in the viewer's time zone."""

from collections.abc import Iterable
from typing import Any
from zoneinfo import ZoneInfo

import pandas as pd
import streamlit as st

SHOWN = "YYYY-MM-DD HH:mm:ss"
MOMENTS = ("time", "at", "receivedat", "opened_at", "closed_at", "stage_since")
"""Columns of tables that hold timestamps."""


def localize(texts: Iterable[str | None], zone: ZoneInfo) -> "pd.Series[pd.Timestamp]":
    """Return RFC 3339 texts as timestamps in a zone."""
    return pd.to_datetime(pd.Series(list(texts), dtype=object), utc=True, format="ISO8601").dt.tz_convert(zone)


def moment_columns(frame: pd.DataFrame) -> dict[str, Any]:
    """Return the column configuration of the timestamps that a frame has."""
    return {name: st.column_config.DatetimeColumn(format=SHOWN) for name in MOMENTS if name in frame}


def localized(frame: pd.DataFrame, zone: ZoneInfo) -> pd.DataFrame:
    """Return a table's frame with its timestamps in a zone."""
    return frame.assign(**{name: localize(frame[name], zone) for name in MOMENTS if name in frame})
