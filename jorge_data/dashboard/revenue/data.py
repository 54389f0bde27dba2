"""The data of the revenue page: responses in the order and the columns of its charts; money in US dollars."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta

import pandas as pd

from jorge_data.charts import DRILL
from jorge_data.dashboard.query.page_query import MONTHS, PageQuery
from jorge_data.dashboard.query.requests import SeriesRequest, TableRequest, among, equals
from jorge_data.dashboard.revenue.deal_forecasts import DealForecasts
from jorge_data.dashboard.ui.page_data import Metric, PageData, value_or_refusal
from jorge_data.dashboard.ui.time_in_stage import words
from jorge_data.errors import RequestRefused
from jorge_data.events.money import cents
from jorge_data.events.timestamps import midnight, moment
from jorge_data.metrics.formatting import money, number, plural, portion, write_date, write_month
from jorge_data.metrics.statistics.deal_snapshots import StageState
from jorge_data.metrics.statistics.forecast import Forecast, last_of_month
from jorge_data.metrics.statistics.frame_counts import counts
from jorge_data.metrics.statistics.velocity import STAGES, StageTime

DEAL, STAY = "deal_state", "deal_stage"
OPEN, WON = (equals("status", "open"),), (equals("status", "won"),)
MONTHS_OF_YEAR = 12
STATUSES = ("won", "lost", "abandoned")
CLOSED = (among("status", STATUSES),)


def deal_sums(query: PageQuery) -> dict[str, SeriesRequest]:
    """Return the requests for the sums of all deals and the number of their reports, of any time."""
    sums = {
        name: query.series(DEAL, name, "sum", by=("status", "stage")) for name in ("value", "commission", "weighted")
    }
    asked = {**sums, "ever_reported": query.series("commission_update")}
    return {name: replace(request, start=None, end=None) for name, request in asked.items()}


@value_or_refusal
def pipeline(page_data: PageData, query: PageQuery, forecasts: DealForecasts, name: str) -> Metric:
    """Return what the open deals are worth now and when the period began; `name` is one of `deal_sums`.

    Of a period that is over it is what they were worth at its end, of which no list says which they were.
    """
    if is_over(query, forecasts):
        end, state = forecasts.state_at(_last(query)), forecasts.state_at(query.start) if query.compare else None
        then, began = (getattr(each, name) if each else None for each in (end, state))
        at_end = None if then is None else then / 100
        return Metric(at_end, None if began is None else began / 100, end.deals if end else None, since=query.start)
    now = page_data.figure(name, of=_open_sum)
    if page_data.series("commission").empty and forecasts.has_deals:  # all were deleted
        now = replace(now, now=0.0)
    state = forecasts.state_at(query.start) if query.compare else None
    n = _open_n(page_data.series("commission").frame)
    before = getattr(state, name) if state else None
    rows = TableRequest(query.location, DEAL, OPEN)
    return replace(now, before=None if before is None else before / 100, since=query.start, n=n, rows=rows)


def _last(query: PageQuery) -> datetime:
    return query.end - timedelta(microseconds=1)


def is_over(query: PageQuery, forecasts: DealForecasts) -> bool:
    """Return whether the period ended before the office's today: what is open now says nothing of it."""
    return not query.moving_period and _last(query).astimezone(query.office_zone).date() < forecasts.today


def as_of(query: PageQuery, forecasts: DealForecasts) -> PageQuery:
    """Return the query by the name of the moment that the pipeline is of: now, or the last day of a period over."""
    last = _last(query).astimezone(query.office_zone)
    return replace(query, label=write_date(last) if is_over(query, forecasts) else "now")


def unweighted(page_data: PageData) -> str:
    """Write how many open deals have no probability; "" where all have one, or where the server refused."""
    try:
        deals, weighted = (_open_n(page_data.series(name).frame) for name in ("commission", "weighted"))
    except RequestRefused:
        return ""
    return f"{number(deals - weighted)} open deals without a probability are left out" if deals > weighted else ""


@value_or_refusal
def won(page_data: PageData, query: PageQuery, forecasts: DealForecasts) -> Metric:
    """Return the commission won in the period: 0 where there are deals and none was won."""
    figure = page_data.figure("won")
    now = 0.0 if figure.now is None and forecasts.has_deals else figure.now
    had_deals = query.compare and forecasts.state_at(query.before.start) is not None
    return replace(figure, now=now, before=figure.before or 0.0 if had_deals else None)


def of_target(won: Metric, query: PageQuery, forecasts: DealForecasts) -> str:
    """Write how much of the target of a month or quarter is won and how much of it is over; "" for other spans."""
    if query.period not in MONTHS or won.now is None:
        return ""
    target, today = MONTHS[query.period] * forecasts.targets.monthly_target, forecasts.today
    first = query.start.astimezone(query.office_zone).date()
    last = last_of_month((first + timedelta(days=31 * (MONTHS[query.period] - 1))).replace(day=1))
    over = ((today - first).days + 1) / ((last - first).days + 1)
    return f"{portion(won.now / target)} of {money(cents(target))}; {portion(over)} of the time is over"


