"""Explore: ask any question of the events, and take the answer along."""

from functools import partial
from typing import Any

import pandas as pd
import streamlit as st

from jorge_data import charts
from jorge_data.charts import DRILL
from jorge_data.dashboard.context import AppContext
from jorge_data.dashboard.explore.question_builder import EVERYTHING, explore
from jorge_data.dashboard.explore.snippets import as_curl, as_pandas
from jorge_data.dashboard.query.page_query import PageQuery
from jorge_data.dashboard.ui import export, page_layout
from jorge_data.dashboard.ui.chart_card import chart_card
from jorge_data.dashboard.ui.page_data import PageData, fetch_page_data
from jorge_data.dashboard.ui.rows import print_rows
from jorge_data.dashboard.ui.states import part
from jorge_data.metrics.formatting import number

context = AppContext.current()
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
        print_rows(frame, {"t": at}, key="numbers")
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
    return f"{number(len(frame))} rows, n = {number(series.n)}, {exact}, as of position {series.position}"


page_layout.show("explore", answer)
