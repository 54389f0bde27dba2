"""The data of the page of seller qualification: responses in the order and the columns of its charts."""

from dataclasses import replace
from datetime import UTC, datetime

import pandas as pd

from jorge_data.charts import DRILL, TENTHS, every_bin
from jorge_data.dashboard.query.page_query import PageQuery
from jorge_data.dashboard.query.requests import SeriesRequest, TableRequest, among, equals
from jorge_data.dashboard.ui.chart_card import largest
from jorge_data.dashboard.ui.page_data import Metric, PageData, value_or_refusal
from jorge_data.dashboard.ui.time_in_stage import age_requests, durations_and_ages, words
from jorge_data.events.timestamps import DAY, micros, moment, window_start
from jorge_data.metrics.definitions import questions
from jorge_data.metrics.formatting import duration, joined, number, portion
from jorge_data.metrics.statistics.counter import KeyCounter
from jorge_data.metrics.statistics.frame_counts import counts
from jorge_data.metrics.statistics.funnel import Funnel, funnel
from jorge_data.metrics.statistics.survival import kaplan_meier
from jorge_data.metrics.statistics.temperature_stock import TEMPERATURES, opening, stock
from jorge_data.metrics.statistics.velocity import StageTime

EVENT = "jorge_qualification_progress"
COHORT, STEP, STALL, MOVE = "seller_cohort", "seller_step", "seller_stall", "seller_move"
TOUCH, TOUCHED, UNTOUCHED = "human_touch", "touched", "untouched"
HEARD_WITHIN = 30 * DAY
SPREAD = "effectiveness_spread"
QUESTIONS = ("Q1", "Q2", "Q3", "Q4")


def hot_share(frame: pd.DataFrame) -> float | None:
    """Return the share of sellers (by reached, hot) that ever were hot."""
    sellers = funnel(frame)
    return sellers.hot / sellers.started if sellers and sellers.started else None


def answered_all(page_data: PageData, query: PageQuery) -> Metric:
    """Return how many of the sellers who started answered all four questions, and those very sellers."""
    figure = page_data.figure("cohort", of=_all_four)
    n = None if figure.now is None else int(figure.now)
    return replace(figure, n=n, rows=query.rows(COHORT, equals("reached", str(len(QUESTIONS)))))


def hot_request(query: PageQuery) -> SeriesRequest:
    """Return the request for the sellers heard of in the last 30 days, by temperature and whatever the period."""
    start = moment(window_start(micros(datetime.now(UTC)), HEARD_WITHIN))
    return replace(query.ask(questions.SELLERS, by=("temperature",)), start=start, end=None, period="30 days")


@value_or_refusal
def hot_sellers(page_data: PageData, query: PageQuery) -> Metric:
    """Return how many sellers are hot now, as on the wall, and those very sellers."""
    response = page_data.series("hot")
    hot = counts(response.frame, "temperature").of(("hot",))
    rows = TableRequest(query.location, "contacts", questions.HOT.where, response.request.start)
    return Metric(None if response.frame.empty else float(hot), n=hot, rows=rows)


def touch_requests(query: PageQuery) -> dict[str, SeriesRequest]:
    """Return the requests for how long those who turned hot waited for a person, and for those who still wait."""
    done = query.series(TOUCH, "duration_s", "bins", by=("state",), where=(equals("state", "done"),))
    return {TOUCHED: done, **age_requests(UNTOUCHED, query, TOUCH, "state", (equals("state", "open"),))}


@value_or_refusal
def speed_to_lead(page_data: PageData, query: PageQuery, q: float) -> Metric:
    """Return by when a share of those who turned hot had been spoken to by a person, in seconds."""
    done, waiting = durations_and_ages(page_data, "state", TOUCHED, UNTOUCHED)
    curve = kaplan_meier(done.get("done", ()), waiting.get("open", ()))
    return Metric(curve.quantile(q), n=curve.n, rows=query.rows(TOUCH))


@value_or_refusal
def rated_hot(page_data: PageData, query: PageQuery) -> Metric:
    """Return how many sellers are hot at the end of the period, and how many were at its beginning."""
    opened, moved = page_data.series("opened").frame, page_data.series("moved").frame
    if opened.empty and moved.empty:
        return Metric(None)
    before = opening(opened)
    now = KeyCounter(before)
    now.merge(opening(moved))
    rows = TableRequest(query.location, "contacts", (equals("temperature", "hot"),)) if query.period else None
    return Metric(now.of("hot"), before.of("hot") if query.compare else None, now.of("hot"), rows)


