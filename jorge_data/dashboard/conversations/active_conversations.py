"""Conversations that overlap the period: asked by their edges, so that it costs the same however many there are."""

from dataclasses import replace

from jorge_data.dashboard.query.page_query import PageQuery
from jorge_data.dashboard.query.requests import SeriesRequest, equals
from jorge_data.dashboard.ui.page_data import Metric, PageData, value_or_refusal
from jorge_data.metrics.definitions.conversations import EVENT
from jorge_data.metrics.statistics.counter import overlapping

EDGE = "conversation_edge"
BEGUN, OVER = "begun", "over"
EARLIER, EVENTS = " earlier", "talked"


def questions(query: PageQuery) -> dict[str, SeriesRequest]:
    """Return the questions for the edges, of the period and of the one before where it is compared."""
    asked = _edges(query)
    earlier = _edges(query.before) if query.compare else {}
    return asked | {name + EARLIER: each for name, each in earlier.items()} | {EVENTS: query.series(EVENT)}


@value_or_refusal
def active(page_data: PageData, query: PageQuery) -> Metric:
    """Return how many conversations overlap the period, and the events that happened in it."""
    now = overlapping(page_data.series(BEGUN).value, page_data.series(OVER).value)
    names = [name + EARLIER for name in (BEGUN, OVER)] if query.compare else []
    before = overlapping(*(page_data.series(name).value for name in names)) if names else None
    n = page_data.series(EVENTS).n
    return Metric(now, before, n, query.rows(EVENT))


def _edges(query: PageQuery) -> dict[str, SeriesRequest]:
    begun, over = (query.series(EDGE, where=(equals("edge", edge),)) for edge in ("first", "last"))
    return {BEGUN: replace(begun, start=None), OVER: replace(over, start=None, end=query.start)}
