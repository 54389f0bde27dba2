"""The data of the page of conversations: how many are active, and how many of the sentiments are positive.

Active are those that overlap the period: counted by their first and last events, which costs the same however many
there are.
"""

from dataclasses import replace

import pandas as pd

from jorge_data.dashboard.query.page_query import PageQuery
from jorge_data.dashboard.query.requests import SeriesRequest, equals
from jorge_data.dashboard.ui.page_data import Metric, PageData, value_or_refusal
from jorge_data.metrics.definitions.conversations import EVENT
from jorge_data.metrics.statistics.counter import overlapping

EDGE = "conversation_edge"
BEGUN, OVER = "begun", "over"
EARLIER, EVENTS = " earlier", "conversation events"


def active_questions(query: PageQuery) -> dict[str, SeriesRequest]:
    """Return the requests for `active`, of the period and of the one before where it is compared."""
    earlier = _edges(query.before) if query.compare else {}
    return _edges(query) | {name + EARLIER: each for name, each in earlier.items()} | {EVENTS: query.series(EVENT)}


@value_or_refusal
def active(page_data: PageData, query: PageQuery) -> Metric:
    """Return how many conversations overlap the period, and the events that happened in it."""
    now = overlapping(page_data.series(BEGUN).value, page_data.series(OVER).value)
    earlier = [page_data.series(name + EARLIER).value for name in (BEGUN, OVER)] if query.compare else []
    return Metric(now, overlapping(*earlier) if earlier else None, page_data.series(EVENTS).n, query.rows(EVENT))


def positive(frame: pd.DataFrame) -> float | None:
    """Return the positive share of the events that carry a sentiment (from a count by sentiment)."""
    total = frame["value"].sum()
    return float(frame.loc[frame["sentiment"] == "positive", "value"].sum() / total) if total else None


def _edges(query: PageQuery) -> dict[str, SeriesRequest]:
    begun, over = (query.series(EDGE, where=(equals("edge", edge),)) for edge in ("first", "last"))
    return {BEGUN: replace(begun, start=None), OVER: replace(over, start=None, end=query.start)}