def pipeline_words(page_data: PageData, query: PageQuery, forecasts: DealForecasts) -> str:
    """Write how many open deals there are, or were at the end of a period that is over, and what they are worth."""
    try:
        if is_over(query, forecasts):
            end = forecasts.state_at(_last(query))
            return f"{plural(end.deals, 'deal')} worth {money(end.value)}" if end else ""
        frame = page_data.series("value").frame
    except RequestRefused:
        return ""
    worth = _open_sum(frame)
    return "" if worth is None else f"{plural(_open_n(frame), 'deal')} worth {money(cents(worth))}"


@value_or_refusal
def progress(page_data: PageData, query: PageQuery, forecasts: DealForecasts) -> Metric:
    """Return the commission won in the office's month as a share of the month's target, and those deals."""
    first = forecasts.today.replace(day=1)
    frame = page_data.series("won_by_month").frame
    month = frame[[t.date() >= first for t in frame["t"]]] if not frame.empty else frame
    share = float(month["value"].sum()) / forecasts.targets.monthly_target if forecasts.has_deals else None
    return Metric(share, n=int(month["n"].sum()), rows=_won_in(query, forecasts, first))


@value_or_refusal
def forecast(query: PageQuery, forecasts: DealForecasts, at: int) -> Metric:
    """Return the median forecast to the end of the month (`at` 0) or the quarter (1), and the open deals."""
    made = forecasts.horizons[at].forecast
    rows = TableRequest(query.location, DEAL, OPEN)
    return Metric(made.p50 / 100 if made else None, n=forecasts.open_count, rows=rows)


def win_rate(frame: pd.DataFrame) -> float | None:
    """Return the share of closed deals (by status) that were won."""
    closed = counts(frame, "status")
    return closed.of(("won",)) / sum(closed.values()) if closed else None


def stages(page_data: PageData, query: PageQuery, forecasts: DealForecasts) -> pd.DataFrame:
    """Return the commission of the open deals by stage, with the weighted commission and the number of deals.

    Of a period that is over they are the deals that were open at its end, of which no list says which they were.
    """
    if is_over(query, forecasts):
        return _stages_then(forecasts.stages_at(_last(query)))
    frames = [page_data.series(name).frame for name in ("commission", "weighted")]
    commission, weighted = (_by_stage(frame) for frame in frames)
    rows = [
        {
            "stage": stage_name(stage),
            "value": value,
            "weighted": weighted.get(stage, (None, 0))[0],
            "deals": n,
            "words": money(cents(value)) + (f" ({money(cents(weighted[stage][0]))})" if stage in weighted else ""),
            DRILL: TableRequest(query.location, DEAL, (*OPEN, equals("stage", stage))).token(),
        }
        for stage, (value, n) in commission.items()
    ]
    return pd.DataFrame(rows)


def commissions(query: PageQuery) -> TableRequest:
    """Return the request for the stage and commission of each open deal, the greatest first."""
    return TableRequest(query.location, "deals", OPEN, columns=("stage", "commission"), order="-value", limit=1000)


def cents_by_stage(page_data: PageData) -> dict[str, list[int]]:
    """Return the commission in cents of each open deal by stage; none where there are more than are read."""
    table = page_data.table("commissions")
    by_stage: dict[str, list[int]] = {}
    for stage, commission in table.rows if len(table.rows) == table.total else ():
        by_stage.setdefault(stage_name(stage or ""), []).append(cents(commission))
    return by_stage


def months(page_data: PageData, forecasts: DealForecasts) -> pd.DataFrame:
    """Return commission won by month since the first report of a deal; the current month has its forecast's range."""
    reports = page_data.frame("reports")
    if reports.empty:
        return reports
    since = reports[reports["n"] > 0]["t"].min()
    won_by_month = page_data.frame("months")
    columns = ["t", "value", "n", DRILL]
    months = reports[reports["t"] >= since][["t"]].merge(
        won_by_month[columns] if not won_by_month.empty else pd.DataFrame(columns=columns), how="left", on="t"
    )
    filled = months.fillna({"value": 0.0, "n": 0, DRILL: ""}).astype({"value": float})
    if len(filled) > 1 and not filled["n"].iloc[0]:
        # Of the month of the first report only a part is known: that nothing was won in it is no 0.
        filled = filled.iloc[1:].reset_index(drop=True)
    current, first = forecasts.horizons[0].forecast, forecasts.today.replace(day=1)
    return _ranged(filled, [current if t.date() == first else None for t in filled["t"]]).assign(
        month=filled["t"].map(write_month)
    )


def horizons(query: PageQuery, forecasts: DealForecasts) -> pd.DataFrame:
    """Return what is won so far by each horizon, with the forecast's range; a mark opens the open deals."""
    token = TableRequest(query.location, DEAL, OPEN).token()
    made = [(each.name, each.forecast) for each in forecasts.horizons if each.forecast is not None]
    rows = [{"horizon": f"End of {name}", "value": forecast.won / 100, DRILL: token} for name, forecast in made]
    return _ranged(pd.DataFrame(rows), [forecast for _, forecast in made])


