"""The data of the page of lead sequences: responses in the order and the columns of its charts."""

import math
from dataclasses import replace

import pandas as pd

from jorge_data.charts import DRILL
from jorge_data.dashboard.query.page_query import PageQuery
from jorge_data.dashboard.query.requests import equals
from jorge_data.dashboard.ui.chart_card import largest
from jorge_data.dashboard.ui.page_data import Metric, PageData
from jorge_data.metrics.entities import SCALE
from jorge_data.metrics.formatting import duration, number, percent, write_day
from jorge_data.metrics.statistics.frame_counts import counts
from jorge_data.metrics.statistics.percentile import Bins
from jorge_data.metrics.statistics.quantile_sketch import bucket, top
from jorge_data.metrics.statistics.sequence_flow import OUTCOMES, flow

EVENT = "lead_bot_sequence_update"
CONTACT, FLOW = "sequence_contact", "sequence_flow"
CALL = "retell_call_duration_seconds"
MEASURED = f"{CALL}:ge:0"
DAYS = ("3", "7", "14", "30")
ACTIONS = {
    "sms_sent": "SMS sent",
    "email_sent": "E-mail sent",
    "call_scheduled": "Call booked",
    "call_completed": "Call done",
}
ENDS = {name: name.replace("_", " ").capitalize() for name in OUTCOMES}
"""The outcomes in words, best first."""

BARS = 12
_WIDTHS = (5, 10, 15, 30, 60, 120, 300, 600, 1800, 3600)
"""Widths of a bar of the histogram in seconds: the first that needs no more than BARS bars is taken."""


def calls(page_data: PageData, query: PageQuery) -> Metric:
    """Return the median of the calls whose duration is known, and those calls."""
    return replace(page_data.figure("calls"), rows=query.rows(EVENT, MEASURED))


def appointments(page_data: PageData, query: PageQuery) -> Metric:
    """Return how many of the contacts taken made an appointment, and those contacts."""
    figure = page_data.figure("outcomes", of=_appointments)
    n = None if figure.now is None else int(figure.now)
    return replace(figure, n=n, rows=query.rows(CONTACT, equals("outcome", "appointment")))


def appointment_share(page_data: PageData) -> str:
    """Write which share of the contacts taken made an appointment; "" where that is not known."""
    share = page_data.figure("outcomes", of=_share_of_appointments).now
    return "" if share is None else f"{percent(share)} of the contacts who came in"


def steps(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the success rate (a share by sequence_day, action_type) with the labels and words of the matrix."""
    words = [f"{percent(rate, 0)}\nof {number(n)}" for rate, n in zip(frame["value"], frame["n"], strict=True)]
    return frame.assign(
        day="day " + frame["sequence_day"].astype(str), action=frame["action_type"].map(ACTIONS), words=words
    )


def failed_parts(frame: pd.DataFrame) -> dict[str, tuple[int, int]]:
    """Return, for each step, how many attempts failed of how many."""
    named = steps(frame)
    rows = zip(named["day"], named["action"], named["value"], named["n"], strict=True)
    return {f"{day.capitalize()}, {action}": (round(n * (1 - rate)), int(n)) for day, action, rate, n in rows}


def links(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the flow's links (a count by from, to), days before outcomes, with what each opens."""
    nodes, links = flow(frame)
    tokens = dict(zip(zip(frame["from"], frame["to"], strict=True), frame[DRILL], strict=True))
    ends = [(nodes[link.source], nodes[link.target]) for link in links]
    rows = [(*each, link.n, tokens[each]) for each, link in zip(ends, links, strict=True)]
    return in_words(pd.DataFrame(rows, columns=["from", "to", "value", DRILL]), "to")


def stops(frame: pd.DataFrame) -> tuple[str, ...]:
    """Return the days and outcomes that links lead to, days before outcomes, in words."""
    nodes, links = flow(frame)
    reached = {nodes[link.target] for link in links}
    return tuple(ENDS.get(node, node) for node in nodes if node in reached)


def in_words(frame: pd.DataFrame, column: str = "outcome") -> pd.DataFrame:
    """Return a frame with the outcomes in a column in words; anything else in it is left as it is."""
    return frame.assign(**{column: frame[column].map(lambda name: ENDS.get(name, name))})


def reasons(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the reasons of failures, the most frequent first; a missing one is named "no reason given"."""
    return largest(frame.assign(failure_reason=frame["failure_reason"].replace("", "no reason given")))


def weeks(frame: pd.DataFrame) -> dict[str, tuple[int, int]]:
    """Return, for each week of intake, how many contacts made an appointment of how many were taken."""
    named = frame.assign(week=frame["t"].map(lambda t: f"Week of {write_day(t)}"))
    cells = counts(named, "week", "outcome")
    taken = {week: sum(n for key, n in cells.items() if key[0] == week) for week in dict.fromkeys(named["week"])}
    return {week: (cells.of((week, "appointment")), n) for week, n in taken.items() if n}


def histogram(bins: Bins, query: PageQuery, kind: str, measure: str) -> pd.DataFrame:
    """Return a row for each width of seconds: `from`, `value`, and the token of the request for its events.

    A sketch knows its values to 1 %, so that an edge lies up to 1 % off its round number; what a bar opens is requested
    by the edge itself, and is as many as the bar shows.
    """
    counted = [(value, int(count)) for value, count in bins if count > 0]
    longest = max((value for value, _ in counted), default=0.0)
    width = next((width for width in _WIDTHS if longest <= width * BARS), _WIDTHS[-1])
    rows = []
    for low in range(0, width * math.ceil(longest / width), width):
        least, most = _edge(low), _edge(low + width)
        n = sum(count for value, count in counted if least < value <= most)
        within = f"{measure}:gt:{least!r}" if low else f"{measure}:ge:0", f"{measure}:le:{most!r}"
        rows.append({"from": duration(low), "value": n, "n": n, DRILL: query.rows(kind, *within).token()})
    return pd.DataFrame(rows)


def _edge(seconds: int) -> float:
    """Return the upper end of the sketch's bucket that a number of seconds lies in."""
    return top(bucket(seconds * SCALE)) / SCALE if seconds else 0.0


def _appointments(frame: pd.DataFrame) -> float | None:
    return None if frame.empty else float(counts(frame, "outcome").of(("appointment",)))


def _share_of_appointments(frame: pd.DataFrame) -> float | None:
    booked = _appointments(frame)
    return None if booked is None else booked / float(frame["value"].sum())
