"""A table of which one row can be chosen."""

from collections.abc import Iterable, Mapping

import pandas as pd
import streamlit as st
from streamlit.elements.lib.column_types import ColumnConfig

Columns = Mapping[str, ColumnConfig | str]
"""Columns that are shown, and how: a title, or a column of `st.column_config`."""


def choose_row(
    frame: pd.DataFrame, columns: Columns, *, key: str, alt: str, order: Iterable[str] | None = None
) -> int | None:
    """Draw the frame and return the position of the row that is chosen in it, None where none is.

    `order` names the columns that are shown, where those are not all; another key is another table, nothing chosen.
    """
    chosen = st.dataframe(
        frame,
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
