"""Rows as a table: timestamps in the viewer's time zone, costs as numbers, and one row that can be chosen."""

from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from html import escape
from typing import Any, Literal
from zoneinfo import ZoneInfo

import pandas as pd
import streamlit as st

from jorge_data.dashboard.ui import column_words
from jorge_data.dashboard.ui.cell_words import (
    DECIMALS,
    Writers,
    as_written,
    cells_in_words,
    in_words,
    row_in_words,
    without_formats,
)
from jorge_data.dashboard.ui.column_words import Columns as Columns
from jorge_data.events.money import dollars
from jorge_data.metrics.formatting import number, rounded
from jorge_data.metrics.names import title_words

SHOWN = "D MMM YYYY HH:mm:ss"
MOMENTS = ("time", "at", "receivedat", "opened_at", "closed_at", "stage_since", "until")
"""Columns of tables that hold timestamps."""

ON_PAPER = 50
"""The most rows that are printed: a list to read, not the file."""

FIELD = 220
"""The least width in pixels of a column of a row that is written out."""

COST = "cost_usd"
"""The column of what an event of a bot cost."""


def choose_row(
    frame: pd.DataFrame,
    columns: Columns,
    *,
    key: str,
    alt: str,
    order: Iterable[str] | None = None,
    printed: bool = True,
    height: int | Literal["content", "auto"] = "auto",
    writers: Writers | None = None,
) -> int | None:
    """Draw the frame and return the position of the row that is chosen in it, None where none is.

    A click anywhere on a row chooses it, and so do Enter and Shift+Space where the keyboard stands: `frame.js` knows
    the table by the beginning of its key. A cell that could be chosen would be chosen by each arrow key as well.

    `order` names the columns that are shown, where those are not all; another key is another table, nothing chosen.
    Not `printed` is what a screen alone has. `writers` write columns whose name does not say how.
    """
    shown = in_decimals(frame, columns)
    chosen = st.dataframe(
        cells_in_words(shown, columns, writers),
        hide_index=True,
        key=f"choose_{key}",
        column_order=order,
        column_config=without_formats(column_words.titled(map(str, shown), columns)),
        on_select="rerun",
        selection_mode="single-row",
        placeholder="–",
        alt=alt,
        height=height,
    )
    if printed:
        print_rows(as_written(shown, writers), columns, key=key, order=order)
    rows: list[int] = chosen["selection"]["rows"]
    return rows[0] if rows and rows[0] < len(frame) else None


def read_rows(
    rows: pd.DataFrame | Sequence[Mapping[str, Any]],
    columns: Columns,
    *,
    key: str,
    alt: str,
    height: int | Literal["content", "auto"] = "auto",
    writers: Writers | None = None,
) -> int | None:
    """Draw rows of which nothing stands elsewhere; one that is chosen is written out beneath them, uncut.

    Return its position, None where none is.
    """
    frame = pd.DataFrame(rows)
    index = choose_row(frame, columns, key=key, alt=alt, height=height, writers=writers)
    if index is None:
        return None
    with st.container(border=True, key=f"whole_{key}"), st.grid(3, min_column_width=FIELD):
        for name, words in row_in_words(in_decimals(frame, columns), columns, index, writers).items():
            with st.container(gap=None):
                st.caption(column_words.title(name, columns))
                st.text(words)
    return index


def chosen_row(key: str) -> int | None:
    """Return the position that is chosen in the table of a key, as `choose_row` will: for what must be known before."""
    chosen = st.session_state.get(f"choose_{key}")
    rows: list[int] = chosen["selection"]["rows"] if chosen else []
    return rows[0] if rows else None


def print_rows(frame: pd.DataFrame, columns: Columns, *, key: str, order: Iterable[str] | None = None) -> None:
    """Draw the rows as they stand on paper, where the table above, of which a screen sees a part, is left out."""
    names = [str(name) for name in (frame.columns if order is None else order) if name in frame]
    heads = "".join(f"<th{_side(frame[name])}>{escape(column_words.title(name, columns))}</th>" for name in names)
    lines = zip(*(_printed(frame[name].head(ON_PAPER), columns) for name in names), strict=True)
    body = "".join(f"<tr>{''.join(line)}</tr>" for line in lines)
    more = f"<p>The first {ON_PAPER} of {number(len(frame))} on this page.</p>" if len(frame) > ON_PAPER else ""
    with st.container(key=f"paper_{key}"):
        st.html(f'<table class="jorge-paper"><thead><tr>{heads}</tr></thead><tbody>{body}</tbody></table>{more}')


def _printed(values: "pd.Series[Any]", columns: Columns) -> list[str]:
    """Return the cells of a column as the screen writes them."""
    return [f"<td{_side(values)}>{escape(text)}</td>" for text in in_words(values, columns)]


def _side(values: "pd.Series[Any]") -> str:
    """Return on which side the cells of a column stand, and its title with them: numbers on the right."""
    is_number = pd.api.types.is_numeric_dtype(values) and not pd.api.types.is_bool_dtype(values)
    return " class=number" if is_number else ""


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
    """Return the columns that a frame has, each with its title in words."""
    titles: dict[str, Any] = {str(name): title_words(str(name)) for name in frame}
    return titles | {
        name: st.column_config.DatetimeColumn(title_words(name), format=SHOWN) for name in moments_in(frame)
    }


def as_values(frame: pd.DataFrame, zone: ZoneInfo) -> pd.DataFrame:
    """Return a table's frame with its timestamps in a zone, and its costs, which may be decimal text, as numbers."""
    costs = {COST: pd.to_numeric(frame[COST].map(dollars))} if COST in frame else {}
    return frame.assign(**{name: localize(frame[name], zone) for name in moments_in(frame)}, **costs)


def moments_in(frame: pd.DataFrame) -> list[str]:
    """Return which columns hold moments alone: a publisher's own field may have the name of one."""
    return [name for name in MOMENTS if name in frame and _are_moments(frame[name])]


def _are_moments(values: "pd.Series[Any]") -> bool:
    if isinstance(values.dtype, pd.DatetimeTZDtype):
        return True
    try:
        localize(values, ZoneInfo("UTC"))
    except (ValueError, TypeError):
        return False
    return True
