"""The data of the page of the system: responses in the order and the columns of its charts."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import cast
from zoneinfo import ZoneInfo

import pandas as pd

from jorge_data.charts import DRILL
from jorge_data.dashboard.query.page_query import DAY, PageQuery
from jorge_data.dashboard.query.requests import SeriesRequest, equals
from jorge_data.dashboard.query.responses import SeriesResponse
from jorge_data.dashboard.query.responses import with_drill_links as with_drill
from jorge_data.dashboard.ui.page_data import BEFORE, Metric, PageData, value_or_refusal
from jorge_data.events import KINDS
from jorge_data.events.envelope import OWN
from jorge_data.events.timestamps import micros
from jorge_data.metrics.formatting import duration, joined, milliseconds, percent
from jorge_data.metrics.names import kind_words, sentence_case
from jorge_data.metrics.statistics.period import Step, after, floor, zoned
from jorge_data.metrics.statistics.uptime import Uptime, overall, since_newest, strip, uptime
from jorge_data.permissions import Caller, may_see_kind

EVENT, TIME, NEWEST = "system_health_update", "component_time", "component_newest"
SPLIT = ("component", "status")
STATUS = {"up": "healthy", "degraded": "degraded", "down": "down", "unknown": "unknown"}
"""The name (and by it the colour) under which the strip shows each mark of the uptime."""

STRIP_STEPS = {"15m": 3 * DAY, "1h": 10 * DAY, "3h": 35 * DAY}
"""The longest span that the strip shows in each step; longer ones are shown by the day."""

NAMED, OTHERS = 4, "others"
OWN_DAYS = 30


def strip_step(query: PageQuery) -> str:
    """Return the step of the status strip: finer than that of other charts, since one bad minute marks all of it.

    No finer than can be seen: a month's marks are a pixel wide on a phone, four on a desk.
    """
    return next((step for step, longest in STRIP_STEPS.items() if query.end - query.start <= longest), "1d")


def newest_requests(query: PageQuery) -> dict[str, SeriesRequest]:
    """Return the requests for the newest report of each component up to the end of the period and of that before."""
    queries = {"newest": query} | ({BEFORE + "newest": query.before} if query.compare else {})
    return {
        name: replace(each.series(NEWEST, "reported_s", "sum", by=SPLIT), start=None) for name, each in queries.items()
    }


def known_time(page_data: PageData, query: PageQuery, down_until_reported: bool, before: str = "") -> pd.DataFrame:
    """Return the seconds in each status, as component, status and value, up to now; raise RequestRefused.

    `before` is BEFORE for the period before.
    """
    response, newest = page_data.series(f"{before}components"), page_data.series(f"{before}newest")
    period = query.before if before else query
    running = since_newest(newest.frame, period.start, period.end, response.answered_at, down_until_reported)
    frames = [frame for frame in (response.frame, running) if not frame.empty]
    return pd.concat(frames, ignore_index=True) if frames else running


def uptimes(page_data: PageData, query: PageQuery, down_until_reported: bool) -> list[Uptime]:
    """Return each component's uptime over the part of the period that has passed; raise RequestRefused."""
    passed = min(query.end, page_data.series("components").answered_at) - query.start
    return uptime(known_time(page_data, query, down_until_reported), passed.total_seconds())


def share(frame: pd.DataFrame) -> float | None:
    """Return the share of the known time (a sum by component, status) that components were up."""
    return overall(uptime(frame, 0))


@value_or_refusal
def up(page_data: PageData, query: PageQuery, down_until_reported: bool) -> Metric:
    """Return the share of the known time that components were up, up to now and in the period before."""
    frame, before = known_time(page_data, query, down_until_reported), None
    if BEFORE + "components" in page_data.requests:
        before = share(known_time(page_data, query, down_until_reported, BEFORE))
    return Metric(share(frame), before, page_data.series("p50").n, query.rows(EVENT))


@value_or_refusal
def unknown(page_data: PageData, query: PageQuery, down_until_reported: bool) -> Metric:
    """Return the longest unknown time of a component in seconds, and the reports of all."""
    figure = up(page_data, query, down_until_reported)
    if figure.refusal:
        return figure
    longest = max((each.unknown for each in uptimes(page_data, query, down_until_reported)), default=None)
    return Metric(longest, None, figure.n, figure.rows)


def own_query(query: PageQuery, now: datetime) -> PageQuery:
    """Return the query about this product's own components, over the last OWN_DAYS days."""
    name = f"{OWN_DAYS} d"
    return replace(
        query,
        location=OWN,
        start=now - timedelta(days=OWN_DAYS),
        end=now,
        label=f"last {name}",
        filters=(),
        compare=False,
        period=name,
        moving_period=name,
    )


def lane_marks(page_data: PageData, down_until_reported: bool) -> pd.DataFrame:
    """Return the marks of each component and step, as component, t, mark and share, up to now; raise RequestRefused."""
    response, newest = page_data.series("strip"), page_data.series("newest")
    period = response.period
    running = since_newest(newest.frame, period.start, period.end, response.answered_at, down_until_reported)
    steps = [floor(t.to_pydatetime(), period.step, period.zone) for t in running["t"]]
    frames = [frame for frame in (response.frame, running.assign(t=zoned(steps, period.zone))) if not frame.empty]
    return strip(pd.concat(frames, ignore_index=True) if frames else running, period)


