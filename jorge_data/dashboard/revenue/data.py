"""What the revenue page draws: answers put in the order and the columns of its charts; money in US dollars."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta

import pandas as pd

from jorge_data.charts import DRILL
from jorge_data.dashboard.query.page_query import PageQuery
from jorge_data.dashboard.query.requests import TableRequest, among, equals
from jorge_data.dashboard.revenue.forecast import DealForecasts
from jorge_data.dashboard.ui.page_data import Metric, PageData, value_or_refusal
from jorge_data.dashboard.ui.time_in_stage import words
from jorge_data.errors import RequestRefused
from jorge_data.events.timestamps import midnight, moment
from jorge_data.metrics.formatting import cents, money
from jorge_data.metrics.statistics.counter import counts
from jorge_data.metrics.statistics.forecast import Forecast, last_of_month
from jorge_data.metrics.statistics.velocity import STAGES, StageTime

DEAL, STAY = "deal_state", "deal_stage"
OPEN, WON = (equals("status", "open"),), (equals("status", "won"),)
STATUSES = ("won", "lost", "abandoned")
CLOSED = (among("status", STATUSES),)


@value_or_refusal
def standing(page_data: PageData, query: PageQuery, outlook: DealForecasts, name: str) -> Metric:
    """Return what the open deals are worth (value, commission, weighted), now and when the period began."""
    found = page_data.figure(name, of=_open_sum)
    stood = outlook.stood(query.start) if query.compare else None
    n = _open_n(page_data.series("commission").frame)
    was = getattr(stood, name) if stood else None
    return replace(found, before=None if was is None else was / 100, n=n, rows=TableRequest(query.location, DEAL, OPEN))


def unweighted(page_data: PageData) -> str:
    """Write how many open deals have no probability; nothing where all have one, or where it is not known."""
    try:
        deals, weighed = (_open_n(page_data.series(name).frame) for name in ("commission", "weighted"))
    except RequestRefused:
        return ""
    return f"{deals - weighed:,} open deals without a probability are left out" if deals > weighed else ""


@value_or_refusal
def won(page_data: PageData, query: PageQuery, outlook: DealForecasts) -> Metric:
    """Return the commission won in the period: 0 where deals are known and none was won."""
    found = page_data.figure("won")
    now = 0.0 if found.now is None and outlook.known else found.now
    known_before = query.compare and outlook.stood(query.before.start) is not None
    return replace(found, now=now, before=found.before or 0.0 if known_before else None)


@value_or_refusal
def progress(page_data: PageData, query: PageQuery, outlook: DealForecasts) -> Metric:
    """Return the commission won in the office's month as a share of the month's target, and those deals."""
    first = outlook.today.replace(day=1)
    frame, known = page_data.series("quarter").frame, outlook.known
    month = frame[[t.date() >= first for t in frame["t"]]] if not frame.empty else frame
    share = float(month["value"].sum()) / outlook.targets.monthly_target if known else None
    return Metric(share, n=int(month["n"].sum()), rows=_won_in(query, outlook, first))


def win_rate(frame: pd.DataFrame) -> float | None:
    """Return the share of closed deals (by status) that were won."""
    closed = counts(frame, "status")
    return closed.of(("won",)) / sum(closed.values()) if closed else None


def stages(page_data: PageData, query: PageQuery) -> pd.DataFrame:
    """Return the commission of the open deals by stage, with what is weighted of it and how many deals there are."""
    frames = [page_data.series(name).frame for name in ("commission", "weighted")]
    whole, weighted = (_by_stage(frame) for frame in frames)
    rows = [
        {
            "stage": spoken(stage),
            "value": value,
            "weighted": weighted.get(stage, (None, 0))[0],
            "deals": n,
            "words": money(cents(value)) + _weighted(weighted.get(stage)),
            DRILL: TableRequest(query.location, DEAL, (*OPEN, equals("stage", stage))).token(),
        }
        for stage, (value, n) in whole.items()
    ]
    return pd.DataFrame(rows)


def cents_by_stage(frame: pd.DataFrame) -> dict[str, int]:
    """Return the commission of each stage of `stages` in cents."""
    return (
        {}
        if frame.empty
        else {stage: cents(value) for stage, value in zip(frame["stage"], frame["value"], strict=True)}
    )


def months(page_data: PageData, outlook: DealForecasts) -> pd.DataFrame:
    """Return commission won by month since deals are known; the month under way has its forecast's range."""
    heard = page_data.frame("heard")
    if heard.empty:
        return heard
    since = heard[heard["n"] > 0]["t"].min()
    won_by_month = page_data.frame("months")
    columns = ["t", "value", "n", DRILL]
    months = heard[heard["t"] >= since][["t"]].merge(
        won_by_month[columns] if not won_by_month.empty else pd.DataFrame(columns=columns), how="left", on="t"
    )
    filled = months.fillna({"value": 0.0, "n": 0, DRILL: ""}).astype({"value": float})
    ahead = outlook.horizons[0].found
    made = [ahead if t.date() == outlook.today.replace(day=1) else None for t in filled["t"]]
    return _ranged(filled, made).assign(month=filled["t"].dt.strftime("%b"))


