"""A list on a page: searched by name, told how many there are, each row a way to the contact's timeline."""

from collections.abc import Callable
from dataclasses import replace

import pandas as pd
import streamlit as st

from jorge_data.live import drill, export, looks, paging
from jorge_data.live.data_table import Columns, choose_row
from jorge_data.live.house import House
from jorge_data.live.query import Query
from jorge_data.live.question import Rows
from jorge_data.live.wall_clock import localized
from jorge_data.live.whole import whole
from jorge_data.metrics.wording import SIGNS

SHOWN = 100
SEARCH = "Search by name or id"
SEARCHED = frozenset({"contacts", "deals"})


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
    shown = _shown(shaped(table.frame), query)
    index = choose_row(shown, columns, key=place, alt=f"{title}: {what}", order=columns)
    paging.turns(key, asked, table)
    export.buttons(key, f"list_{key}", lambda: whole(House.current().questions, asked).frame)
    if index is not None:
        drill.open_contact(drill.contact_of(rows.kind, table.frame.iloc[index].to_dict()))


def _anywhere(rows: Rows, sought: str) -> Rows:
    return replace(rows, q=sought, start=None, end=None, period="")


def _shown(frame: pd.DataFrame, query: Query) -> pd.DataFrame:
    shown = localized(frame, query.zone)
    return shown.assign(temperature=shown["temperature"].map(SIGNS)) if "temperature" in shown else shown
