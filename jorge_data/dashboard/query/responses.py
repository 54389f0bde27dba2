"""What a question was answered: a frame of figures, or a page of rows; each says how current it is."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Self, TypeVar, cast
from zoneinfo import ZoneInfo

import pandas as pd

from jorge_data.dashboard.query.requests import SeriesRequest
from jorge_data.events import Cursor
from jorge_data.metrics.statistics.period import Period, Step, aligned

Made = TypeVar("Made")


@dataclass(frozen=True)
class QueryResponse:
    """When the server told it, up to which position, and why it could not be told anew since."""

    position: Cursor
    told_at: datetime
    stale: str | None
    _made: dict[Callable[[Any], Any], Any] = field(default_factory=dict, repr=False, compare=False, kw_only=True)

    def aged(self, reason: str) -> Self:
        """Return the same answer, marked as not of now."""
        return replace(self, stale=reason)

    def once(self, make: Callable[[Self], Made]) -> Made:
        """Return what a function of a module makes of this answer: once, for all who look at it; nobody changes it."""
        if make not in self._made:
            self._made[make] = make(self)
        return cast(Made, self._made[make])


@dataclass(frozen=True)
class SeriesResponse(QueryResponse):
    """A frame of columns t (in the question's zone; absent values of it where the step is all), by…, value and n."""

    question: SeriesRequest
    frame: pd.DataFrame
    exact: bool

    @property
    def period(self) -> Period:
        """Return the whole steps that cover the span of a question in steps, which has both ends."""
        asked = self.question
        assert asked.start is not None
        assert asked.end is not None
        return aligned(asked.start, asked.end, cast(Step, asked.step), ZoneInfo(asked.zone))

    @property
    def value(self) -> float | None:
        """Return the one figure of a question without step and split; None where there is no data."""
        if self.frame.empty or pd.isna(self.frame["value"].iloc[0]):
            return None
        return float(self.frame["value"].iloc[0])

    @property
    def n(self) -> int:
        """Return how many facts the answer is made of."""
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

    @property
    def frame(self) -> pd.DataFrame:
        return self.once(_frame)

    def records(self) -> Iterator[dict[str, Any]]:
        """Yield the rows by the names of their columns."""
        return (dict(zip(self.columns, row, strict=True)) for row in self.rows)


def read_series(said: dict[str, Any], question: SeriesRequest, told_at: datetime) -> SeriesResponse:
    """Return the server's JSON as a Series."""
    frame = pd.DataFrame(said["rows"], columns=said["columns"])
    if question.step != "all":
        frame["t"] = pd.to_datetime(frame["t"], utc=True, format="ISO8601", cache=False).dt.tz_convert(question.zone)
    if question.agg != "bins":
        frame["value"] = pd.to_numeric(frame["value"])
    return SeriesResponse(_position(said), told_at, None, question, frame, bool(said["exact"]))


def read_table(said: dict[str, Any], told_at: datetime) -> TableResponse:
    """Return the server's JSON as a Table."""
    return TableResponse(
        _position(said), told_at, None, tuple(said["columns"]), said["rows"], said["next"], said["total"]
    )


def _frame(table: TableResponse) -> pd.DataFrame:
    return pd.DataFrame(table.rows, columns=list(table.columns))


def _position(said: dict[str, Any]) -> Cursor:
    return Cursor(said["position"]["epoch"], said["position"]["seq"])