def horizons(query: PageQuery, outlook: DealForecasts) -> pd.DataFrame:
    """Return what is won so far by each horizon, with the forecast's range; a mark opens the open deals."""
    known = [(each, each.found) for each in outlook.horizons if each.found is not None]
    token = TableRequest(query.location, DEAL, OPEN).token()
    rows = [{"horizon": f"End of {each.name}", "value": found.won / 100, DRILL: token} for each, found in known]
    return _ranged(pd.DataFrame(rows), [found for _, found in known])


def rehearsals(query: PageQuery, outlook: DealForecasts) -> pd.DataFrame:
    """Return what each past month brought, with the range forecast on its first morning."""
    firsts = [made.last.replace(day=1) for made, _ in outlook.rehearsals]
    frame = pd.DataFrame(
        {
            "month": [f"{first:%b}" for first in firsts],
            "value": [actual / 100 for _, actual in outlook.rehearsals],
            DRILL: [_won_in(query, outlook, first).token() for first in firsts],
        }
    )
    return _ranged(frame, [made for made, _ in outlook.rehearsals])


def velocity_marks(listed: list[StageTime], period: PageQuery) -> pd.DataFrame:
    """Return the median stay at each stage in seconds; a mark opens the stays."""
    rows = [
        {
            "stage": spoken(stay.stage),
            "value": stay.median or 0.0,
            "words": words(stay),
            DRILL: period.rows(STAY, equals("stage", stay.stage)).token(),
        }
        for stay in listed
    ]
    return pd.DataFrame(rows)


def spoken(stage: str) -> str:
    """Write a stage in words: "Under contract"."""
    return stage.replace("_", " ").capitalize() or "Not given"


def sources(frame: pd.DataFrame) -> pd.DataFrame:
    """Return closed deals by lead source and status; where no source was given, it says so."""
    return frame.assign(source=frame["lead_source"].replace("", "not given"))


def won_parts(frame: pd.DataFrame) -> dict[str, tuple[int, int]]:
    """Return, for each lead source, how many deals were won of how many closed."""
    cells = counts(frame, "lead_source", "status")
    closed = {source: sum(n for key, n in cells.items() if key[0] == source) for source, _ in cells}
    return {source or "not given": (cells.of((source, "won")), n) for source, n in closed.items()}


def listed(query: PageQuery, status: str) -> TableRequest:
    """Return the question for the deals of a status, the greatest first, whenever they were heard of."""
    return TableRequest(query.location, "deals", (equals("status", status),), order="-value")


def aged(now: datetime, frame: pd.DataFrame) -> pd.DataFrame:
    """Return the list of deals with the days that each has been at its stage."""
    since = pd.to_datetime(frame["stage_since"], utc=True, format="ISO8601")
    return frame.assign(stage_age=(pd.Timestamp(now) - since).dt.total_seconds() / 86_400)


def _open_sum(frame: pd.DataFrame) -> float | None:
    return None if frame.empty else float(frame[frame["status"] == "open"]["value"].sum())


def _open_n(frame: pd.DataFrame) -> int:
    return 0 if frame.empty else int(frame[frame["status"] == "open"]["n"].sum())


def _by_stage(frame: pd.DataFrame) -> dict[str, tuple[float, int]]:
    rows = frame[frame["status"] == "open"] if not frame.empty else frame
    found = {
        str(stage): (float(value), int(n))
        for stage, value, n in (zip(rows["stage"], rows["value"], rows["n"], strict=True) if len(rows) else ())
    }
    return dict(sorted(found.items(), key=lambda item: STAGES.index(item[0]) if item[0] in STAGES else len(STAGES)))


def _weighted(found: tuple[float, int] | None) -> str:
    return f" ({money(cents(found[0]))})" if found else ""


def _ranged(frame: pd.DataFrame, made: Sequence[Forecast | None]) -> pd.DataFrame:
    """Return the frame with the range of each row's forecast, and its value in thousands as words."""
    if frame.empty:
        return frame
    ends = [(None,) * 3 if each is None else (each.p10 / 100, each.p50 / 100, each.p90 / 100) for each in made]
    ranges = pd.DataFrame(ends, columns=["p10", "p50", "p90"], index=frame.index, dtype=float)
    return frame.join(ranges).assign(words=[f"{value / 1000:.1f}" for value in frame["value"]])


def _won_in(query: PageQuery, outlook: DealForecasts, first: date) -> TableRequest:
    zone, following = outlook.targets.zone, last_of_month(first) + timedelta(days=1)
    start, end = (moment(midnight(day, zone)) for day in (first, following))
    return TableRequest(query.location, DEAL, WON, start, end)
