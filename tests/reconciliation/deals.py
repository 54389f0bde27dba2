"""Deals recounted from the raw events, in plain Python; money in cents, at the rate in force on a day."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from decimal import ROUND_HALF_EVEN, Decimal
from itertools import groupby, zip_longest
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
    field('probability'), coalesce(field('lead_source'), ''),
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


class Visit(NamedTuple):
    """A visit of a stage and how the deal went on: `closed` is None while it is open."""

    stage: str
    entered: int
    left: int | None
    closed: int | None
    won: bool


def visits_to_the_close(deal: Deal) -> list[Visit]:
    """Return a deal's visits of stages, each with the newest close that it led to before the deal was reopened."""
    visits = list(stage_visits(deal))
    last_closes = [
        report
        for report, following in zip_longest(deal.reports, deal.reports[1:])
        if report.closed is not None and (following is None or following.closed is None)
    ]
    told = []
    for stage, entered, left in visits:
        close = next((each for each in last_closes if each.us >= entered), None)
        closed, won = (close.closed, close.status == "won") if close else (None, False)
        told.append(Visit(stage, entered, left, closed, won))
    return told


def share_won_in_time(known: Sequence[Deal], until: int, deal: Deal, at: int, end: int) -> tuple[float, float] | None:
    """Return which share of the wins like this deal's comes before `end`, and its standard error; None if unknown.

    By what was known of all deals at `until`; those still open where the curve ends are won by the deal's probability.
    """
    here = [visit for each in known for visit in visits_to_the_close(each) if visit.stage == deal.stage]
    taken = [
        (max(0, (visit.left or until) - visit.entered), max(0, (visit.closed or until) - visit.entered), visit)
        for visit in here
    ]
    stays = sorted(stay for stay, _, visit in taken if visit.won)
    mine = [entered for _, entered, _ in stage_visits(deal)]
    if len(stays) < 3 or not mine or deal.probability is None:
        return None
    age = max(0, at - mine[-1])
    if age > stays[-3]:
        age = max((stay + 1 for stay in stays if stay < stays[-3]), default=0)
    alike = [(time, visit) for stay, time, visit in taken if stay >= age]
    open_share, in_time, ever = 1.0, 0.0, 0.0
    for time in sorted({time for time, visit in alike if visit.closed is not None}):
        at_risk = sum(other >= time for other, _ in alike)
        ended = [visit.won for other, visit in alike if other == time and visit.closed is not None]
        share = open_share * sum(ended) / at_risk
        ever += share
        in_time += share if time <= age + end - at else 0
        open_share *= 1 - len(ended) / at_risk
    share = in_time / (ever + float(deal.probability) * open_share)
    wins = sum(visit.won for _, visit in alike)
    mean = sum(time for time, visit in alike if visit.won) / wins - age
    middle = (share * wins + (end - at + 1) / (end - at + max(0, mean) + 1)) / (wins + 1)
    return share, (middle * (1 - middle) / wins) ** 0.5


def part_of(cents: int, rate: Decimal) -> int:
    """Return a share of an amount in whole cents, a half going to the even cent."""
    return int((cents * rate).quantize(Decimal(1), ROUND_HALF_EVEN))


def office_date(us: int) -> date:
    return datetime.fromtimestamp(us // 1_000_000, ZONE).date()
