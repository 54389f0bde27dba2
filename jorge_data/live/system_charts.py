"""The charts of the system: what each draws, finds and says; `told` holds the page's answers by name."""

from functools import partial

from jorge_data import charts
from jorge_data.live import components
from jorge_data.live.chart import chart
from jorge_data.live.house import House
from jorge_data.live.query import STEP_WORDS, Query
from jorge_data.live.told import Told
from jorge_data.metrics.analysis import title
from jorge_data.metrics.wording import percent

SILENT = "No component reported in this period. Bots report with system_health_update; Connect has lines to paste."


def status(told: Told, query: Query) -> None:
    listed, target = components.uptimes(told, query), House.current().settings.uptime_target
    frame = components.lanes(told)
    step = STEP_WORDS[components.strip_step(query)]
    what = f"the worst status by {step}; uptime against {percent(target)}; hatched: no report; {query.label}"
    build = partial(charts.strip, words=components.lane_words(listed))
    finding = title.below(listed, target, "Status of the components")
    chart(frame, build, key="strip", finding=finding, what=what, nothing=SILENT)


def response(told: Told, query: Query) -> None:
    frame = components.responses(told)
    what = f"response time a component reports, p95 and p50, {query.label}, n = {told.series('p95_by').n:,}"
    build = partial(charts.ranking, label="component")
    chart(frame, build, key="response", finding="How fast components answer", what=what, nothing=SILENT)


def response_trend(told: Told, query: Query) -> None:
    build = partial(charts.lines, split="component", suffix=" ms", by_tens=True)
    what = f"milliseconds, p95 of a component's reports, by {query.each}, logarithmic, {query.label}"
    chart(told.frame("p95_trend"), build, key="response_trend", finding="Response time, p95", what=what, nothing=SILENT)


def rate(told: Told, query: Query) -> None:
    what = f"events per minute, by kind, by {query.each}, {query.label}"
    build = partial(charts.bars, split="kind")
    chart(components.events(told), build, key="rate", finding="What happens", what=what)


CHARTS = (response, response_trend, rate)
"""In the order in which the page shows them, below the strip."""
