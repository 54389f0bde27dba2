"""The status strip: runs of the same status, each opening its own reports, and nothing beyond now."""

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pandas as pd

from jorge_data.dashboard.query.page_query import PageQuery
from jorge_data.dashboard.query.requests import TableRequest
from jorge_data.dashboard.query.responses import SeriesResponse
from jorge_data.dashboard.system.data import SPLIT, TIME, lane_words, lanes, strip_step, up, uptimes
from jorge_data.dashboard.ui.page_data import PageData
from jorge_data.events import Cursor
from jorge_data.metrics.statistics.period import zoned
from tests.dashboard.fake_feeds import NOON

AUSTIN = ZoneInfo("America/Chicago")
QUARTER = timedelta(minutes=15)
QUERY = PageQuery("home", NOON, NOON + 4 * QUARTER, AUSTIN, AUSTIN, "last 1 h", period="1 h")


def responses(
    *rows: tuple[int, str, float], now: datetime = NOON + 4 * QUARTER, newest: tuple[float, str] | None = None
) -> PageData:
    """Return responses to the strip's requests: the status of redis in quarters after noon, and its newest report."""
    frame = pd.DataFrame(
        [(NOON + number * QUARTER, "redis", status, seconds, 1) for number, status, seconds in rows],
        columns=["t", *SPLIT, "value", "n"],
    )
    frame["t"] = zoned(frame["t"], AUSTIN)
    question = QUERY.series(TIME, "duration_s", "sum", by=SPLIT, step=strip_step(QUERY))
    answer = SeriesResponse(Cursor("e1", 1), now, None, question, frame, True)
    last = [("redis", newest[1], (NOON + newest[0] * QUARTER).timestamp(), 1)] if newest else []
    newest_frame = pd.DataFrame(last, columns=[*SPLIT, "value", "n"])
    newest_answer = SeriesResponse(Cursor("e1", 1), now, None, question, newest_frame, True)
    answers = {"strip": answer, "components": answer, "newest": newest_answer, "p50": answer}
    return PageData(dict.fromkeys(answers, question), answers)


def runs(data: PageData) -> list[tuple[Any, ...]]:
    frame = lanes(data, True)
    starts = ((at - NOON) // QUARTER for at in frame["start"])
    ends = ((at - NOON) / QUARTER for at in frame["end"])
    return list(zip(frame["status"], starts, ends, strict=True))


def test_steps_of_the_same_status_are_one_run() -> None:
    data = responses((0, "healthy", 900), (1, "healthy", 900), (2, "down", 900), (3, "healthy", 900))
    assert runs(data) == [("healthy", 0, 2), ("down", 2, 3), ("healthy", 3, 4)]


def test_a_short_outage_is_as_high_as_its_share_of_its_step() -> None:
    data = responses(
        *((0, "healthy", 900), (1, "recovering", 90), (1, "healthy", 720), (1, "down", 90), (2, "healthy", 900))
    )
    assert runs(data) == [("healthy", 0, 3), ("degraded", 1, 2), ("down", 1, 2), ("unknown", 3, 4)]
    assert lanes(data, True)["share"].tolist() == [1, 0.2, 0.1, 1]


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
    frame = lanes(responses((0, "healthy", 900), (1, "down", 900)), True)
    rows = TableRequest.read(frame["drill"].iloc[1], "home")
    assert (rows.kind, rows.where) == (TIME, ("component:eq:redis",))
    assert (rows.start, rows.end) == (NOON + QUARTER, NOON + 2 * QUARTER)


def test_beside_a_lane_stand_its_uptime_and_what_is_unknown() -> None:
    data = responses((0, "healthy", 900), (1, "down", 900))
    assert lane_words(uptimes(data, QUERY, True)) == {"redis": "50 % · down 15 m · 30 m unknown"}


def test_a_component_that_is_down_now_counts_while_it_lasts() -> None:
    data = responses((0, "healthy", 600), (0, "healthy", 660), now=NOON + 2 * QUARTER, newest=(1.4, "down"))
    (redis,) = uptimes(data, QUERY, True)
    assert (redis.up, redis.down) == (1260, 540)
    assert up(data, QUERY, True).now == 0.7
    assert runs(data) == [("healthy", 0, 1), ("down", 1, 2)]


def test_what_said_down_is_down_until_it_reports_otherwise() -> None:
    data = responses(now=NOON + 4 * QUARTER, newest=(2.5, "down"))
    assert [(each.up, each.down, each.share) for each in uptimes(data, QUERY, True)] == [(0, 1350, 0)]
    assert runs(data) == [("unknown", 0, 2), ("down", 2, 4)]
    assert [each.down for each in uptimes(data, QUERY, False)] == [900]


def test_a_healthy_component_that_falls_silent_is_unknown_after_fifteen_minutes() -> None:
    data = responses(newest=(1, "degraded"))
    assert [(each.up, each.unknown) for each in uptimes(data, QUERY, True)] == [(900, 2700)]
    assert runs(data) == [("unknown", 0, 1), ("degraded", 1, 2), ("unknown", 2, 4)]


def test_what_was_down_before_the_period_is_down_in_it() -> None:
    (redis,) = uptimes(responses(newest=(-200, "down")), QUERY, True)
    assert (redis.down, redis.unknown) == (3600, 0)
