"""The status strip: runs of the same status, each opening its own reports, and nothing beyond now."""

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pandas as pd

from jorge_data.dashboard.query.page_query import PageQuery
from jorge_data.dashboard.query.requests import TableRequest
from jorge_data.dashboard.query.responses import SeriesResponse
from jorge_data.dashboard.system.data import SPLIT, TIME, lane_words, lanes, strip_step, uptimes
from jorge_data.dashboard.ui.page_data import PageData
from jorge_data.events import Cursor
from jorge_data.metrics.statistics.period import zoned
from tests.dashboard.fake_feeds import NOON

AUSTIN = ZoneInfo("America/Chicago")
QUARTER = timedelta(minutes=15)
QUERY = PageQuery("home", NOON, NOON + 4 * QUARTER, AUSTIN, AUSTIN, "last 1 h", period="1 h")


def responses(*rows: tuple[int, str, float], now: datetime = NOON + 4 * QUARTER) -> PageData:
    """Return responses to the strip's two requests: the status of redis in quarters of an hour after noon."""
    frame = pd.DataFrame(
        [(NOON + number * QUARTER, "redis", status, seconds, 1) for number, status, seconds in rows],
        columns=["t", *SPLIT, "value", "n"],
    )
    frame["t"] = zoned(frame["t"], AUSTIN)
    question = QUERY.series(TIME, "duration_s", "sum", by=SPLIT, step=strip_step(QUERY))
    answer = SeriesResponse(Cursor("e1", 1), now, None, question, frame, True)
    return PageData({"strip": question, "components": question}, {"strip": answer, "components": answer})


def runs(data: PageData) -> list[tuple[Any, ...]]:
    frame = lanes(data)
    starts = ((at - NOON) // QUARTER for at in frame["start"])
    ends = ((at - NOON) / QUARTER for at in frame["end"])
    return list(zip(frame["status"], starts, ends, strict=True))


def test_steps_of_the_same_status_are_one_run() -> None:
    data = responses(
        (0, "healthy", 900), (1, "healthy", 900), (2, "healthy", 600), (2, "down", 300), (3, "healthy", 900)
    )
    assert runs(data) == [("healthy", 0, 2), ("down", 2, 3), ("healthy", 3, 4)]


def test_a_step_of_which_no_report_speaks_is_unknown() -> None:
    assert runs(responses((0, "healthy", 900), (3, "degraded", 900))) == [
        ("healthy", 0, 1),
        ("unknown", 1, 3),
        ("degraded", 3, 4),
    ]


def test_the_strip_ends_now() -> None:
    now = NOON + 1.5 * QUARTER
    assert runs(responses((0, "healthy", 900), now=now)) == [("healthy", 0, 1), ("unknown", 1, 1.5)]


def test_a_run_opens_the_reports_of_its_own_time() -> None:
    frame = lanes(responses((0, "healthy", 900), (1, "down", 900)))
    rows = TableRequest.read(frame["drill"].iloc[1], "home")
    assert (rows.kind, rows.where) == (TIME, ("component:eq:redis",))
    assert (rows.start, rows.end) == (NOON + QUARTER, NOON + 2 * QUARTER)


def test_beside_a_lane_stand_its_uptime_and_what_is_unknown() -> None:
    data = responses((0, "healthy", 900), (1, "down", 900))
    assert lane_words(uptimes(data, QUERY)) == {"redis": "50 % · 30 m unknown"}
