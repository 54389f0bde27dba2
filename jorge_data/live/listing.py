"""A list on a page: searched by name, told how many there are, each row a way to the contact's timeline."""

from collections.abc import Callable, Mapping
from dataclasses import replace

import pandas as pd
import streamlit as st
from streamlit.elements.lib.column_types import ColumnConfig

from jorge_data.live import drill, export, looks, paging
from jorge_data.live.house import House
from jorge_data.live.query import Query
from jorge_data.live.question import Rows
from jorge_data.live.wall_clock import localized
from jorge_data.live.whole import whole
from jorge_data.metrics.wording import SIGNS

SHOWN = 100
SEARCH = "Search by name or id"
SEARCHED = frozenset({"contacts", "deals"})

Columns = Mapping[str, ColumnConfig | str]
"""Each column of the server's list that is shown, and how: a title, or a column of `st.column_config`."""


def listing(
    rows: Rows,
    query: Query,
    columns: Columns,
    *,
    key: str,
    title: str,
    what: str,
    nothing: str,
    shaped: Callable[[pd.DataFrame], pd.DataFrame] = lambda frame: frame,
) -> None:
    """Draw a list by pages of SHOWN rows; a row that is chosen opens its contact's timeline; raise RequestRefused.

    `shaped` puts the rows into the columns that are shown. Contacts and deals can be searched: all that there are.
    """
    heading, search = st.container(key=f"heading_{key}", gap=None), st.container()
    sought = ""
    if rows.kind in SEARCHED:
        sought = search.text_input(SEARCH, key=f"search_{key}", placeholder=SEARCH, label_visibility="collapsed")
    asked = replace(_anywhere(rows, sought.strip()) if sought.strip() else rows, limit=SHOWN)
    table = House.current().questions.table(paging.standing(key, asked))
    with heading:
        st.text(title)
        st.text(f"found by name or id, of any time, {table.total:,}" if asked.q else f"{what}, {table.total:,} in all")
    if table.stale:
        looks.stale(table.stale)
    if not table.rows:
        looks.empty(nothing if not asked.q else "Nobody is named so. Search for less, or for something else.")
        return
    place = f"list_{key}_{paging.number(key, asked)}"
    index = _chosen(_shown(shaped(table.frame), query), columns, place, f"{title}: {what}")
    paging.turns(key, asked, table)
    export.buttons(key, f"list_{key}", lambda: _all(asked))
    if index is not None:
        drill.open_contact(drill.contact_of(rows.kind, table.frame.iloc[index].to_dict()))


def _chosen(frame: pd.DataFrame, columns: Columns, place: str, alt: str) -> int | None:
    """Draw the rows and return which one was chosen."""
    chosen = st.dataframe(
        frame,
        hide_index=True,
        key=place,
        column_order=list(columns),
        column_config=columns,
        on_select="rerun",
        selection_mode="single-row",
        placeholder="–",
        alt=alt,
    )
    rows: list[int] = chosen["selection"]["rows"]
    return rows[0] if rows else None


def _anywhere(rows: Rows, sought: str) -> Rows:
    return replace(rows, q=sought, start=None, end=None, period="")


def _shown(frame: pd.DataFrame, query: Query) -> pd.DataFrame:
    shown = localized(frame, query.zone)
    return shown.assign(temperature=shown["temperature"].map(SIGNS)) if "temperature" in shown else shown


def _all(rows: Rows) -> pd.DataFrame:
    return whole(House.current().questions, rows).frame
