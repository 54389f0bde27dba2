"""What Explore shows: the chart, the numbers beneath it, and the same question as a link, SQL, `curl` and pandas."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any
from urllib.parse import urlencode

import pandas as pd
import streamlit as st

from jorge_data import charts
from jorge_data.charts import Axis, Palette
from jorge_data.dashboard.explore.exploration import (
    BARS,
    BESIDE,
    EVERYTHING,
    FIGURE,
    HEAT,
    PLAIN,
    RANKING,
    SERIES,
    TABLE,
    Exploration,
    over_time,
)
from jorge_data.dashboard.explore.snippets import as_curl, as_pandas, as_sql
from jorge_data.dashboard.query.page_query import PageQuery
from jorge_data.dashboard.ui import drill_down, export, page_layout
from jorge_data.dashboard.ui.chart_card import chart_card
from jorge_data.dashboard.ui.page_data import PageData, fetch_page_data
from jorge_data.dashboard.ui.states import part
from jorge_data.metrics.formatting import number, plural

NOT_SHARED = frozenset({"kiosk", "drill"})
MOMENT, DAY = "YYYY-MM-DD HH:mm", "YYYY-MM-DD"
ANSWERS = ("answer", "second", "whole")
"""The names of what is asked, as they are listed."""


def show(chosen: Exploration, query: PageQuery, events_url: str) -> None:
    """Draw the answer to what is chosen; `events_url` is where the same question is asked without this page."""
    requests = chosen.requests(query)
    compare = ("answer",) if chosen.calculation == PLAIN and not chosen.by else ()
    page_data = fetch_page_data(query, compare=compare, **requests)
    with part("chart"):
        _draw(chosen, page_data, query)
    with part("numbers"):
        st.subheader("The numbers")
        listed = chosen.listed(_combined(chosen, page_data))
        st.text(_words(page_data, listed.frame))
        form = MOMENT if requests["answer"].step.endswith(("m", "h")) else DAY
        named: dict[str, Any] = {"t": st.column_config.DatetimeColumn("From", format=form), **listed.titles}
        alt = f"The numbers of: {chosen.words(query)}"
        drill_down.rows_behind(listed.frame, named, listed.tokens, key="numbers", alt=alt, writers=listed.writers)
        export.buttons("explore", "numbers", lambda: listed.frame, parquet=True, columns=named)
    with part("elsewhere"):
        st.subheader("The same question elsewhere")
        link, sql, shell, python = st.tabs(["Link", "SQL", "curl", "pandas"])
        link.code(_address(), language=None, wrap_lines=True)
        sql.code(as_sql(requests, chosen.made), language="sql", wrap_lines=True)
        shell.code(as_curl(requests, events_url), language="shell", wrap_lines=True)
        python.code(as_pandas(requests, chosen.made, events_url), language="python", wrap_lines=True)


def _combined(chosen: Exploration, page_data: PageData) -> pd.DataFrame:
    return chosen.combined({name: page_data.frame(name) for name in page_data.requests if name in ANSWERS})


def _draw(chosen: Exploration, page_data: PageData, query: PageQuery) -> None:
    frame = _combined(chosen, page_data)
    if chosen.shape == FIGURE:
        page_layout.heading("explore_figure", chosen.heading, chosen.words(query))
        value = frame["value"].iloc[0] if len(frame) else float("nan")
        st.metric(chosen.heading, chosen.written(value), label_visibility="collapsed")
    elif chosen.shape != TABLE:
        build = _builder(chosen, page_data, frame)
        chart_card(chosen.drawn(frame), build, key="explore", finding=chosen.heading, what=chosen.words(query))


def _builder(chosen: Exploration, page_data: PageData, frame: pd.DataFrame) -> partial[Any]:
    if chosen.shape == HEAT and len(chosen.by) > 1:
        return partial(_heat, chosen=chosen)
    if chosen.shape == RANKING or not over_time(frame):
        return partial(charts.ranking, label=chosen.split or EVERYTHING)
    axes = chosen.axes(frame)
    if chosen.calculation == BESIDE:
        return partial(_pair, axes=axes, names=chosen.series_names)
    before = page_data.before("answer") if chosen.calculation == PLAIN and not chosen.by else None
    kind = charts.bars if chosen.shape == BARS else charts.lines
    return partial(_in_time, kind=kind, axis=axes[0], split=chosen.split, before=before)


def _in_time(
    frame: pd.DataFrame,
    colours: Palette,
    *,
    kind: Callable[..., Any],
    axis: Axis,
    split: str,
    before: pd.DataFrame | None,
) -> Any:
    earlier = before if before is None else before.assign(value=before["value"] / axis.size)
    figure = kind(frame.assign(value=frame["value"] / axis.size), colours, split=split, before=earlier)
    return charts.write_values(figure, [axis])


def _pair(frame: pd.DataFrame, colours: Palette, *, axes: Sequence[Axis], names: Sequence[str]) -> Any:
    sizes = frame[SERIES].map({name: axis.size for name, axis in zip(names, axes, strict=True)})
    figure = charts.pair(frame.assign(value=frame["value"] / sizes), colours, split=SERIES, alike=len(set(axes)) == 1)
    return charts.write_values(figure, axes)


def _heat(frame: pd.DataFrame, colours: Palette, *, chosen: Exploration) -> Any:
    row, column = chosen.by[:2]
    return charts.matrix(frame, colours, column=column, row=row, write=chosen.written)


def _words(page_data: PageData, frame: pd.DataFrame) -> str:
    """Write how many rows there are, of how much each series is made, and how exactly."""
    names = [name for name in ANSWERS if name in page_data.requests]
    each = [page_data.series(name) for name in names]
    counted = " and ".join(number(series.n) for series in each)
    exact = "exact" if all(series.exact for series in each) else "the middle and the highest ones right to 1 %"
    return f"{plural(len(frame), 'row')}, from {counted} counted, {exact}"


def _address() -> str:
    """Return the address of what is shown, for anybody who may see it."""
    link = {name: st.query_params.get_all(name) for name in st.query_params if name not in NOT_SHARED}
    base = str(st.context.url or "").partition("?")[0]
    return f"{base}?{urlencode(link, doseq=True)}" if link else base
