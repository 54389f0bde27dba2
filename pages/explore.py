"""Explore: ask any question of the events, and take the answer along."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import pandas as pd
import streamlit as st

from jorge_data import charts
from jorge_data.charts import DRILL
from jorge_data.dashboard.context import AppContext
from jorge_data.dashboard.explore.question_builder import EVERYTHING, explore, link_parameters
from jorge_data.dashboard.explore.saved_views import Views
from jorge_data.dashboard.explore.snippets import as_curl, as_pandas
from jorge_data.dashboard.query.page_query import PageQuery
from jorge_data.dashboard.ui import export, navigation, page_layout
from jorge_data.dashboard.ui.chart_card import chart_card
from jorge_data.dashboard.ui.page_data import PageData, fetch_page_data
from jorge_data.dashboard.ui.states import failed, part
from jorge_data.errors import RequestRefused

context = AppContext.current()
views = Views.beside_the_store(context.settings)
chosen = explore()


def answer(query: PageQuery) -> None:
    question = chosen.question(query)
    page_data = fetch_page_data(query, compare=("answer",) if not chosen.by else (), answer=question)
    with part("chart"):
        draw(page_data, query)
    with part("numbers"):
        st.subheader("The numbers")
        frame = page_data.frame("answer").drop(columns=DRILL).dropna(axis="columns", how="all")
        st.text(words(page_data, frame))
        at = st.column_config.DatetimeColumn("from", format="YYYY-MM-DD HH:mm")
        st.dataframe(frame, hide_index=True, column_config={"t": at}, alt=f"The numbers of: {chosen.words(query)}")
        export.buttons("explore", "numbers", lambda: frame, parquet=True)
    with part("elsewhere"):
        st.subheader("The same question elsewhere")
        shell, python = st.tabs(["curl", "pandas"])
        shell.code(as_curl(question, context.settings.events_url), language="shell", wrap_lines=True)
        python.code(as_pandas(question, context.settings.events_url), language="python", wrap_lines=True)


def draw(page_data: PageData, query: PageQuery) -> None:
    frame = page_data.frame("answer")
    if chosen.shape != "Table":
        build = builder(page_data, chosen.over_time(frame))
        chart_card(chosen.drawn(frame), build, key="explore", finding=chosen.heading, what=chosen.words(query))


def builder(page_data: PageData, over_time: bool) -> partial[Any]:
    if not over_time:
        return partial(charts.ranking, label=chosen.split or EVERYTHING)
    before = page_data.before("answer") if not chosen.by else None
    return partial(charts.bars if chosen.shape == "Bars" else charts.lines, split=chosen.split, before=before)


def words(page_data: PageData, frame: pd.DataFrame) -> str:
    series = page_data.series("answer")
    exact = "exact" if series.exact else "percentiles right to 1 %"
    return f"{len(frame):,} rows, n = {series.n:,}, {exact}, as of position {series.position}"


def saved_views() -> None:
    with st.popover("Saved views", icon=":material/bookmark:", key="views"), show_refusal():
        name = st.text_input("Name of this view", max_chars=80, key="view_name")
        if st.button("Save this view", disabled=not name):
            views.save(name, link_parameters())
            st.toast("Saved")
        entry = next(entry for entry in navigation.ENTRIES if entry.path == "explore")
        for saved_name, link in views.all().items():
            row = st.container(horizontal=True, vertical_alignment="center")
            row.page_link(navigation.page(entry), label=saved_name, query_params=link)
            if row.button("Remove", key=f"remove_{saved_name}", type="tertiary"):
                views.remove(saved_name)
                st.rerun()
        st.text("A view is a name for a link: the address of this page can be shared as it is.")


@contextmanager
def show_refusal() -> Iterator[None]:
    try:
        yield
    except RequestRefused as refusal:
        failed(refusal)


saved_views()
page_layout.show("explore", answer)
