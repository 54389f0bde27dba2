"""Drill links of a series: one row for every step and part, each with the request for the rows behind it."""

from collections.abc import Iterator
from datetime import datetime
from typing import cast
from zoneinfo import ZoneInfo

import pandas as pd

from jorge_data.charts import DRILL
from jorge_data.dashboard.query.requests import SeriesRequest, equals
from jorge_data.dashboard.query.responses import SeriesResponse
from jorge_data.metrics.statistics.period import Step, after, fill


def with_drill_links(response: SeriesResponse) -> pd.DataFrame:
    """Return the response's frame, its empty buckets filled, with the column `drill`."""
    frame = response.derived(with_empty_buckets)
    return frame.assign(**{DRILL: list(_tokens(response.request, frame))})


def with_empty_buckets(response: SeriesResponse) -> pd.DataFrame:
    """Return the frame with the empty buckets that the server leaves out: 0 for counts and sums, else a gap."""
    request, frame = response.request, response.frame
    if frame.empty or request.step == "all" or request.start is None or request.end is None:
        return frame
    return fill(frame, response.period, request.by, 0 if request.agg in ("count", "sum") else None)


def _tokens(request: SeriesRequest, frame: pd.DataFrame) -> Iterator[str]:
    """Yield the link to the events behind each row of a series."""
    moments = frame["t"] if request.step != "all" else [None] * len(frame)
    for at, *dims in zip(moments, *(frame[field] for field in request.by), strict=True):
        where = [equals(field, value) for field, value in zip(request.by, dims, strict=True)]
        start, end = _bucket(request, at) if at is not None else (None, None)
        yield request.rows(*where, start=start, end=end).token()


def _bucket(request: SeriesRequest, at: pd.Timestamp) -> tuple[datetime, datetime]:
    """Return the part of the bucket that begins at `at` which the request covers."""
    assert request.start is not None
    assert request.end is not None
    following = after(at.to_pydatetime(), cast(Step, request.step), ZoneInfo(request.zone))
    return max(at.to_pydatetime(), request.start), min(following, request.end)
