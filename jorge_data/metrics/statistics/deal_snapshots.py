"""Deal snapshots: every deal as of a past moment, so that forecasts can be made again for months that are over."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from jorge_data.events import parse_date, parse_moment
from jorge_data.events.money import cents
from jorge_data.events.timestamps import micros, micros_of, midnight
from jorge_data.metrics.commission import probability, share
from jorge_data.metrics.statistics.forecast import Forecast, OpenDeal, forecast, last_of_month
from jorge_data.metrics.targets import Targets


class DealReport(NamedTuple):
    """A deal as of one commission_update; `at` and `closed_at` in microseconds, `closed_at` 0 while open."""

    at: int
    deal: str
    status: str
    value: int
    stage: str
    probability: float | None
    expected_close: date | None
    closed_at: int


class DealState(NamedTuple):
    """What the open deals of a snapshot are worth in cents; `weighted` is None where none has a probability."""

    value: int
    commission: int
    weighted: int | None


def reports(rows: Iterable[Mapping[str, Any]], zone: ZoneInfo) -> list[DealReport]:
    """Read rows of `/api/table?kind=commission_update` (time, seq and the kind's fields), in order of time and seq."""
    ordered = sorted(rows, key=lambda row: (micros(_moment(row["time"])), row["seq"]))
    return [_report(row, zone) for row in ordered]


def deal_snapshots(reports: Iterable[DealReport], until: int) -> dict[str, DealReport]:
    """Return the newest report of each deal before a moment; `reports` are in order of time.

    The stage and the expected close are the newest that were named, as in the list of deals.
    """
    snapshot: dict[str, DealReport] = {}
    for report in reports:
        if report.at < until:
            snapshot[report.deal] = _with_details_of(snapshot.get(report.deal), report)
    return snapshot


def open_deals(snapshot: Mapping[str, DealReport], targets: Targets) -> list[OpenDeal]:
    """Return the open deals of a snapshot, at the newest commission rate and the probability given or of the stage."""
    return [_open(report, targets) for report in snapshot.values() if report.status == "open"]


def open_value(snapshot: Mapping[str, DealReport], targets: Targets) -> DealState:
    """Return what the open deals of a snapshot are worth, at the newest commission rate."""
    deals = open_deals(snapshot, targets)
    weighted = [
        share(deal.commission, Decimal(str(deal.probability))) for deal in deals if deal.probability is not None
    ]
    value = sum(report.value for report in snapshot.values() if report.status == "open")
    return DealState(value, sum(deal.commission for deal in deals), sum(weighted) if weighted else None)


def won(snapshot: Mapping[str, DealReport], start: int, end: int, targets: Targets) -> int:
    """Return our commission in cents on the deals of a snapshot that were won in a span."""
    deals = (deal for deal in snapshot.values() if deal.status == "won" and start <= deal.closed_at < end)
    return sum(targets.commission(deal.value, deal.closed_at) for deal in deals)


def past_forecasts(
    reports: Sequence[DealReport], months: Iterable[date], targets: Targets
) -> list[tuple[Forecast, int]]:
    """Return, for the first days of past months, what would have been forecast that morning, and what was won.

    A month that began without any deal is left out. Deals that came later in the month are in what was won and could
    not be in the forecast; the coverage shows what that costs.
    """
    past = []
    for first in months:
        start, last = midnight(first, targets.zone), last_of_month(first)
        end = midnight(last + timedelta(days=1), targets.zone)
        snapshot = deal_snapshots(reports, start)
        expected = forecast(0 if snapshot else None, open_deals(snapshot, targets), last)
        if expected is not None:
            past.append((expected, won(deal_snapshots(reports, end), start, end, targets)))
    return past


def _report(row: Mapping[str, Any], zone: ZoneInfo) -> DealReport:
    at, closed, expected = micros(_moment(row["time"])), row.get("closed_at"), row.get("expected_close")
    closed_at = 0 if row["status"] == "open" else micros_of(closed, zone) if closed else at
    return DealReport(
        at,
        row["deal_id"],
        row["status"],
        cents(row["deal_value"]),
        row.get("stage") or "",
        row.get("probability"),
        parse_date(expected) if expected else None,
        closed_at,
    )


def _with_details_of(before: DealReport | None, report: DealReport) -> DealReport:
    if before is None or (report.stage and report.expected_close):
        return report
    return report._replace(
        stage=report.stage or before.stage, expected_close=report.expected_close or before.expected_close
    )


def _open(report: DealReport, targets: Targets) -> OpenDeal:
    chance = probability(report.probability, report.stage)
    return OpenDeal(targets.commission(report.value), None if chance is None else float(chance), report.expected_close)


def _moment(when: str | datetime) -> datetime:
    return parse_moment(when) if isinstance(when, str) else when
