"""The data of the page of conversations: how many are active, and how many of the sentiments are positive.

Active are those that overlap the period and did not opt out: counted by their edges, which costs the same however many
there are.
"""

from dataclasses import replace

import pandas as pd

from jorge_data.dashboard.query.page_query import PageQuery
from jorge_data.dashboard.query.requests import SeriesRequest
from jorge_data.dashboard.ui.page_data import Metric, PageData, value_or_refusal
from jorge_data.metrics.definitions import questions
from jorge_data.metrics.definitions.conversations import EVENT
from jorge_data.metrics.statistics import counter

BEGUN, OPTED_OUT, OVER = "begun", "opted_out", "over"
EARLIER, EVENTS = " earlier", "conversation events"


def active_questions(query: PageQuery) -> dict[str, SeriesRequest]:
    """Return the requests for `active`, of the period and of the one before where it is compared."""
    earlier = _edges(query.before) if query.compare else {}
    return _edges(query) | {name + EARLIER: each for name, each in earlier.items()} | {EVENTS: query.series(EVENT)}


@value_or_refusal
def active(page_data: PageData, query: PageQuery) -> Metric:
    """Return how many conversations overlap the period without an opting out, and the events that happened in it."""
    edges = (BEGUN, OPTED_OUT, OVER)
    now = counter.active(*(page_data.series(name).value for name in edges))
    earlier = counter.active(*(page_data.series(name + EARLIER).value for name in edges)) if query.compare else None
    return Metric(now, earlier, page_data.series(EVENTS).n, query.rows(EVENT))


def positive(frame: pd.DataFrame) -> float | None:
    """Return the positive share of the events that carry a sentiment (from a count by sentiment)."""
    total = frame["value"].sum()
    return float(frame.loc[frame["sentiment"] == "positive", "value"].sum() / total) if total else None


def _edges(query: PageQuery) -> dict[str, SeriesRequest]:
    until_end = {BEGUN: query.ask(questions.BEGUN), OPTED_OUT: query.ask(questions.OPTED_OUT)}
    return {
        **{name: replace(each, start=None) for name, each in until_end.items()},
        OVER: replace(query.ask(questions.OVER), start=None, end=query.start),
    }