def stages(sellers: Funnel | None, medians: list[StageTime], query: PageQuery) -> pd.DataFrame:
    """Return a row for each stage of the funnel: its sellers, their share of all, the median seconds since the last."""
    times = {stay.stage: stay.median for stay in medians if stay.stage in QUESTIONS}
    rows = [
        {
            "stage": stage.name,
            "value": stage.n,
            "share": stage.of_start,
            "median_s": times.get(stage.name),
            "words": joined(
                f"{number(stage.n)}",
                "" if stage.of_start is None else portion(stage.of_start),
                "" if (seconds := times.get(stage.name)) is None else duration(seconds),
            ),
            DRILL: query.rows(COHORT, among("reached", stage.reached), among("hot", stage.hot)).token(),
        }
        for stage in (sellers.stages if sellers else ())
    ]
    return pd.DataFrame(rows)


def temperatures(page_data: PageData, query: PageQuery) -> pd.DataFrame:
    """Return the sellers at each temperature at the end of each step.

    Where the newest step ends now, its marks open its sellers; no request can list those of an earlier step.
    """
    changes = page_data.series("changes")
    frame = stock(opening(page_data.series("opened").frame), changes.frame, changes.period)
    newest = frame["t"].max() if query.period else None
    lists = {
        name: TableRequest(query.location, "contacts", (equals("temperature", name),)).token() for name in TEMPERATURES
    }
    marks = zip(frame["t"], frame["temperature"], strict=True)
    return frame.assign(**{DRILL: [lists[name] if t == newest else "" for t, name in marks]})


def moves(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the moves (by from, to) in words, the most frequent first."""
    ordered = frame.sort_values("value", ascending=False, kind="stable").reset_index(drop=True)
    names = [f"{before or 'new'} → {now}" for before, now in zip(ordered["from"], ordered["to"], strict=True)]
    return ordered.assign(move=names)


def tenths(frame: pd.DataFrame) -> pd.DataFrame:
    """Return a row for each ten points of effectiveness, with 0 where there are none."""
    return frame if frame.empty else every_bin(frame, pd.DataFrame({"bin": TENTHS}))


def by_question(frame: pd.DataFrame) -> pd.DataFrame:
    """Return a mean by current_question, which counts from 0, in the order of the questions."""
    named = frame.assign(question=[QUESTIONS[int(number)] for number in frame["current_question"]])
    words = [f"{number(mean)} · of {number(n)}" for mean, n in zip(named["value"], named["n"], strict=True)]
    return named.assign(words=words).sort_values("question").reset_index(drop=True)


def stall_parts(frame: pd.DataFrame) -> dict[str, tuple[int, int]]:
    """Return, by question, how many sellers stalled of how many at it (from a count by question, stalled)."""
    cells = counts(frame, "question", "stalled")
    parts = {name: (cells.of((name, "yes")), cells.of((name, "no"))) for name in QUESTIONS}
    return {name: (yes, yes + no) for name, (yes, no) in parts.items() if yes + no}


def types(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the types of stall as words, the most frequent first, each with its share; none is "without type"."""
    return largest(frame.assign(stall_type=frame["stall_type"].replace("", "without type")))


def stall_rates(frame: pd.DataFrame, query: PageQuery) -> pd.DataFrame:
    """Return the stall rate of each question; a mark opens the sellers who stalled there."""
    rows = [
        {
            "question": name,
            "value": yes / n,
            "words": f"{portion(yes / n)} · {number(yes)} of {number(n)}",
            DRILL: query.rows(STALL, equals("question", name), equals("stalled", "yes")).token(),
        }
        for name, (yes, n) in stall_parts(frame).items()
    ]
    return pd.DataFrame(rows)


def step_times(listed: list[StageTime], query: PageQuery) -> pd.DataFrame:
    """Return the median time of each question in seconds; a mark opens the sellers who began it."""
    rows = [
        {
            "step": stay.stage,
            "value": stay.median or 0.0,
            "words": words(stay),
            DRILL: query.rows(STEP, equals("step", stay.stage)).token(),
        }
        for stay in listed
    ]
    return pd.DataFrame(rows)


def _all_four(frame: pd.DataFrame) -> float | None:
    sellers = funnel(frame)
    return float(sellers.stages[len(QUESTIONS)].n) if sellers else None
