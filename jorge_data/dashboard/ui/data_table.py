"""A table of rows on a page: searched by name, counted, shown page by page; each row opens its contact."""

from collections.abc import Callable
from dataclasses import replace

import pandas as pd
import streamlit as st

from jorge_data.dashboard.context import UserContext
from jorge_data.dashboard.query.page_query import PageQuery
from jorge_data.dashboard.query.requests import TableRequest
from jorge_data.dashboard.query.responses import TableResponse
from jorge_data.dashboard.query.whole_table import whole_table
from jorge_data.dashboard.ui import drill_down, export, filters, states
from jorge_data.dashboard.ui.contact_names import people_named
from jorge_data.dashboard.ui.rows import Columns, as_values, choose_row
from jorge_data.metrics.formatting import SIGNS, number

SHOWN = 100
SEARCH = "Search by name, number, e-mail or id"
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
    opens: str = "open its contact's timeline",
    shaped: Callable[[pd.DataFrame], pd.DataFrame] = lambda frame: frame,
) -> None:
    """Draw a list by pages of SHOWN rows; a row that is chosen opens its contact's timeline; raise RequestRefused.

    `opens` says so on a screen, in whose sight a row can be chosen: on paper none can.
    `shaped` puts the rows into the columns that are shown. All contacts and deals can be searched, of any time.
    """
    filters.note(query.not_by(rows))
    heading, choosing = st.container(key=f"heading_{key}", gap=None), st.container(key=f"choosing_{key}")
    search = st.container()
    text = ""
    if rows.kind in SEARCHED:
        text = search.text_input(SEARCH, key=f"search_{key}", placeholder=SEARCH, label_visibility="collapsed").strip()
    request = replace(rows, limit=SHOWN)
    if text:
        request = replace(request, q=text, start=None, end=None, period="")
    client, cursors = UserContext.current().client, _cursors(key, request)
    table = client.table(replace(request, cursor=cursors[-1]) if cursors else request)
    with heading:
        st.text(title)
        listed = "found, of any time" if request.q else what
        st.text(filters.complete(f"{listed}, {number(table.total)}" + ("" if request.q else " in all")))
    if table.stale:
        states.stale(table.stale)
    if table.left_out:
        states.incomplete(table.left_out)
    if not table.rows:
        states.empty(nothing if not text else "Nobody is named so. Search for less, or for something else.")
        return
    with choosing:
        st.text(f"Choose one to {opens}.")
    shown = _shown(shaped(table.frame), query)
    index = choose_row(shown, columns, key=f"list_{key}_{len(cursors)}", alt=f"{title}: {what}", order=columns)
    _page_buttons(key, request, table, cursors)
    export.buttons(key, f"list_{key}", lambda: whole_table(client, request).frame, columns=columns)
    if index is not None:
        drill_down.open_contact(drill_down.contact_of(rows.kind, table.frame.iloc[index].to_dict()))


def _cursors(key: str, request: TableRequest) -> list[str]:
    """Return the cursor of each page after the first, up to the one on screen; another request begins at its first."""
    paged, cursors = st.session_state.get(f"pages_{key}", (None, []))
    return list(cursors) if paged == request else []


def _page_buttons(key: str, request: TableRequest, table: TableResponse, cursors: list[str]) -> None:
    """Draw the buttons to the previous and the next page, where there is more than one."""
    if not cursors and table.next is None:
        return

    def turn_to(cursors: list[str | None]) -> None:
        st.session_state[f"pages_{key}"] = request, cursors

    first = len(cursors) * request.limit + 1
    with st.container(horizontal=True, vertical_alignment="center", key=f"turns_{key}"):
        st.button("Previous", key=f"previous_{key}", disabled=not cursors, on_click=turn_to, args=(cursors[:-1],))
        st.text(f"{number(first)} to {number(first + len(table.rows) - 1)} of {number(table.total)}")
        following = ([*cursors, table.next],)
        st.button("Next", key=f"next_{key}", disabled=table.next is None, on_click=turn_to, args=following)


def _shown(frame: pd.DataFrame, query: PageQuery) -> pd.DataFrame:
    shown = people_named(as_values(frame, query.zone), query.location)
    return shown.assign(temperature=shown["temperature"].map(SIGNS)) if "temperature" in shown else shown
