"""The outlook of the revenue page: forecasts of the open deals, and how they would have done in past months."""

from collections.abc import Callable, Hashable
from dataclasses import replace
from datetime import date, datetime, timedelta
from functools import cached_property, partial
from itertools import chain
from typing import NamedTuple, TypeVar
from zoneinfo import ZoneInfo

from jorge_data.dashboard.context import AppContext
from jorge_data.dashboard.query.cache import Cache
from jorge_data.dashboard.query.page_query import PageQuery
from jorge_data.dashboard.query.requests import TableRequest, equals
from jorge_data.dashboard.query.responses import SeriesResponse, TableResponse
from jorge_data.dashboard.query.whole_table import WholeTable, whole_table
from jorge_data.dashboard.ui.page_data import PageData
from jorge_data.events import Cursor, parse_date
from jorge_data.events.timestamps import micros, midnight, moment
from jorge_data.metrics.formatting import cents
from jorge_data.metrics.statistics.deal_snapshots import (
    DealReport,
    DealState,
    deal_snapshots,
    rehearse,
    reports,
    standing,
)
from jorge_data.metrics.statistics.forecast import (
    Forecast,
    Open,
    first_of_quarter,
    forecast,
    last_of_month,
    last_of_quarter,
    months_before,
)
from jorge_data.metrics.targets import Targets

KEPT_S = 600
"""What was heard of deals before today is read once in so many seconds: it changes by late events alone."""

COLUMNS = ("time", "seq", "deal_id", "status", "deal_value", "stage", "probability", "expected_close", "closed_at")

Made = TypeVar("Made")

WEIGHED = ("commission", "probability", "expected_close")


class Horizon(NamedTuple):
    """A forecast to the end of a named month or quarter, and what is to be won by then in cents."""

    name: str
    found: Forecast | None
    target: int


class DealResponses(NamedTuple):
    """What was reported of deals, oldest first; `complete` is False where the oldest of all were left out."""

    reports: tuple[DealReport, ...]
    complete: bool
    position: Cursor


class DealForecasts:
    """Look ahead from a moment; each part is made when it is first asked for, and may raise RequestRefused."""

    def __init__(self, page_data: PageData, query: PageQuery, targets: Targets, now: datetime) -> None:
        self._told, self._query, self.targets, self.now = page_data, query, targets, now
        self.today = now.astimezone(targets.zone).date()

    @cached_property
    def known(self) -> bool:
        """Say whether any deal was ever heard of."""
        return not self._told.series("commission").empty

    @cached_property
    def open(self) -> WholeTable:
        """Return what a forecast needs of the open deals, page by page."""
        return whole_table(AppContext.current().client, open_deals(self._query))

    @property
    def deals(self) -> int:
        """Return how many open deals the forecasts are made of."""
        return len(self._deals)

    @cached_property
    def heard(self) -> DealResponses:
        """Return what was reported of deals before the office's today."""
        end = moment(midnight(self.today, self.targets.zone))
        read = partial(_heard, self._query.location, end, self.targets.zone)
        return self._cache.response(("heard", self._query.location), end, self._query.location, KEPT_S, read)

    @cached_property
    def horizons(self) -> list[Horizon]:
        """Return the forecasts to the end of the office's month and quarter."""
        month, quarter = last_of_month(self.today), last_of_quarter(self.today)
        goal = cents(self.targets.monthly_target)
        return [
            Horizon(f"{month:%B}", self._forecast(self.today.replace(day=1), month), goal),
            Horizon(f"Q{quarter.month // 3}", self._forecast(first_of_quarter(self.today), quarter), 3 * goal),
        ]

    @cached_property
    def rehearsals(self) -> tuple[tuple[Forecast, int], ...]:
        """Return the forecast of each past month that began with known deals, and what was won, oldest first."""
        return self._of_heard(
            "rehearsals", lambda reports: tuple(rehearse(reports, months_before(self.today), self.targets))
        )

    def stood(self, at: datetime) -> DealState | None:
        """Return how the open deals stood at a moment before today; None where that is not known."""
        if at.astimezone(self.targets.zone).date() >= self.today:
            return None

        def standing_of(reports: tuple[DealReport, ...]) -> DealState | None:
            known = deal_snapshots(reports, micros(at))
            return standing(known, self.targets) if known else None

        return self._of_heard(at, standing_of)

    def _of_heard(self, name: Hashable, make: Callable[[tuple[DealReport, ...]], Made]) -> Made:
        """Return what is made of all that was heard: once, for as long as nothing else is heard."""
        heard = self.heard
        key, version = ("heard", self._query.location, name), (self.today, heard.position)
        return self._cache.computed(key, version, lambda: make(heard.reports))

    def _forecast(self, first: date, last: date) -> Forecast | None:
        won = _won_since(self._told.series("quarter"), first) if self.known else None
        # Ten thousand runs of the same deals give the same range: it is kept for the viewers that follow.
        key, version = ("forecast", self._query.location, last), (won, self._deals)
        return self._cache.computed(key, version, lambda: forecast(won, self._deals, last))

    @property
    def _cache(self) -> Cache:
        return AppContext.current().client.cache

    @cached_property
    def _deals(self) -> tuple[Open, ...]:
        return tuple(chain.from_iterable(table.derived(_as_open) for table in self.open.tables))


def open_deals(query: PageQuery) -> TableRequest:
    """Return the question for what a forecast needs of all open deals, whenever they were heard of."""
    return TableRequest(
        query.location, "deals", (equals("status", "open"),), columns=WEIGHED, order="-value", limit=1000
    )


def last_year(query: PageQuery) -> PageQuery:
    """Return the same question about the twelve months that end with the period, the last of them under way."""
    first = months_before(query.end.astimezone(query.office_zone).date(), 11)[0]
    period = "12 months" if query.period else ""
    return replace(
        query,
        start=moment(midnight(first, query.office_zone)),
        label="last 12 months",
        period=period,
        moving_period=query.moving_period and "12 months",
    )


def this_quarter(query: PageQuery, now: datetime) -> PageQuery:
    """Return the same question about the office's quarter that is under way, whatever the period is."""
    today = now.astimezone(query.office_zone).date()
    first, following = first_of_quarter(today), last_of_quarter(today) + timedelta(days=1)
    start, end = moment(midnight(first, query.office_zone)), moment(midnight(following, query.office_zone))
    return replace(query, start=start, end=end, label="this quarter", period="", moving_period="")


def _heard(location: str, end: datetime, zone: ZoneInfo) -> DealResponses:
    rows = TableRequest(location, "commission_update", end=end, columns=COLUMNS, order="-time")
    found = whole_table(AppContext.current().client, rows)
    records = chain.from_iterable(table.records() for table in found.tables)
    return DealResponses(tuple(reports(records, zone)), found.complete, found.tables[0].position)


def _as_open(table: TableResponse) -> list[Open]:
    """Read rows of the columns WEIGHED."""
    return [
        Open(cents(commission), likely, parse_date(close) if close else None)
        for commission, likely, close in table.rows
    ]


def _won_since(answer: SeriesResponse, first: date) -> int:
    won = answer.frame
    months = zip(won["t"], won["value"], strict=True) if not won.empty else ()
    return sum(cents(value) for t, value in months if t.date() >= first)
