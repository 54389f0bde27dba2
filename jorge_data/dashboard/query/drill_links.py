"""The marks of an answer: every step of its span, and for each the question for the very rows that it is made of."""

from collections.abc import Iterator
from datetime import datetime
from typing import cast
from zoneinfo import ZoneInfo

import pandas as pd

from jorge_data.charts import DRILL
from jorge_data.dashboard.query.requests import SeriesRequest, equals
from jorge_data.dashboard.query.responses import SeriesResponse
from jorge_data.metrics.statistics.period import Step, after, fill


def marks(answer: SeriesResponse) -> pd.DataFrame:
    """Return the answer's frame, its empty buckets filled, with the column `drill`."""
    frame = answer.once(filled)
    return frame.assign(**{DRILL: list(_tokens(answer.question, frame))})


def filled(answer: SeriesResponse) -> pd.DataFrame:
    """Return the frame with the empty buckets that an answer leaves out: 0 where facts are counted, else a gap."""
    asked, frame = answer.question, answer.frame
    if frame.empty or asked.step == "all" or asked.start is None or asked.end is None:
        return frame
    return fill(frame, answer.period, asked.by, 0 if asked.agg in ("count", "sum") else None)


def _tokens(question: SeriesRequest, frame: pd.DataFrame) -> Iterator[str]:
    """Yield for each row of an answer the question for the very rows behind it."""
    moments = frame["t"] if question.step != "all" else [None] * len(frame)
    for at, *dims in zip(moments, *(frame[field] for field in question.by), strict=True):
        where = [equals(field, value) for field, value in zip(question.by, dims, strict=True)]
        start, end = _bucket(question, at) if at is not None else (None, None)
        yield question.rows(*where, start=start, end=end).token()


def _bucket(question: SeriesRequest, at: pd.Timestamp) -> tuple[datetime, datetime]:
    """Return the part of a mark's step that the question covers."""
    assert question.start is not None
    assert question.end is not None
    following = after(at.to_pydatetime(), cast(Step, question.step), ZoneInfo(question.zone))
    return max(at.to_pydatetime(), question.start), min(following, question.end)