def past_forecasts(query: PageQuery, forecasts: DealForecasts) -> pd.DataFrame:
    """Return the commission won in each past month, with the range as of its first morning; a mark opens its deals."""
    rows, is_one_year = [], len(forecasts.past_forecasts) <= MONTHS_OF_YEAR
    for forecast, won in forecasts.past_forecasts:
        first = forecast.last.replace(day=1)
        rows.append(
            {
                "month": write_month(first, with_year=not is_one_year),
                "value": won / 100,
                DRILL: _won_in(query, forecasts, first).token(),
            }
        )
    return _ranged(pd.DataFrame(rows), [forecast for forecast, _ in forecasts.past_forecasts])


def stage_times(listed: list[StageTime], period: PageQuery) -> pd.DataFrame:
    """Return the median time at each stage in seconds; a mark opens the deals that entered it."""
    rows = [
        {
            "stage": stage_name(stay.stage),
            "value": stay.median or 0.0,
            "words": words(stay),
            DRILL: period.rows(STAY, equals("stage", stay.stage)).token(),
        }
        for stay in listed
    ]
    return pd.DataFrame(rows)


def stage_name(stage: str) -> str:
    """Write a stage in words: "Under contract"."""
    return stage.replace("_", " ").capitalize() or "Not given"


def sources(frame: pd.DataFrame) -> pd.DataFrame:
    """Return closed deals by lead source and status; a source that was not given is named "not given"."""
    return frame.assign(source=frame["lead_source"].replace("", "not given"))


def won_parts(frame: pd.DataFrame) -> dict[str, tuple[int, int]]:
    """Return, for each lead source, how many deals were won of how many closed."""
    cells = counts(frame, "lead_source", "status")
    closed = {source: sum(n for key, n in cells.items() if key[0] == source) for source, _ in cells}
    return {source or "not given": (cells.of((source, "won")), n) for source, n in closed.items()}


def deals(query: PageQuery, status: str) -> TableRequest:
    """Return the request for the deals of a status, of any time, the greatest first."""
    return TableRequest(query.location, "deals", (equals("status", status),), order="-value")


def with_stage_age(now: datetime, frame: pd.DataFrame) -> pd.DataFrame:
    """Return the list of deals with the stage in words, and how many days each has been there."""
    since = pd.to_datetime(frame["stage_since"], utc=True, format="ISO8601")
    names = [stage_name(stage) for stage in frame["stage"].fillna("")]
    return frame.assign(stage=names, stage_age=(pd.Timestamp(now) - since).dt.total_seconds() / 86_400)


def _open(frame: pd.DataFrame) -> pd.DataFrame:
    return frame if frame.empty else frame[frame["status"] == "open"]


def _open_sum(frame: pd.DataFrame) -> float | None:
    return None if frame.empty else float(_open(frame)["value"].sum())


def _open_n(frame: pd.DataFrame) -> int:
    return 0 if frame.empty else int(_open(frame)["n"].sum())


def _stages_then(listed: Sequence[StageState]) -> pd.DataFrame:
    """Return the open deals of a past moment as `stages` does; none opens its deals."""
    rows = [
        {
            "stage": stage_name(each.stage),
            "value": sum(each.commissions) / 100,
            "weighted": None if each.weighted is None else each.weighted / 100,
            "deals": len(each.commissions),
            "words": money(sum(each.commissions)) + ("" if each.weighted is None else f" ({money(each.weighted)})"),
            DRILL: "",
        }
        for each in listed
    ]
    return pd.DataFrame(rows)


def _by_stage(frame: pd.DataFrame) -> dict[str, tuple[float, int]]:
    """Return the sum and the number of the open deals at each stage, in the order of the stages."""
    rows = _open(frame)
    if rows.empty:
        return {}
    sums = {
        str(stage): (float(value), int(n)) for stage, value, n in rows[["stage", "value", "n"]].itertuples(index=False)
    }
    return dict(sorted(sums.items(), key=lambda item: STAGES.index(item[0]) if item[0] in STAGES else len(STAGES)))


def _ranged(frame: pd.DataFrame, forecasts: Sequence[Forecast | None]) -> pd.DataFrame:
    """Return the frame with the range of each row's forecast, and its value in thousands as words."""
    if frame.empty:
        return frame
    ends = [(None,) * 3 if each is None else (each.p10 / 100, each.p50 / 100, each.p90 / 100) for each in forecasts]
    ranges = pd.DataFrame(ends, columns=["p10", "p50", "p90"], index=frame.index, dtype=float)
    return frame.join(ranges).assign(words=[number(value / 1000, 1) for value in frame["value"]])


def _won_in(query: PageQuery, forecasts: DealForecasts, first: date) -> TableRequest:
    """Return the request for the deals won in the office's month that begins on `first`."""
    zone, following = forecasts.targets.zone, last_of_month(first) + timedelta(days=1)
    start, end = (moment(midnight(day, zone)) for day in (first, following))
    return TableRequest(query.location, DEAL, WON, start, end)
