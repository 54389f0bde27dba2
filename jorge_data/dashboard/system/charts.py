"""The charts of the system: what each draws, its headline and its words."""

import time
from datetime import UTC, datetime
from functools import partial

from jorge_data import charts
from jorge_data.dashboard.context import UserContext
from jorge_data.dashboard.query.page_query import STEP_WORDS, PageQuery
from jorge_data.dashboard.system import data
from jorge_data.dashboard.ui.chart_card import chart_card
from jorge_data.dashboard.ui.page_data import PageData, fetch_page_data
from jorge_data.metrics.formatting import Unit, number, percent
from jorge_data.metrics.statistics import chart_headlines

SILENT = "No part reported how it is in this period. Connect has lines to paste."


UNTOLD = "This event server has not told how it was: it is an older one, or has just begun."


def status(page_data: PageData, query: PageQuery) -> None:
    """Draw the strip: the status of each component over time."""
    context = UserContext.current()
    lasting, target = context.settings.down_until_reported, context.settings.uptime_target
    strip, newest = page_data.series("strip"), page_data.series("newest")
    key = "status strip", query.label
    version = (strip.request, strip.position, strip.answered_at, newest.position, lasting)
    # 50 ms of pandas: once for each answer, and not at every rerun.
    frame = context.client.computed(query.location, key, version, lambda: data.lanes(page_data, lasting))
    listed = data.uptimes(page_data, query, lasting)
    step = STEP_WORDS[data.strip_step(query)]
    what = (
        f"status by {step}, as high as the part of it that was so; uptime against {percent(target)}; "
        f"hatched: no report; {query.label}"
    )
    build = partial(charts.strip, words=data.lane_words(listed))
    finding = chart_headlines.below(listed, target, "How each part is")
    chart_card(frame, build, key="strip", finding=finding, what=what, nothing=SILENT)


def product(_: PageData, query: PageQuery) -> None:
    """Draw the strip of this product's own components, and their share of thirty days against the target."""
    context = UserContext.current()
    lasting, target = context.settings.down_until_reported, context.settings.uptime_target
    own = data.own_query(query, datetime.fromtimestamp(time.time(), UTC))
    page_data = fetch_page_data(
        own,
        compare=(),
        components=own.series(data.TIME, "duration_s", "sum", by=data.SPLIT),
        strip=own.series(data.TIME, "duration_s", "sum", by=data.SPLIT, step=data.strip_step(own)),
        **data.newest_requests(own),
    )
    listed = data.uptimes(page_data, own, lasting)
    frame = data.lanes(page_data, lasting).assign(**{charts.DRILL: ""})  # no rows of an office lie behind it
    step = STEP_WORDS[data.strip_step(own)]
    what = f"our event server and dashboards over thirty days, status by {step}; uptime against {percent(target)}"
    build = partial(charts.strip, words=data.lane_words(listed))
    finding = chart_headlines.below(listed, target, "This product")
    chart_card(frame, build, key="product", finding=finding, what=what, nothing=UNTOLD)


def response(page_data: PageData, query: PageQuery) -> None:
    """Draw the response time of each component."""
    frame = data.responses(page_data)
    what = (
        f"within how long each part gives 95 of 100 answers (and half of them), as it reports, {query.label}, "
        f"n = {number(page_data.series('p95_by').n)}"
    )
    build = partial(charts.ranking, label="component")
    chart_card(frame, build, key="response", finding="How fast parts answer", what=what, nothing=SILENT)


def response_trend(page_data: PageData, query: PageQuery) -> None:
    """Draw the response time of each component over time."""
    build = partial(charts.lines, split="component", unit=Unit.MS, by_tens=True)
    what = f"95 of 100 answers of each part within, by {query.each}, each line ten times the one below; {query.label}"
    frame, finding = page_data.frame("p95_trend"), "How fast parts answer, over time"
    chart_card(frame, build, key="response_trend", finding=finding, what=what, nothing=SILENT)


def rate(page_data: PageData, query: PageQuery) -> None:
    """Draw the events per minute by kind."""
    what = f"events a minute, by kind, by {query.each}, {query.label}{data.which(page_data)}"
    build = partial(charts.bars, split="kind")
    chart_card(data.events(page_data), build, key="rate", finding="What happens", what=what)


CHARTS = (response, response_trend)
"""Those behind the details."""
