"""Responses of the query API: a frame of figures, or a page of rows; each says how current it is.

To each mark of a chart belongs a link to the rows behind it: the column `drill` of a series' frame.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property
from typing import Any, Self, TypeVar, cast
from zoneinfo import ZoneInfo

import pandas as pd

from jorge_data.charts import DRILL
from jorge_data.dashboard.query.requests import SeriesRequest, equals
from jorge_data.events import Cursor
from jorge_data.metrics.statistics.period import Period, Step, after, aligned, fill

Derived = TypeVar("Derived")


@dataclass(frozen=True)
class QueryResponse:
    """The log position that it covers, when it was fetched, and why it could not be refreshed since (`stale`)."""

    position: Cursor
    answered_at: datetime
    stale: str | None
    left_out: tuple[str, ...] = field(default=(), kw_only=True)
    """The files of the archive that it lacks, for they cannot be read."""
    _derived: dict[Callable[[Any], Any], Any] = field(default_factory=dict, repr=False, compare=False, kw_only=True)

    def as_stale(self, reason: str) -> Self:
        """Return the same response, marked stale for a reason."""
        return replace(self, stale=reason)

    def derived(self, compute: Callable[[Self], Derived]) -> Derived:
        """Return what a module's function computes of this response: once for all readers, who must not change it."""
        if compute not in self._derived:
            self._derived[compute] = compute(self)
        return cast(Derived, self._derived[compute])


@dataclass(frozen=True)
class SeriesResponse(QueryResponse):
    """A frame of columns t (in the request's zone; empty where the step is all), by…, value and n."""

    request: SeriesRequest
    frame: pd.DataFrame
    exact: bool

    @property
    def period(self) -> Period:
        """Return the whole steps that cover the request's span; the request must have steps and both ends."""
        request = self.request
        assert request.start is not None
        assert request.end is not None
        return aligned(request.start, request.end, cast(Step, request.step), ZoneInfo(request.zone))

    @property
    def value(self) -> float | None:
        """Return the one figure of a request without step and split; None where there is no data."""
        if self.frame.empty or pd.isna(self.frame["value"].iloc[0]):
            return None
        return float(self.frame["value"].iloc[0])

    @property
    def n(self) -> int:
        """Return how many facts were aggregated."""
        return int(self.frame["n"].sum())

    @property
    def empty(self) -> bool:
        return self.frame.empty


@dataclass(frozen=True)
class TableResponse(QueryResponse):
    """A page of rows, how many match altogether, and the cursor of the next page."""

    columns: tuple[str, ...]
    rows: list[list[Any]]
    next: str | None
    total: int

    @cached_property
    def frame(self) -> pd.DataFrame:
        return pd.DataFrame(self.rows, columns=list(self.columns))

    def records(self) -> Iterator[dict[str, Any]]:
        """Yield the rows by the names of their columns."""
        return (dict(zip(self.columns, row, strict=True)) for row in self.rows)


def read_series(body: dict[str, Any], request: SeriesRequest, answered_at: datetime) -> SeriesResponse:
    """Return the response of `/api/series`; raise LookupError, TypeError or ValueError where it is none."""
    frame = pd.DataFrame(body["rows"], columns=body["columns"])
    if request.step != "all":
        frame["t"] = pd.to_datetime(frame["t"], utc=True, format="ISO8601", cache=False).dt.tz_convert(request.zone)
    if request.agg != "bins":
        frame["value"] = pd.to_numeric(frame["value"])
    exact, left_out = bool(body["exact"]), _left_out(body)
    return SeriesResponse(_position(body), answered_at, None, request, frame, exact, left_out=left_out)


def read_table(body: dict[str, Any], answered_at: datetime) -> TableResponse:
    """Return the response of `/api/table`; raise LookupError or TypeError where it is none."""
    return TableResponse(
        _position(body),
        answered_at,
        None,
        tuple(body["columns"]),
        body["rows"],
        body["next"],
        body["total"],
        left_out=_left_out(body),
    )


def _left_out(body: dict[str, Any]) -> tuple[str, ...]:
    return tuple(map(str, body.get("left_out", ())))


def _position(body: dict[str, Any]) -> Cursor:
    return Cursor(body["position"]["epoch"], body["position"]["seq"])


def with_drill_links(response: SeriesResponse) -> pd.DataFrame:
    """Return the response's frame, its empty buckets filled, and in `drill` a link to the rows of each."""
    request, frame = response.request, response.derived(with_empty_buckets)
    moments = frame["t"] if request.step != "all" else [None] * len(frame)
    tokens = []
    for at, *dims in zip(moments, *(frame[name] for name in request.by), strict=True):
        where = [equals(name, value) for name, value in zip(request.by, dims, strict=True)]
        start, end = _bucket(request, at) if at is not None else (None, None)
        tokens.append(request.rows(*where, start=start, end=end).token())
    return frame.assign(**{DRILL: tokens})


def with_empty_buckets(response: SeriesResponse) -> pd.DataFrame:
    """Return the frame with the empty buckets that the server leaves out: 0 for counts and sums, else a gap."""
    request, frame = response.request, response.frame
    if frame.empty or request.step == "all" or request.start is None or request.end is None:
        return frame
    return fill(frame, response.period, request.by, 0 if request.agg in ("count", "sum") else None)


def _bucket(request: SeriesRequest, at: pd.Timestamp) -> tuple[datetime, datetime]:
    """Return the part of the bucket that begins at `at` which the request covers."""
    assert request.start is not None
    assert request.end is not None
    following = after(at.to_pydatetime(), cast(Step, request.step), ZoneInfo(request.zone))
    return max(at.to_pydatetime(), request.start), min(following, request.end)
