"""Deal snapshots: every deal as of a past moment, so that forecasts can be made again for months that are over."""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from itertools import chain, groupby
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from jorge_data.events import parse_moment
from jorge_data.events.money import cents
from jorge_data.events.timestamps import micros, micros_of, midnight
from jorge_data.metrics.commission import probability, share, stage_key
from jorge_data.metrics.statistics.closing_times import ClosingTimes, StageEntry
from jorge_data.metrics.statistics.forecast import Forecast, Horizon, OpenDeal, forecast, last_of_month
from jorge_data.metrics.statistics.velocity import STAGES
from jorge_data.metrics.targets import Targets


class DealReport(NamedTuple):
    """A deal as of one commission_update; `at` and `closed_at` in microseconds, `closed_at` 0 while open."""

    at: int
    deal: str
    status: str
    value: int
    stage: str
    probability: float | None
    closed_at: int


class DealState(NamedTuple):
    """How many deals of a snapshot are open, and what they are worth in cents.

    `weighted` is None where none has a probability.
    """

    deals: int

    value: int
    commission: int
    weighted: int | None


class StageState(NamedTuple):
    """Our commission in cents on each open deal at a stage of a snapshot, the greatest first.

    `weighted` is the sum by each deal's chance, None where none has one.
    """

    stage: str
    commissions: tuple[int, ...]
    weighted: int | None


def reports(rows: Iterable[Mapping[str, Any]], zone: ZoneInfo) -> list[DealReport]:
    """Read rows of `/api/table?kind=commission_update` (time, seq and the kind's fields), in order of time and seq."""
    ordered = sorted(rows, key=lambda row: (micros(_moment(row["time"])), row["seq"]))
    return [_report(row, zone) for row in ordered]


def deal_snapshots(reports: Sequence[DealReport], until: int) -> dict[str, DealReport]:
    """Return the newest report of each deal before a moment; `reports` are in order of time.

    The stage is the newest that was named, as in the list of deals.
    """
    snapshot: dict[str, DealReport] = {}
    for report in _before(until, reports):
        before = None if report.stage else snapshot.get(report.deal)
        snapshot[report.deal] = report._replace(stage=before.stage) if before else report
    return snapshot


def stage_entries(reports: Sequence[DealReport], until: int) -> dict[str, list[StageEntry]]:
    """Return each deal's way through the stages, by what was reported before a moment; `reports` are in order of time.

    As in the facts of deals: a close ends a stay (of several closes the newest counts), and a deal that is opened
    again enters the stage that it names, or else where it was. A deleted deal has no way; of one that is there again
    its deletion changed nothing.
    """
    by_deal: dict[str, list[DealReport]] = {}
    for report in _before(until, reports):
        by_deal.setdefault(report.deal, []).append(report)
    return {
        deal: list(_entries(report for report in theirs if report.status != "deleted"))
        for deal, theirs in by_deal.items()
        if theirs[-1].status != "deleted"
    }


def open_value(snapshot: Mapping[str, DealReport], targets: Targets) -> DealState:
    """Return what the open deals of a snapshot are worth, at the newest commission rate."""
    deals = [report for report in snapshot.values() if report.status == "open"]
    commissions = [targets.commission(deal.value) for deal in deals]
    chances = [probability(deal.probability, deal.stage) for deal in deals]
    weighted = [share(ours, chance) for ours, chance in zip(commissions, chances, strict=True) if chance is not None]
    value = sum(deal.value for deal in deals)
    return DealState(len(deals), value, sum(commissions), sum(weighted) if weighted else None)


def open_by_stage(snapshot: Mapping[str, DealReport], targets: Targets) -> list[StageState]:
    """Return what the open deals of a snapshot are worth by stage: in the order of STAGES, then by name."""
    stages: dict[str, dict[str, DealReport]] = {}
    for deal, report in snapshot.items():
        if report.status == "open":
            stages.setdefault(report.stage, {})[deal] = report
    return [
        StageState(
            stage,
            tuple(sorted((targets.commission(report.value) for report in stages[stage].values()), reverse=True)),
            open_value(stages[stage], targets).weighted,
        )
        for stage in sorted(stages, key=lambda name: (STAGES.index(name) if name in STAGES else len(STAGES), name))
    ]


def open_deals(
    snapshot: Mapping[str, DealReport], entries: Mapping[str, Sequence[StageEntry]], targets: Targets
) -> list[OpenDeal]:
    """Return the open deals of a snapshot, at the newest commission rate and the probability given or of the stage."""
    return [
        _open(report, entries.get(report.deal, ()), targets) for report in snapshot.values() if report.status == "open"
    ]


def won(snapshot: Mapping[str, DealReport], start: int, end: int, targets: Targets) -> int:
    """Return our commission in cents on the deals of a snapshot that were won in a span."""
    deals = (deal for deal in snapshot.values() if deal.status == "won" and start <= deal.closed_at < end)
    return sum(targets.commission(deal.value, deal.closed_at) for deal in deals)


def past_forecasts(reports: Sequence[DealReport], months: Iterable[date], targets: Targets) -> list[Forecast]:
    """Return, for the first days of past months, what would have been forecast that morning by what was known then.

    A month is left out that began without an open deal whose chance was known.
    """
    past = []
    for first in months:
        start = midnight(first, targets.zone)
        snapshot, entries = deal_snapshots(reports, start), stage_entries(reports, start)
        made = forecast(
            0 if snapshot else None,
            open_deals(snapshot, entries, targets),
            ClosingTimes(chain.from_iterable(entries.values()), start),
            Horizon.until(last_of_month(first), start, targets.zone),
        )
        if made is not None and made.deals:
            past.append(made)
    return past


def _before(until: int, reports: Sequence[DealReport]) -> Sequence[DealReport]:
    return reports[: bisect_left(reports, until, key=lambda report: report.at)]


def _report(row: Mapping[str, Any], zone: ZoneInfo) -> DealReport:
    at, closed = micros(_moment(row["time"])), row.get("closed_at")
    return DealReport(
        at,
        row["deal_id"],
        row["status"],
        cents(row["deal_value"]),
        stage_key(row.get("stage") or ""),
        row.get("probability"),
        0 if row["status"] == "open" else micros_of(closed, zone) if closed else at,
    )


def _entries(reports: Iterable[DealReport]) -> Iterator[StageEntry]:
    """Yield the entries of one deal."""
    runs = [list(run) for _, run in groupby(reports, key=lambda report: report.status == "open")]
    stage, none = "", list[DealReport]()
    for run, following in zip(runs, [*runs[1:], none], strict=True):
        if run[0].status != "open":
            continue
        entered: list[tuple[str, int]] = []
        for report in run:
            named = report.stage or stage
            if named and (named != stage or not entered):
                entered.append((named, report.at))
            stage = named
        close = following[-1] if following else None
        closed, won = (close.closed_at, close.status == "won") if close else (None, False)
        lefts: list[int | None] = [*(at for _, at in entered[1:]), closed]
        for (name, at), left in zip(entered, lefts, strict=False):
            yield StageEntry(name, at, left, closed, won)


def _open(report: DealReport, entries: Sequence[StageEntry], targets: Targets) -> OpenDeal:
    chance = probability(report.probability, report.stage)
    since = entries[-1].entered if entries else None
    return OpenDeal(targets.commission(report.value), None if chance is None else float(chance), report.stage, since)


def _moment(when: str | datetime) -> datetime:
    return parse_moment(when) if isinstance(when, str) else when
