"""A table of rows on a page: searched by name, counted, turned page by page, each row a way to the contact."""

from collections.abc import Callable
from dataclasses import replace

import pandas as pd
import streamlit as st

from jorge_data.dashboard.context import AppContext
from jorge_data.dashboard.query.page_query import PageQuery
from jorge_data.dashboard.query.requests import TableRequest
from jorge_data.dashboard.query.responses import TableResponse
from jorge_data.dashboard.query.whole_table import whole_table
from jorge_data.dashboard.ui import drill_down, export, states
from jorge_data.dashboard.ui.row_choice import Columns, choose_row
from jorge_data.dashboard.ui.timestamps import localized
from jorge_data.metrics.formatting import SIGNS


def standing(key: str, asked: TableRequest) -> TableRequest:
    """Return the question for the page on screen; another question than before begins at its first page."""
    cursors = _cursors(key, asked)
    return replace(asked, cursor=cursors[-1]) if cursors else asked


def number(key: str, asked: TableRequest) -> int:
    """Return the number of the page on screen, counted from 0."""
    return len(_cursors(key, asked))


def turns(key: str, asked: TableRequest, table: TableResponse) -> None:
    """Draw the way on and back, where there is more than one page."""
    cursors = _cursors(key, asked)
    if not cursors and table.next is None:
        return
    first = len(cursors) * asked.limit + 1
    back, on = (asked, cursors[:-1]), (asked, [*cursors, table.next])
    with st.container(horizontal=True, vertical_alignment="center", key=f"turns_{key}"):
        st.button("Previous", key=f"previous_{key}", disabled=not cursors, on_click=_turn, args=(key, back))
        st.text(f"{first:,} to {first + len(table.rows) - 1:,} of {table.total:,}")
        st.button("Next", key=f"next_{key}", disabled=table.next is None, on_click=_turn, args=(key, on))


def _cursors(key: str, asked: TableRequest) -> list[str]:
    """Return the cursors of the pages that were turned to reach this one."""
    held, cursors = st.session_state.get(_place(key), (None, []))
    return list(cursors) if held == asked else []


def _turn(key: str, to: tuple[TableRequest, list[str]]) -> None:
    st.session_state[_place(key)] = to


def _place(key: str) -> str:
    return f"pages_{key}"


SHOWN = 100
SEARCH = "Search by name or id"
SEARCHED = frozenset({"contacts", "deals"})


def data_table(
    rows: TableRequest,
    query: PageQuery,
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
    table = AppContext.current().questions.table(standing(key, asked))
    with heading:
        st.text(title)
        st.text(f"found by name or id, of any time, {table.total:,}" if asked.q else f"{what}, {table.total:,} in all")
    if table.stale:
        states.stale(table.stale)
    if not table.rows:
        states.empty(nothing if not asked.q else "Nobody is named so. Search for less, or for something else.")
        return
    place = f"list_{key}_{number(key, asked)}"
    shown = _shown(shaped(table.frame), query)
    index = choose_row(shown, columns, key=place, alt=f"{title}: {what}", order=columns)
    turns(key, asked, table)
    export.buttons(key, f"list_{key}", lambda: whole_table(AppContext.current().questions, asked).frame)
    if index is not None:
        drill_down.open_contact(drill_down.contact_of(rows.kind, table.frame.iloc[index].to_dict()))


def _anywhere(rows: TableRequest, sought: str) -> TableRequest:
    return replace(rows, q=sought, start=None, end=None, period="")


def _shown(frame: pd.DataFrame, query: PageQuery) -> pd.DataFrame:
    shown = localized(frame, query.zone)
    return shown.assign(temperature=shown["temperature"].map(SIGNS)) if "temperature" in shown else shown
