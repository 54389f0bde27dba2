"""What Explore shows: the chart, the numbers beneath it, and the same question as a link, SQL, `curl` and pandas."""

from functools import partial
from typing import Any
from urllib.parse import urlencode

import pandas as pd
import streamlit as st

from jorge_data import charts
from jorge_data.charts import DRILL, Palette
from jorge_data.dashboard.explore.exploration import (
    BARS,
    BESIDE,
    EVERYTHING,
    FIGURE,
    HEAT,
    PLAIN,
    RANKING,
    SERIES,
    SHARE,
    TABLE,
    Exploration,
    over_time,
    table,
)
from jorge_data.dashboard.explore.snippets import as_curl, as_pandas, as_sql
from jorge_data.dashboard.query.page_query import PageQuery
from jorge_data.dashboard.ui import drill_down, export, page_layout
from jorge_data.dashboard.ui.chart_card import chart_card
from jorge_data.dashboard.ui.page_data import PageData, fetch_page_data
from jorge_data.dashboard.ui.states import part
from jorge_data.metrics.formatting import number

NOT_SHARED = frozenset({"kiosk", "drill"})


def show(chosen: Exploration, query: PageQuery, events_url: str) -> None:
    """Draw the answer to what is chosen; `events_url` is where the same question is asked without this page."""
    requests = chosen.requests(query)
    compare = ("answer",) if chosen.calculation == PLAIN and not chosen.by else ()
    page_data = fetch_page_data(query, compare=compare, **requests)
    with part("chart"):
        _draw(chosen, page_data, query)
    with part("numbers"):
        st.subheader("The numbers")
        answered = _combined(chosen, page_data)
        frame = table(answered)
        st.text(_words(page_data, frame))
        at = st.column_config.DatetimeColumn("From", format="YYYY-MM-DD HH:mm")
        named: dict[str, Any] = {"t": at, "value": "Value", "n": "Counted", SERIES: "Series"}
        tokens = list(answered[DRILL]) if DRILL in answered else []
        alt = f"The numbers of: {chosen.words(query)}"
        drill_down.rows_behind(frame, named, tokens, key="numbers", alt=alt)
        export.buttons("explore", "numbers", lambda: frame, parquet=True)
    with part("elsewhere"):
        st.subheader("The same question elsewhere")
        link, sql, shell, python = st.tabs(["Link", "SQL", "curl", "pandas"])
        link.code(_address(), language=None, wrap_lines=True)
        for request in requests.values():
            sql.code(as_sql(request), language="sql", wrap_lines=True)
            shell.code(as_curl(request, events_url), language="shell", wrap_lines=True)
            python.code(as_pandas(request, events_url), language="python", wrap_lines=True)


def _combined(chosen: Exploration, page_data: PageData) -> pd.DataFrame:
    names = [name for name in ("answer", "second", "whole") if name in page_data.requests]
    return chosen.combined({name: page_data.frame(name) for name in names})


def _draw(chosen: Exploration, page_data: PageData, query: PageQuery) -> None:
    frame = _combined(chosen, page_data)
    if chosen.shape == FIGURE:
        page_layout.heading("explore_figure", chosen.heading, chosen.words(query))
        value = frame["value"].iloc[0] if len(frame) else float("nan")
        st.metric(chosen.heading, chosen.written(value), label_visibility="collapsed")
    elif chosen.shape != TABLE:
        build = _builder(chosen, page_data, over_time(frame))
        chart_card(chosen.drawn(frame), build, key="explore", finding=chosen.heading, what=chosen.words(query))


def _builder(chosen: Exploration, page_data: PageData, has_time: bool) -> partial[Any]:
    if chosen.calculation == BESIDE:
        return partial(charts.pair, split=chosen.split)
    if chosen.shape == HEAT and len(chosen.by) > 1:
        return partial(_heat, chosen=chosen)
    if chosen.shape == RANKING or not has_time:
        return partial(charts.ranking, label=chosen.split or EVERYTHING)
    before = page_data.before("answer") if chosen.calculation == PLAIN and not chosen.by else None
    if chosen.shape == BARS:
        return partial(charts.bars, split=chosen.split, before=before)
    tickformat = ".0%" if chosen.calculation == SHARE or chosen.first.agg == "share" else ""
    return partial(charts.lines, split=chosen.split, before=before, tickformat=tickformat)


def _heat(frame: pd.DataFrame, colours: Palette, *, chosen: Exploration) -> Any:
    row, column = chosen.by[:2]
    return charts.matrix(frame, colours, column=column, row=row, write=chosen.written)


def _words(page_data: PageData, frame: pd.DataFrame) -> str:
    series = page_data.series("answer")
    exact = "exact" if series.exact else "percentiles right to 1 %"
    return f"{number(len(frame))} rows, n = {number(series.n)}, {exact}, as of position {series.position}"


def _address() -> str:
    """Return the address of what is shown, for anybody who may see it."""
    link = {name: st.query_params.get_all(name) for name in st.query_params if name not in NOT_SHARED}
    base = str(st.context.url or "").partition("?")[0]
    return f"{base}?{urlencode(link, doseq=True)}" if link else base
