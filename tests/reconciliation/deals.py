"""Deals recounted from the raw events, in plain Python; money in cents, at the rate in force on a day."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from decimal import ROUND_HALF_EVEN, Decimal
from itertools import groupby
from typing import NamedTuple

from tests.reconciliation.deliveries import RATES, ZONE
from tests.reconciliation.raw_events import RawEvents

FIRST_RATE = Decimal("0.06")
LATER_RATES = [
    (date.fromisoformat(day), Decimal(rate)) for day, _, rate in (each.partition("=") for each in RATES.split(","))
]
STAGE_PROBABILITIES = {
    "prospect": "0.10",
    "qualified": "0.25",
    "showing": "0.40",
    "offer": "0.65",
    "under_contract": "0.90",
    "closed": "1.0",
}

REPORTS = r"""
SELECT field('deal_id') AS deal, us, field('status'), cents(number('deal_value')),
    lower(regexp_replace(trim(coalesce(field('stage'), '')), '[\s_-]+', '_', 'g')),
    field('probability'), field('expected_close'), coalesce(field('lead_source'), ''),
    CASE WHEN field('status') = 'open' THEN NULL
        ELSE coalesce(epoch_us(CAST(field('closed_at') AS TIMESTAMPTZ)), us) END
FROM events WHERE type = 'commission_update' ORDER BY deal, us, seq
"""


class Report(NamedTuple):
    deal: str
    us: int
    status: str
    value: int
    stage: str
    given: str | None
    expected_close: str | None
    lead_source: str
    closed: int | None


class Deal(NamedTuple):
    """A deal as of some moment: its reports in order, and the newest value of each detail."""

    reports: tuple[Report, ...]

    @property
    def newest(self) -> Report:
        return self.reports[-1]

    @property
    def stage(self) -> str:
        return next((report.stage for report in reversed(self.reports) if report.stage), "")

    @property
    def lead_source(self) -> str:
        return next((report.lead_source for report in reversed(self.reports) if report.lead_source), "")

    @property
    def expected_close(self) -> date | None:
        named = next((report.expected_close for report in reversed(self.reports) if report.expected_close), None)
        return date.fromisoformat(named) if named else None

    @property
    def commission(self) -> int:
        closed = self.newest.closed
        on = date.max if closed is None else office_date(closed)
        rate = next((rate for since, rate in reversed(LATER_RATES) if since <= on), FIRST_RATE)
        return part_of(self.newest.value, rate)

    @property
    def probability(self) -> Decimal | None:
        of_stage = STAGE_PROBABILITIES.get(self.stage)
        probability = self.newest.given or of_stage
        return Decimal(probability) if probability else None

    @property
    def weighted(self) -> int | None:
        return None if self.probability is None else part_of(self.commission, self.probability)


def read(raw: RawEvents, before: datetime | None = None) -> list[Deal]:
    """Return every deal, by the events before a moment; without one, by all events."""
    end = None if before is None else round(before.timestamp()) * 1_000_000
    reports = [Report(*row) for row in raw.rows(REPORTS)]
    happened = [report for report in reports if end is None or report.us < end]
    return [Deal(tuple(theirs)) for _, theirs in groupby(happened, key=lambda report: report.deal)]


def still_open(deals: Sequence[Deal]) -> list[Deal]:
    return [deal for deal in deals if deal.newest.status == "open"]


def closed_in(deals: Sequence[Deal], start: datetime, end: datetime, status: str = "") -> list[Deal]:
    """Return the deals that closed in a half-open span, of one status or of any."""
    first, last = (round(moment.timestamp()) * 1_000_000 for moment in (start, end))
    closed = [deal for deal in deals if deal.newest.closed is not None and first <= deal.newest.closed < last]
    return [deal for deal in closed if status in ("", deal.newest.status)]


def stage_visits(deal: Deal) -> Iterator[tuple[str, int, int | None]]:
    """Yield each visit of a stage: its name, when it was entered and when it was left, None where it goes on.

    A close ends a visit, at the closing time that was reported last; a deal that is reopened begins another visit.
    """
    here: tuple[str, int] | None = None
    last = ""
    ended: int | None = None
    for report in deal.reports:
        if report.closed is not None:
            ended = report.closed
        elif here is None or ended is not None or (report.stage and report.stage != last):
            if here is not None:
                yield *here, max(here[1], report.us if ended is None else ended)
            last = report.stage or last
            here, ended = ((last, report.us) if last else None), None
    if here is not None:
        yield *here, None if ended is None else max(here[1], ended)


def part_of(cents: int, rate: Decimal) -> int:
    """Return a share of an amount in whole cents, a half going to the even cent."""
    return int((cents * rate).quantize(Decimal(1), ROUND_HALF_EVEN))


def office_date(us: int) -> date:
    return datetime.fromtimestamp(us // 1_000_000, ZONE).date()
