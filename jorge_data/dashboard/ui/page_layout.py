"""The frame of an analytics page: filters, one part that refreshes itself, and the drawer behind every figure.

A page is a function of a `PageQuery`; it fetches all its data at once, then draws it::

    from jorge_data.dashboard.ui import page_layout
    from jorge_data.dashboard.ui.chart_card import chart_card
    from jorge_data.dashboard.ui.metric_card import at_most, metric_card
    from jorge_data.dashboard.ui.page_data import fetch_page_data
    from jorge_data.dashboard.ui.states import part
    from jorge_data.metrics.definitions.ml_confidence import FIGURES

    def ml(query: PageQuery) -> None:
        data = fetch_page_data(                      # all at once, with the period before of each single figure
            query,
            compare=("trend",),                      # and of these
            p95=query.series(KIND, "processing_time_ms", "p95"),
            trend=query.series(KIND, "processing_time_ms", "p95", step=query.step),
        )
        with page_layout.first_tiles():              # three, then three charts: what a realtor would say first
            metric_card(FIGURES["latency"], data.figure("p95"), query, label="Latency p95", target=at_most(42))
        page_layout.first_charts((trend,), data, query)   # a part that fails says so; the others stand
        with page_layout.details("how fast it answers, slow ones too") as is_open:
            if is_open:                              # statistics are drawn once somebody wants them
                page_layout.parts(CHARTS, data, query)

    page_layout.show("ml", ml, Filter("category", "Category", CATEGORIES, {KIND: "intent_category"}))

`data.frame(name)` carries a column `drill`; the builders of `jorge_data.charts` hand it to each mark, and a click
opens the rows behind that mark. A figure may be computed from a whole frame: `data.figure("labels", of=function)`.
A part or tile whose requests a filter does not narrow says so by itself: "not by urgency".
"""

import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import streamlit as st

from jorge_data.dashboard.context import AppContext
from jorge_data.dashboard.query.page_query import PageQuery, page_query_for
from jorge_data.dashboard.ui import drill_down, paper
from jorge_data.dashboard.ui.filters import Filter, choose_filters
from jorge_data.dashboard.ui.fragments import own_fragment
from jorge_data.dashboard.ui.shell import scope
from jorge_data.dashboard.ui.states import part

TILE, TILES = 160, 4
FIRST, THIRD = 3, 300
HALF = 330
DETAILS = "details"
"""The name in the link of whether the details are open."""


def show(
    name: str,
    draw: Callable[[PageQuery], None],
    *filters: Filter,
    below: Callable[[PageQuery], None] | None = None,
    says_period: bool = True,
) -> None:
    """Draw a page: `draw` is called with the current query, at once and at every refresh.

    Above it stands which days are shown, unless it `says_period` not. `below` is drawn under it and refreshed by its
    own widgets alone: what people edit must not move by the clock.
    """
    page_scope, chosen = scope(), choose_filters(name, filters)
    office_zone = AppContext.current().settings.timezone

    def query() -> PageQuery:
        return page_query_for(page_scope, datetime.fromtimestamp(time.time(), UTC), office_zone, chosen)

    # While the drawer is open nothing ticks: a refresh would close it, or take what was selected in it.
    is_still = page_scope.paused or drill_down.is_open()

    def refreshing() -> None:
        if drill_down.take_open_request():
            st.rerun()
        current = query()
        with paper.head(current):
            if says_period:
                draw_period(current)
            draw(current)

    drill_down.take_open_request()
    own_fragment(refreshing, name, f"page_{name}", None if is_still else page_scope.refresh_s)()
    if below is not None and not page_scope.kiosk:  # a wall screen has nobody who edits, or searches a list
        own_fragment(below, name, f"below_{name}", None)(query())
    drill_down.drawer(query())


def draw_period(query: PageQuery) -> None:
    """Draw the line that says which days are shown, and with which they are compared."""
    with st.container(key="period_says"):
        st.text(query.sentence)


def first_tiles() -> Any:
    """Return the row of the three figures that a page begins with; on a phone one below the other."""
    return st.grid(FIRST, min_column_width=THIRD)


def first_charts(draws: Iterable[Callable[..., None]], *about: Any) -> None:
    """Draw the three charts that follow them, each in a part of its own; `about` is what each is called with."""
    with st.grid(FIRST, min_column_width=THIRD):
        for draw in draws:
            with part(draw.__name__):
                draw(*about)


@contextmanager
def details(about: str) -> Iterator[bool]:
    """Yield whether the details are open, within their box; a wall screen has none. The link says whether they are."""
    if scope().kiosk:
        yield False
        return
    # Not Streamlit's own binding: it writes what a page shows into the link, by a step of its own on the way back.
    is_open = st.query_params.get(DETAILS) == "true"
    box = st.expander(f"**Details**  {about}", is_open, key=f"{DETAILS}_{is_open}", on_change=_turn_details)
    with box:
        yield is_open


def _turn_details() -> None:
    """Write into the link that the details are open, or closed, where they were the other."""
    if st.query_params.get(DETAILS) == "true":
        del st.query_params[DETAILS]
    else:
        st.query_params[DETAILS] = "true"


def tiles() -> Any:
    """Return rows of four figures, of two on a phone."""
    return st.grid(TILES, min_column_width=TILE)


def columns() -> Any:
    """Return two columns of charts that become one on a phone."""
    return st.grid(2, min_column_width=HALF)


def parts(draws: Iterable[Callable[..., None]], *about: Any) -> None:
    """Draw each of the functions in a part of its own, in columns; `about` is what each is called with."""
    with columns():
        for draw in draws:
            with part(draw.__name__):
                draw(*about)


def choosing(key: str, words: str) -> None:
    """Draw the line over a table that says what choosing a row of it does; on paper, where none can be chosen, none."""
    with st.container(key=f"choosing_{key}"):
        st.text(words)


def heading(key: str, title: str, what: str) -> None:
    """Draw a part's title over the line that says what it shows; both drawn as plain text."""
    with st.container(key=f"heading_{key}", gap=None):
        st.text(title)
        st.text(what)
