"""What the page of lead sequences draws: answers put in the order and the columns of its charts."""

from dataclasses import replace

import pandas as pd

from jorge_data.charts import DRILL
from jorge_data.dashboard.query.page_query import PageQuery
from jorge_data.dashboard.query.requests import equals
from jorge_data.dashboard.ui.page_data import Metric, PageData
from jorge_data.dashboard.ui.ranking import largest
from jorge_data.metrics.formatting import percent
from jorge_data.metrics.statistics.counter import counts
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


def calls(page_data: PageData, query: PageQuery) -> Metric:
    """Return the median of the calls whose duration is known, and those calls."""
    return replace(page_data.figure("calls"), rows=query.rows(EVENT, MEASURED))


def appointments(page_data: PageData, query: PageQuery) -> Metric:
    """Return how many of the contacts taken made an appointment, and those contacts."""
    found = page_data.figure("outcomes", of=lambda frame: _of(frame, "appointment"))
    n = None if found.now is None else int(found.now)
    return replace(found, n=n, rows=query.rows(CONTACT, equals("outcome", "appointment")))


def appointment_share(page_data: PageData) -> str:
    """Write which share of the contacts taken made an appointment; nothing where that is not known."""
    share = page_data.figure("outcomes", of=_share_of_appointments).now
    return "" if share is None else f"{percent(share)} of the contacts taken"


def steps(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the success rate (a share by sequence_day, action_type) in the words of the matrix."""
    words = [f"{percent(rate, 0)}\nof {n:,}" for rate, n in zip(frame["value"], frame["n"], strict=True)]
    return frame.assign(day=_days(frame["sequence_day"]), action=frame["action_type"].map(ACTIONS), words=words)


def failed_parts(frame: pd.DataFrame) -> dict[str, tuple[int, int]]:
    """Return, for each step, how many attempts failed of how many."""
    named = steps(frame)
    rows = zip(named["day"], named["action"], named["value"], named["n"], strict=True)
    return {f"{day.capitalize()}, {action}": (round(n * (1 - rate)), int(n)) for day, action, rate, n in rows}


def links(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the flow's links (a count by from, to), days before outcomes, with what each opens."""
    found = flow(frame)
    tokens = dict(zip(zip(frame["from"], frame["to"], strict=True), frame[DRILL], strict=True))
    rows = [(found.nodes[link.source], found.nodes[link.target], link.n) for link in found.links]
    marks = {DRILL: [tokens[was, then] for was, then, _ in rows]}
    return in_words(pd.DataFrame(rows, columns=["from", "to", "value"]).assign(**marks), "to")


def stops(frame: pd.DataFrame) -> tuple[str, ...]:
    """Return where links lead, days before outcomes."""
    found = flow(frame)
    reached = {found.nodes[link.target] for link in found.links}
    return tuple(ENDS.get(node, node) for node in found.nodes if node in reached)


def in_words(frame: pd.DataFrame, column: str = "outcome") -> pd.DataFrame:
    """Return a frame with its outcomes in words; what is none stays."""
    return frame.assign(**{column: frame[column].map(lambda name: ENDS.get(name, name))})


def reasons(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the reasons of failures, the most frequent first; an attempt that gives none is named so."""
    return largest(frame.assign(failure_reason=frame["failure_reason"].replace("", "no reason given")))


def weeks(frame: pd.DataFrame) -> dict[str, tuple[int, int]]:
    """Return, for each week of intake, how many contacts made an appointment of how many were taken."""
    named = frame.assign(week=frame["t"].dt.strftime("Week of %-d %b").astype(str))
    cells = counts(named, "week", "outcome")
    taken = {week: sum(n for key, n in cells.items() if key[0] == week) for week in dict.fromkeys(named["week"])}
    return {week: (cells.of((week, "appointment")), n) for week, n in taken.items() if n}


def _days(numbers: "pd.Series[str]") -> "pd.Series[str]":
    return "day " + numbers.astype(str)


def _of(frame: pd.DataFrame, outcome: str) -> float | None:
    return None if frame.empty else float(counts(frame, "outcome").of((outcome,)))


def _share_of_appointments(frame: pd.DataFrame) -> float | None:
    booked = _of(frame, "appointment")
    return None if booked is None else booked / float(frame["value"].sum())