def lanes(page_data: PageData, down_until_reported: bool) -> pd.DataFrame:
    """Return runs of the same status as component, status, share, start and end; a run opens its reports.

    Of a step in which a component was worse for a part of the time, its best status is drawn as if it were all of it,
    and the worse ones over that, as high as their share.
    """
    response, marks = page_data.series("strip"), lane_marks(page_data, down_until_reported)
    period = response.period
    now = response.answered_at.astimezone(period.zone)
    runs: list[dict[str, object]] = []
    whole: dict[str, object] = {}
    for component, t, mark, share in marks[["component", "t", "mark", "share"]].itertuples(index=False):
        if micros(t) >= micros(now):
            continue
        end = min(after(t.to_pydatetime(), period.step, period.zone), now, key=micros)
        run = {"component": component, "status": STATUS[mark], "share": share, "start": t.to_pydatetime(), "end": end}
        if share < 1:
            runs.append(run)
        elif (whole.get("component"), whole.get("status")) == (component, STATUS[mark]):
            whole["end"] = end
        else:
            runs.append(whole := run)
    frame = pd.DataFrame(runs, columns=["component", "status", "share", "start", "end"])
    return frame.assign(**{DRILL: [_reports(run, response.request) for run in runs]})


def lane_words(listed: list[Uptime]) -> dict[str, str]:
    """Return the words below each lane's name: the uptime, how long it was down, the unknown time from a minute on."""
    return {
        each.component: joined(
            "no data" if each.share is None else percent(each.share, 2),
            f"down {duration(each.down)}" if each.down >= 1 else "",
            f"{duration(each.unknown)} unknown" if each.unknown >= 60 else "",
        )
        for each in listed
    }


def responses(page_data: PageData) -> pd.DataFrame:
    """Return p95 of each component's response time with p50 beside it, the slowest first; raise RequestRefused."""
    frame = page_data.frame("p95_by").sort_values("value", ascending=False, kind="stable").reset_index(drop=True)
    medians = dict(zip(page_data.frame("p50_by")["component"], page_data.frame("p50_by")["value"], strict=True))
    pairs = zip(frame["component"], frame["value"], strict=True)
    words = [f"{milliseconds(value)} (half: {milliseconds(medians[name])})" for name, value in pairs]
    return frame.assign(words=words)


def event_questions(query: PageQuery, role: Caller) -> dict[str, SeriesRequest]:
    """Return the request for the events of every kind that a role may read, by its name."""
    return {kind: query.series(kind, step=query.step) for kind in KINDS if may_see_kind(role, kind)}


def kinds_of(page_data: PageData) -> list[str]:
    """Return the kinds whose events were asked for."""
    return [kind for kind in KINDS if kind in page_data.requests]


def which(page_data: PageData) -> str:
    """Return in words which events were asked for: ", of bots and components alone" where not of all kinds."""
    return "" if len(kinds_of(page_data)) == len(KINDS) else ", of bots and components alone"


def events(page_data: PageData) -> pd.DataFrame:
    """Return the events per minute of each step, of the NAMED most frequent kinds and the OTHERS together.

    A mark opens its kind's events; no single request lists those of several kinds. Raise RequestRefused.
    """
    happened = (kind for kind in kinds_of(page_data) if page_data.series(kind).n)
    counted = sorted(happened, key=lambda kind: -page_data.series(kind).n)
    frames = [page_data.series(kind).derived(_per_minute) for kind in counted[:NAMED]]
    if rare := [page_data.series(kind).derived(_per_minute) for kind in counted[NAMED:]]:
        others = pd.concat(rare).groupby("t", as_index=False)[["value", "n"]].sum()
        frames.append(others.assign(**{"kind": OTHERS, DRILL: ""}))
    return pd.concat(frames, ignore_index=True) if frames else pd.DataFrame(columns=["t", "value", "n", "kind", DRILL])


@value_or_refusal
def total(page_data: PageData) -> Metric:
    """Return how many events there are of the kinds asked for, without rows: no single request lists them."""
    return Metric(float(sum(page_data.series(kind).n for kind in kinds_of(page_data))))


def _per_minute(response: SeriesResponse) -> pd.DataFrame:
    request, frame = response.request, response.derived(with_drill)
    zone, step = ZoneInfo(request.zone), cast(Step, request.step)
    minutes = [(micros(after(t.to_pydatetime(), step, zone)) - micros(t)) / 60_000_000 for t in frame["t"]]
    return frame.assign(kind=sentence_case(kind_words(request.kind)), value=frame["value"] / minutes)


def _reports(run: dict[str, object], request: SeriesRequest) -> str:
    component, start, end = run["component"], cast(datetime, run["start"]), cast(datetime, run["end"])
    return request.rows(equals("component", component), start=start, end=end).token()
