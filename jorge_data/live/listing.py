"""A list on a page: searched by name, told how many there are, each row a way to the contact's timeline."""

from collections.abc import Callable, Mapping
from dataclasses import replace

import pandas as pd
import streamlit as st
from streamlit.elements.lib.column_types import ColumnConfig

from jorge_data.live import drill, export, looks
from jorge_data.live.house import House
from jorge_data.live.query import Query
from jorge_data.live.question import Rows
from jorge_data.live.wall_clock import localized
from jorge_data.live.whole import whole
from jorge_data.metrics.wording import SIGNS

SHOWN = 200
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
    """Draw the newest SHOWN rows of a list; a row that is chosen opens its contact's timeline; raise RequestRefused.

    `shaped` puts the rows into the columns that are shown; contacts and deals can be searched.
    """
    heading, search = st.container(key=f"heading_{key}", gap=None), st.container()
    sought = ""
    if rows.kind in SEARCHED:
        sought = search.text_input(SEARCH, key=f"search_{key}", placeholder=SEARCH, label_visibility="collapsed")
    asked = replace(rows, q=sought.strip(), limit=SHOWN)
    table = House.current().questions.table(asked)
    with heading:
        st.text(title)
        st.text(f"{what}, {table.total:,} in all" + (f", the first {len(table.rows)} are listed" if table.next else ""))
    if table.stale:
        st.warning("Stale: the event server does not answer.", icon=":material/history:")
    if not table.rows:
        looks.empty(nothing if not sought else "Nobody is named so. Search for less, or for something else.")
        return
    chosen = st.dataframe(
        _shown(shaped(table.frame), query),
        hide_index=True,
        key=f"list_{key}",
        column_order=list(columns),
        column_config=columns,
        on_select="rerun",
        selection_mode="single-row",
        alt=f"{title}: {what}",
    )
    export.buttons(key, f"list_{key}", lambda: _all(asked))
    selected: list[int] = chosen["selection"]["rows"]
    if selected:
        drill.open_contact(drill.contact_of(rows.kind, table.frame.iloc[selected[0]].to_dict()))


def _shown(frame: pd.DataFrame, query: Query) -> pd.DataFrame:
    shown = localized(frame, query.zone)
    return shown.assign(temperature=shown["temperature"].map(SIGNS)) if "temperature" in shown else shown


def _all(rows: Rows) -> pd.DataFrame:
    return whole(House.current().questions, rows).frame
